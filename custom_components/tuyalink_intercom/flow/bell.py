"""The options flow's steps about the bell: press it, read what came, say what it was."""

import asyncio
from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlowWithReload

from ..const import CONF_TAUGHT, DOMAIN
from ..model.taught import MOST_TAUGHT
from .bell_test import LISTENS, BellTest, Ringing, bells_of, taught_from
from .schemas import heard_schema
from .texts import listed, load_words, plain


class BellSteps(OptionsFlowWithReload):
    """Press the bell now."""

    _test: BellTest | None = None
    _listening: asyncio.Task[None] | None = None

    async def async_step_bell(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask the user to the door."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        devices = entry.runtime_data.coordinator.data.devices
        bells = [device.name for device in bells_of(devices.values())]
        return self.async_show_menu(
            step_id="bell" if bells else "bell_none",
            menu_options=["listen", "finish"],
            description_placeholders={"bells": listed(map(plain, bells))},
        )

    async_step_bell_none = async_step_bell

    async def async_step_finish(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Leave everything as it is."""
        return self.async_create_entry(data=dict(self.config_entry.options))

    async def async_step_listen(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Wait for the bell."""
        if self._listening is None:
            if self.config_entry.state is not ConfigEntryState.LOADED:
                return self.async_abort(reason="not_loaded")
            self._test = BellTest(self.hass, self.config_entry)
            # Ends with the flow: Home Assistant cancels the progress task of a closed dialog.
            self._listening = self.hass.async_create_background_task(
                self._test.listen(), f"{DOMAIN} bell"
            )
        if not self._listening.done():
            return self.async_show_progress(
                step_id="listen",
                progress_action="listen",
                progress_task=self._listening,
                description_placeholders={"seconds": f"{LISTENS:.0f}"},
            )
        self._listening = None
        return self.async_show_progress_done(next_step_id="heard")

    async def async_step_heard(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what came, or what kept the ring away."""
        test = self._test
        if test is None or test.interrupted:
            return self.async_abort(reason="not_loaded")
        if test.ringing is not None:
            return await self._show_ring(test.ringing)
        words = await load_words(self.hass)
        cause = words(f"bell.options.{test.cause}")
        if not (heard := test.heard):
            return self.async_show_menu(
                step_id="silent",
                menu_options=["listen", "finish"],
                description_placeholders={"cause": cause},
            )
        if user_input is not None:
            options = self.config_entry.options
            taught = merged(options.get(CONF_TAUGHT, {}), taught_from(user_input))
            return self.async_create_entry(
                data={**options, CONF_TAUGHT: taught} if taught else dict(options)
            )
        return self.async_show_form(
            step_id="heard",
            data_schema=heard_schema(heard),
            description_placeholders={"cause": cause},
        )

    async_step_rang = async_step_silent = async_step_heard

    async def _show_ring(self, ringing: Ringing) -> ConfigFlowResult:
        words = await load_words(self.hass)
        late = "\N{EN DASH}" if ringing.delay is None else f"{ringing.delay:.1f} s"
        return self.async_show_menu(
            step_id="rang",
            menu_options=["listen", "finish"],
            description_placeholders={
                "device": plain(ringing.device),
                "what": words(f"bell.options.{ringing.what}"),
                "source": words(f"bell.options.{ringing.source}"),
                "carrier": ringing.carrier,
                "delay": late,
            },
        )


def merged(
    known: Mapping[str, Mapping[str, str]], more: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Add what was taught now to what was taught before; of a device, the newest are kept."""
    taught = {key: dict(names) for key, names in known.items()}
    for key, names in more.items():
        older = {name: said for name, said in taught.get(key, {}).items() if name not in names}
        taught[key] = dict([*{**older, **names}.items()][-MOST_TAUGHT:])
    return taught
