"""Repairs whose own words say that one may ignore them: once ignored, they stay so.

Home Assistant forgets that a repair was ignored when it is deleted, and shows the next as new.
"""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN


@callback
def async_close_hint(hass: HomeAssistant, issue_id: str) -> None:
    """Close a repair; one that was ignored stays where nobody sees it."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    if issue is not None and issue.dismissed_version is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
