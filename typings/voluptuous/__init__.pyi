from probatio import (
    All as All,
    Any as Any,
    Coerce as Coerce,
    In as In,
    Invalid as Invalid,
    Length as Length,
    Match as Match,
    Optional as Optional,
    Range as Range,
    Required as Required,
    Schema as Schema,
)
