"""Repairs of a project: raised under a name of its own, closed, and gone with the project."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

DOCUMENTATION: Final = "https://github.com/tuyalink-intercom/ha-tuyalink-intercom"


@callback
def async_raise(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    key: str,
    *,
    name: str | None = None,
    told: Mapping[str, str] | None = None,
    chapter: str | None = None,
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
    fixable: bool = False,
) -> None:
    """Raise a repair, or change what it says.

    `key`: of its words. `name`: what it is known by, where one repair has several words. `told`:
    what the words name, beside the project. `chapter`: of the README, by its anchor. One that is
    `fixable` has a flow in `repairs`, which is given the entry's id.
    """
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(entry, name or key),
        data={"entry_id": entry.entry_id} if fixable else None,
        is_fixable=fixable,
        severity=severity,
        translation_key=key,
        translation_placeholders={"project": entry.title, **(told or {})},
        learn_more_url=f"{DOCUMENTATION}#{chapter}" if chapter else None,
    )


@callback
def async_tell_of_removed(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    key: str,
    told: Mapping[str, str],
    chapter: str,
) -> None:
    """Raise a repair about a project that is being removed: it stays until it is ignored."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        # Not by the name that `async_withdraw` looks for.
        f"{key}_by_{entry.entry_id}_then",
        is_fixable=False,
        # The entry is gone: after a restart nothing would raise it again.
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={"project": entry.title, **told},
        learn_more_url=f"{DOCUMENTATION}#{chapter}",
    )


@callback
def async_close(hass: HomeAssistant, entry: ConfigEntry[Any], name: str) -> None:
    """Close a repair, if it is there."""
    ir.async_delete_issue(hass, DOMAIN, issue_id(entry, name))


@callback
def async_close_hint(hass: HomeAssistant, entry: ConfigEntry[Any], name: str) -> None:
    """Close a repair whose own words say that one may ignore it; one that was ignored stays so.

    Home Assistant forgets that a repair was ignored when it is deleted, and shows the next as new.
    """
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id(entry, name))
    if issue is not None and issue.dismissed_version is None:
        async_close(hass, entry, name)


@callback
def async_withdraw(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Close every repair of an entry that is removed, ignored ones too."""
    end = issue_id(entry, "")
    for domain, found in [*ir.async_get(hass).issues]:
        if domain == DOMAIN and found.endswith(end):
            ir.async_delete_issue(hass, DOMAIN, found)


def issue_id(entry: ConfigEntry[Any], name: str) -> str:
    """Return what Home Assistant knows a repair of an entry by."""
    return f"{name}_{entry.entry_id}"
