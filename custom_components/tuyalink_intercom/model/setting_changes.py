"""What happened to settings: changes as in `changes`, which joins them with all others."""

from dataclasses import dataclass

from .setting import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingReported:
    """The value of a setting, as it is shown; `None` for one that makes no sense.

    `seen` is the cloud time of its telling if `time` is by the device's clock.
    """

    device_id: str
    time: float
    setting: str
    value: Value | None
    seen: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelChosen:
    """We told a monitor to show a panel; with `None` it was not sent."""

    device_id: str
    time: float
    panel: str | None
