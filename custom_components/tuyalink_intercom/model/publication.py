"""A door of Home Assistant's that Tuya is to see: what it is made of, and in which codes.

`Publication` is what a user chose, read from a subentry's data; nothing here speaks with anybody.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self, TypeGuard

type Value = bool | int | float | str
"""What a property, or an output of an event or action, can be here."""

LONGEST_NAME, SHORTEST_NAME = 50, 4
"""Characters that Tuya allows a device's name."""
LONGEST_CODE: Final = 64


class Part(StrEnum):
    """What a published door is made of: keys of a subentry's data, each one entity or several."""

    LOCK = "lock"
    DOORBELL = "doorbell"
    ACCESS = "access"
    LEAF = "door"
    ALARMS = "alarms"
    BATTERY = "battery"
    PICTURE = "picture"
    ACTIONS = "actions"


SEVERAL: Final = frozenset({Part.ALARMS, Part.ACTIONS})
"""Parts that are lists of entities."""


class Role(StrEnum):
    """What a code of the product's thing model stands for."""

    BOLT = "bolt"
    """Property, read and written: true while the lock is unlocked."""
    LEAF = "leaf"
    """Property: true while the door is open."""
    ALARMING = "alarming"
    """Property: true while any of the alarm sensors is on."""
    BATTERY = "battery"
    """Property: percent."""
    PICTURE = "picture"
    """Property: address of the newest picture, good for minutes."""
    RING = "ring"
    """Event."""
    ACCESS = "access"
    """Event; outputs `result`, `method`, `person`."""
    ALARM = "alarm"
    """Event; output `kind`."""
    UNLOCK = "unlock"
    """Action; output `state`."""
    LOCK = "lock"
    """Action; output `state`."""


CODES: Final[Mapping[Role, str]] = MappingProxyType(
    {
        # Tuya's own names of the standard set where it has one.
        Role.BOLT: "lock_motor_state",
        Role.LEAF: "doorcontact_state",
        Role.ALARMING: "alarm_active",
        Role.BATTERY: "battery_percentage",
        Role.PICTURE: "picture_url",
        Role.RING: "ring",
        Role.ACCESS: "access",
        Role.ALARM: "alarm",
        Role.UNLOCK: "unlock",
        Role.LOCK: "lock",
    }
)
"""The codes of the ready function list."""

PROPERTIES: Final = (Role.BOLT, Role.LEAF, Role.ALARMING, Role.BATTERY, Role.PICTURE)
EVENTS: Final = (Role.RING, Role.ACCESS, Role.ALARM)
ACTIONS: Final = (Role.UNLOCK, Role.LOCK)

_ROLES: Final[Mapping[Part, tuple[Role, ...]]] = {
    Part.LOCK: (Role.BOLT, Role.UNLOCK, Role.LOCK),
    Part.DOORBELL: (Role.RING,),
    Part.ACCESS: (Role.ACCESS,),
    Part.LEAF: (Role.LEAF,),
    Part.ALARMS: (Role.ALARMING, Role.ALARM),
    Part.BATTERY: (Role.BATTERY,),
    Part.PICTURE: (Role.PICTURE,),
}

# Keys of a subentry's data, beside those of `Part`.
THIRD_ID: Final = "third_id"
DEVICE_ID: Final = "device_id"
PRODUCT_ID: Final = "product_id"
GATEWAY: Final = "gateway"
BINDING: Final = "binding"
GROUP_ID: Final = "group_id"
ROLE_CODES: Final = "codes"
ACTION_CODES: Final = "action_codes"
CONTROL: Final = "control"
QUIET_FROM: Final = "quiet_from"
QUIET_TO: Final = "quiet_to"


class UnusablePublicationError(ValueError):
    """What is stored of a published door does not even say which one it is."""


