"""The options flow's pages for leaving: which of our keys still open, and deleting them."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

import voluptuous as vol

from ..const import DOMAIN
from ..keys.revoking import OFFLINE_CODE, Revoked, async_revoke
from ..model.keys import Key, KeyKind
from ..model.left_behind import Standing, standing
from ..model.persons import shown_as
from .texts import Words, load_words, plain

CONF_KEYS: Final = "keys"
_AT_ONCE: Final = 4
_SHOWN: Final = 50


class LeavingSteps(OptionsFlowWithReload):
    """What of ours still lives at Tuya and at the doors, and goes while there are keys for it."""

    _chosen: tuple[Key, ...] = ()
    _revoked: tuple[Revoked, ...] = ()
    _revoking: asyncio.Task[None] | None = None

    async def async_step_leaving(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """List what is left; what is ticked is deleted."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_running")
        if self._revoking is not None:
            return await self.async_step_revoking()
        data, words = entry.runtime_data, await load_words(self.hass)
        found = [*standing(data.keys.all(), data.coordinator.cloud.now())]
        fixed = [one for one in found if one.key.kind is KeyKind.OFFLINE_CODE]
        open_ = {one.id: one for one in found if one not in fixed}
        told = {"offline": await self._offline(fixed, words)}
        if not open_:
            return self.async_show_menu(
                step_id="leaving_none", menu_options=["finish"], description_placeholders=told
            )
        if user_input is not None and user_input[CONF_KEYS]:
            chosen = (open_[key].key for key in user_input[CONF_KEYS] if key in open_)
            self._chosen = tuple(chosen)
            return await self.async_step_revoking()
        labels = {key: self._described(one, words) for key, one in open_.items()}
        return self.async_show_form(
            step_id="leaving",
            data_schema=_schema(labels),
            errors={} if user_input is None else {CONF_KEYS: "nothing_chosen"},
            description_placeholders=told,
        )

    async_step_leaving_none = async_step_leaving

    async def async_step_revoking(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Delete what was chosen, and show how far that is."""
        if self._revoking is None:
            # Ends with the flow: Home Assistant cancels the progress task of a closed dialog.
            self._revoking = self.hass.async_create_background_task(
                self._revoke(), f"{DOMAIN} leaving"
            )
        if not self._revoking.done():
            return self.async_show_progress(
                step_id="revoking",
                progress_action="revoking",
                progress_task=self._revoking,
                description_placeholders={"count": str(len(self._chosen))},
            )
        self._revoking = None
        return self.async_show_progress_done(next_step_id="revoked")

    async def async_step_revoked(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what went, and what did not and why; that stays listed."""
        words = await load_words(self.hass)
        left = [one for one in self._revoked if one.why]
        return self.async_show_menu(
            step_id="not_revoked" if left else "revoked",
            menu_options=["leaving", *(["forget"] if left else []), "finish"],
            description_placeholders={
                "gone": str(len(self._revoked) - len(left)),
                "left": str(len(left)),
                "reasons": await self._reasons(left, words),
            },
        )

    async_step_not_revoked = async_step_revoked

    async def async_step_forget(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Strike what did not go off the list: others may have deleted it, or its device."""
        entry = self.config_entry
        if entry.state is ConfigEntryState.LOADED:
            for one in self._revoked:
                if one.why:
                    entry.runtime_data.keys.forget(one.key)
        self._revoked = ()
        return await self.async_step_leaving()

    async def _revoke(self) -> None:
        """Take keys back, a few at a time: a terminal may take its time to answer."""
        turns, done = asyncio.Semaphore(_AT_ONCE), list[Revoked]()

        async def take_back(key: Key) -> None:
            async with turns:
                done.append(await async_revoke(self.hass, self.config_entry, key))
            self._revoked = tuple(done)
            self.async_update_progress(len(done) / len(self._chosen))

        self._revoked = ()
        async with asyncio.TaskGroup() as group:
            for key in self._chosen:
                group.create_task(take_back(key))

    def _described(self, one: Standing, words: Words) -> str:
        return ", ".join([self._named(one.key, words), *_carried(one, words)])

    def _named(self, key: Key, words: Words) -> str:
        device = self._device(key.device_id)
        until = "" if key.end is None else f" (\N{RIGHTWARDS ARROW} {_local(key.end)})"
        return f"{device}: {words(f'key.options.{key.kind}')} {key.name or shown_as(key)}{until}"

    def _device(self, device_id: str) -> str:
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return device_id
        device = entry.runtime_data.coordinator.device(device_id)
        return device_id if device is None else device.name

    async def _offline(self, fixed: list[Standing], words: Words) -> str:
        """Say which codes nobody can take back."""
        if not fixed:
            return ""
        return _lines(
            f"{plain(self._named(one.key, words))}: {words(f'revoked.options.{OFFLINE_CODE}')}"
            for one in fixed
        )

    async def _reasons(self, left: list[Revoked], words: Words) -> str:
        errors = await async_get_translations(
            self.hass, self.hass.config.language, "exceptions", {DOMAIN}
        )

        def because(one: Revoked) -> str:
            key = f"component.{DOMAIN}.exceptions.{one.why}.message"
            return errors[key].format(**one.told) if key in errors else _why(one, words)

        return _lines(f"{plain(self._named(one.key, words))}: {because(one)}" for one in left)


def _schema(labels: dict[str, str]) -> vol.Schema:
    options = [SelectOptionDict(value=key, label=label) for key, label in labels.items()]
    choice = SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
    return vol.Schema({vol.Required(CONF_KEYS, default=[*labels]): SelectSelector(choice)})


def _carried(one: Standing, words: Words) -> Iterator[str]:
    """Yield how many of each kind a person carries."""
    for kind in KeyKind:
        if count := sum(key.kind is kind for key in one.carried):
            yield f"{words(f'key.options.{kind}')} \N{MULTIPLICATION SIGN} {count}"


def _why(one: Revoked, words: Words) -> str:
    return words(f"revoked.options.{one.why}")


def _lines(lines: Iterable[str]) -> str:
    """Return a list in Markdown; of a very long one the first, and how many more."""
    lines = [*lines]
    more = [f"+{len(lines) - _SHOWN}"] if len(lines) > _SHOWN else []
    return "\n".join(f"- {line}" for line in [*lines[:_SHOWN], *more])


def _local(time: float) -> str:
    return dt_util.as_local(dt_util.utc_from_timestamp(time)).strftime("%Y-%m-%d %H:%M")
