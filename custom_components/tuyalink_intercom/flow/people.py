"""The options flow's pages about people: who is known, and what they are called here.

Somebody who is known only by the number of a finger or a card is named after pressing it once.
"""

from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlowWithReload
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import TextSelector
from homeassistant.util import dt as dt_util

import voluptuous as vol

from ..model.registry import Known, Origin, Somebody, Subject, credential, everybody, nameless
from ..people.naming import async_name
from .schemas import one_of
from .texts import Words, load_words, plain

CONF_WHO: Final = "who"
_OFFERED: Final = 200
_SEPARATOR: Final = "|"
_AGAIN: Final = "again"
_NAME = TextSelector()


class PeopleSteps(OptionsFlowWithReload):
    """Names: what the owner of the home says beats what Tuya says."""

    _who: tuple[Subject, ...] = ()
    _called = ""

    async def async_step_people(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the user choose a person, or a number that nobody has a name for."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_running")
        words = await load_words(self.hass)
        labels, meant = self._offered(words)
        if not labels:
            return self.async_show_menu(step_id="people_none", menu_options=["people", "finish"])
        if user_input is not None and user_input[CONF_WHO] in meant:
            self._who = meant[user_input[CONF_WHO]]
            return await self.async_step_person()
        return self.async_show_form(
            step_id="people",
            data_schema=vol.Schema(
                {vol.Required(CONF_WHO): one_of({**labels, _AGAIN: words("people.options.again")})}
            ),
            last_step=False,
        )

    async_step_people_none = async_step_people

    async def async_step_person(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the name; an empty one brings back what Tuya says."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_running")
        if not self._who:
            return await self.async_step_people()
        coordinator = entry.runtime_data.coordinator
        registry, words = coordinator.people.known, await load_words(self.hass)
        name = registry.name(self._who[0])
        # A person is told by the name of before, a number by its place at the lock.
        self._called = self._number(self._who[0], words) if self._who[0][0] or not name else name
        if user_input is not None:
            said = user_input.get(CONF_NAME, "").strip()
            if said != name:
                async_name(coordinator, self._who, said)
            return await self.async_step_named()
        told = registry.known.get(self._who[0], Known()).told
        return self.async_show_form(
            step_id="person",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema({vol.Optional(CONF_NAME): _NAME}), {CONF_NAME: name}
            ),
            description_placeholders={
                "who": plain(name or self._number(self._who[0], words)),
                "told": plain(told) or "\N{EN DASH}",
            },
        )

    async def async_step_named(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what somebody is called now."""
        registry = self.config_entry.runtime_data.coordinator.people.known
        return self.async_show_menu(
            step_id="named",
            menu_options=["people", "finish"],
            description_placeholders={
                "who": plain(self._called),
                "name": plain(registry.name(self._who[0])) or "\N{EN DASH}",
            },
        )

    def _offered(self, words: Words) -> tuple[dict[str, str], dict[str, tuple[Subject, ...]]]:
        """Return labels by value, the nameless that came last first, and whom each means."""
        registry = self.config_entry.runtime_data.coordinator.people.known
        labels: dict[str, str] = {}
        meant: dict[str, tuple[Subject, ...]] = {}
        for subject, seen in nameless(registry):
            value = _SEPARATOR.join(subject)
            labels[value] = f"{self._number(subject, words)} ({_local(seen)})"
            meant[value] = (subject,)
        for somebody in everybody(registry):
            if somebody.name and len(labels) < _OFFERED:
                value = _SEPARATOR.join((somebody.id, somebody.name))
                labels[value] = self._label(somebody, words)
                meant[value] = (("", somebody.id),) if somebody.id else somebody.numbers
        return labels, meant

    def _label(self, somebody: Somebody, words: Words) -> str:
        carried: dict[str, list[str]] = {}
        for device_id, key in somebody.numbers:
            carried.setdefault(device_id, []).append(self._key(key, words))
        held = [f"{self._device(one)}: {', '.join(keys)}" for one, keys in carried.items()]
        origins = [words(f"origin.options.{one}") for one in Origin if one in somebody.origins]
        return f"{somebody.name} ({'; '.join([*held, *origins])})"

    def _number(self, subject: Subject, words: Words) -> str:
        """Return a number at a lock in words, a person's id as it is."""
        device_id, key = subject
        named = self._key(key, words)
        return f"{self._device(device_id)}: {named}" if device_id else named

    def _key(self, key: str, words: Words) -> str:
        if (told := credential(key)) is None:
            return key
        method, slot = told
        return f"{words(f'method.options.{method}')} {'' if slot is None else slot}".strip()

    def _device(self, device_id: str) -> str:
        device = self.config_entry.runtime_data.coordinator.device(device_id)
        return device_id if device is None else device.name


def _local(time: float) -> str:
    at: datetime = dt_util.as_local(dt_util.utc_from_timestamp(time))
    return at.strftime("%Y-%m-%d %H:%M")