class Binding(StrEnum):
    """How a published device comes to a user of Tuya's app."""

    NONE = "none"
    QR_CODE = "qr_code"
    GROUP = "group"
    """By the id of a home or an asset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What of a project is Home Assistant's own: it must not come back as Tuya's."""

    devices: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One published door, as its user wants it."""

    name: str
    third_id: str
    """Our own id of it, which Tuya knows it by: stable, letters and digits."""
    device_id: str
    """Tuya's id of it."""
    product_id: str
    entities: Mapping[Part, tuple[str, ...]]
    """Entity ids; of most parts there is one."""
    codes: Mapping[Role, str]
    actions: Mapping[str, str] = field(default_factory=dict)
    """What further actions run: entity ids of scripts, buttons and the like by action code."""
    gateway: str | None = None
    """Our own id of the published device that it is behind."""
    binding: Binding = Binding.NONE
    group_id: str | None = None
    control: bool = False
    """Whether Tuya's side may open and lock it."""
    quiet_from: time | None = None
    """From this local time on it does not open for Tuya's side, until `quiet_to`."""
    quiet_to: time | None = None
    doubled: tuple[str, ...] = ()
    """Codes that were chosen for more than one thing: no product can hold them."""

    @classmethod
    def of(cls, name: str, data: Mapping[str, Any]) -> Self:
        """Read a subentry's title and data; raises UnusablePublicationError.

        What else is broken counts as not chosen: above all, control is off.
        """
        third_id, product_id = _text(data.get(THIRD_ID)), _text(data.get(PRODUCT_ID))
        if third_id is None or product_id is None:
            raise UnusablePublicationError("no id of its own or no product")
        entities = {part: _chosen(part, data) for part in Part}
        roles = [role for part in Part if entities[part] for role in _ROLES.get(part, ())]
        codes = {role: _own_code(data, ROLE_CODES, role) or CODES[role] for role in roles}
        actions = [
            (_own_code(data, ACTION_CODES, one) or action_code(one), one)
            for one in entities[Part.ACTIONS]
        ]
        return cls(
            name=name,
            third_id=third_id,
            device_id=_text(data.get(DEVICE_ID)) or "",
            product_id=product_id,
            entities={part: chosen for part, chosen in entities.items() if chosen},
            codes=codes,
            actions=dict(actions),
            gateway=_text(data.get(GATEWAY)),
            binding=_binding(data.get(BINDING)),
            group_id=_text(data.get(GROUP_ID)),
            control=data.get(CONTROL) is True,
            quiet_from=_time(data.get(QUIET_FROM)),
            quiet_to=_time(data.get(QUIET_TO)),
            doubled=_doubled([*codes.values(), *(code for code, _ in actions)]),
        )

    def entity(self, part: Part) -> str | None:
        """Return the entity of a part that is one."""
        return next(iter(self.entities.get(part, ())), None)

    def code(self, role: Role) -> str | None:
        """Return the code of a role, `None` where the door has no part for it."""
        return self.codes.get(role)

    @property
    def urgent(self) -> frozenset[str]:
        """Codes of the properties that cannot wait: how the door stands, and alarms."""
        hasty = (Role.BOLT, Role.LEAF, Role.ALARMING)
        return frozenset(self.codes[role] for role in hasty if role in self.codes)

    @property
    def roles(self) -> Mapping[str, Role]:
        """What each code stands for."""
        return {code: role for role, code in self.codes.items()}


def is_code(told: object) -> TypeGuard[str]:
    """Tell whether something can be a code at all; who types one is held to more."""
    return isinstance(told, str) and 0 < len(told) <= LONGEST_CODE and told.isprintable()


def action_code(entity_id: str) -> str:
    """Return the code that an action has unless its user chose another."""
    name = entity_id.partition(".")[2]
    # Tuya's codes begin with a letter, an entity's id may begin with a digit.
    return (name if name[:1].isalpha() else f"run_{name}")[:LONGEST_CODE]


def renamed(data: Mapping[str, Any], old: str, new: str) -> Mapping[str, Any]:
    """Return a subentry's data in which an entity has another id; its action keeps its code."""
    found = {part.value: _with(data[part], old, new) for part in Part if part in data}
    if old in _chosen(Part.ACTIONS, data):
        codes = data.get(ACTION_CODES)
        others = dict(codes) if isinstance(codes, Mapping) else {}
        others.pop(old, None)
        code = _own_code(data, ACTION_CODES, old) or action_code(old)
        found[ACTION_CODES] = {**others, new: code}
    return {**data, **found}


def _with(told: object, old: str, new: str) -> object:
    if isinstance(told, list | tuple):
        return [_with(one, old, new) for one in told] if old in told else told
    return new if told == old else told


def _chosen(part: Part, data: Mapping[str, Any]) -> tuple[str, ...]:
    told = data.get(part)
    listed = told if isinstance(told, list | tuple) else [told]
    found = dict.fromkeys(one for one in listed if isinstance(one, str) and "." in one)
    return tuple(found)[: None if part in SEVERAL else 1]


def _own_code(data: Mapping[str, Any], kind: str, name: str) -> str | None:
    codes = data.get(kind)
    code = codes.get(name) if isinstance(codes, Mapping) else None
    return code if is_code(code) else None


def _doubled(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(code for code, times in Counter(codes).items() if times > 1)


def _text(told: object) -> str | None:
    return told if isinstance(told, str) and told else None


def _binding(told: object) -> Binding:
    return next((one for one in Binding if one == told), Binding.NONE)


def _time(told: object) -> time | None:
    try:
        # A zone would make it incomparable; it is local time by meaning.
        return time.fromisoformat(told).replace(tzinfo=None) if isinstance(told, str) else None
    except ValueError:
        return None
