"""The steps of a published door's flow that look whether Tuya sees it: verdicts with their cures.

Nothing that is stored changes here, so every way out is an abort in friendly words.
"""

import asyncio
from typing import Any

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)

from ..const import DOMAIN
from ..model.publication import Publication, Role
from ..publishing.door import PublishedDoor
from ..publishing.verdicts import Step, Verdict
from ..publishing.verification import COMMAND_S, Verification
from ..runtime import TuyaLinkConfigEntry
from .texts import Words, load_words, plain, told_error

_MARKS = {True: "\N{CHECK MARK}", False: "\N{BALLOT X}", None: "\N{EN DASH}"}
_OPEN = "\N{HORIZONTAL ELLIPSIS}"
_TELLING = (Role.BOLT, Role.UNLOCK, Role.LOCK)


class CheckSteps(ConfigSubentryFlow):
    """Look whether Tuya sees the door, then whether its commands arrive."""

    _verification: Verification | None = None
    _looking: asyncio.Task[None] | None = None
    _awaiting: asyncio.Task[Verdict] | None = None
    _command: Verdict | None = None

    async def async_step_check(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Look at all that needs nobody's help."""
        if self._looking is None:
            door = self._published_door()
            if door is None:
                return self.async_abort(reason="not_loaded")
            self._verification = Verification(self.hass, self._get_entry(), door)
            # Ends with the flow: Home Assistant cancels the progress task of a closed dialog.
            self._looking = self.hass.async_create_background_task(
                self._verification.run(), f"{DOMAIN} check"
            )
        if not self._looking.done():
            return self.async_show_progress(
                step_id="check",
                progress_action="check",
                progress_task=self._looking,
                description_placeholders=self._named(),
            )
        self._looking = None
        return self.async_show_progress_done(next_step_id="checked")

    async def async_step_checked(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what Tuya sees, and what can be done about what it does not."""
        seen = self._verification
        if seen is None or seen.interrupted:
            return self.async_abort(reason="not_loaded")
        words, told = await load_words(self.hass), {one.step: one for one in seen.verdicts}
        commandable = bool(_commands(seen.publication))
        steps = [step for step in Step if commandable or step is not Step.COMMAND]
        return self.async_show_menu(
            step_id="checked" if commandable else "checked_all",
            menu_options=[*(["await_command"] if commandable else []), "check", "finish_check"],
            description_placeholders={
                **self._named(),
                "steps": "\n".join(_line(words, step, told.get(step)) for step in steps),
            },
        )

    async_step_checked_all = async_step_checked

    async def async_step_await_command(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Wait until somebody tells the door something from Tuya's side."""
        seen = self._verification
        if seen is None or (self._awaiting is None and seen.interrupted):
            return self.async_abort(reason="not_loaded")
        if self._awaiting is None:
            self._awaiting = self.hass.async_create_background_task(
                seen.command(), f"{DOMAIN} command"
            )
        if not self._awaiting.done():
            codes = ", ".join(f"`{code}`" for code in _commands(seen.publication))
            return self.async_show_progress(
                step_id="await_command",
                progress_action="await_command",
                progress_task=self._awaiting,
                description_placeholders={
                    **self._named(),
                    "seconds": f"{COMMAND_S:.0f}",
                    "codes": codes,
                },
            )
        self._command, self._awaiting = self._awaiting.result(), None
        step = "command_missing"
        if self._command.ok:
            step = "command_came"
        elif seen.deaf is not None:
            # Whether one was sent makes no difference.
            step = "command_lost"
        return self.async_show_progress_done(next_step_id=step)

    async def async_step_command_came(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what came, and what became of it."""
        seen = self._verification
        if seen is None or seen.interrupted:
            return self.async_abort(reason="not_loaded")
        words, handled = await load_words(self.hass), seen.handled
        outcome = words(f"published_check.options.{handled.outcome if handled else 'running'}")
        if handled is not None and handled.reason is not None:
            outcome += f". {words(f'published_command.options.{handled.reason}')}"
        return self.async_show_menu(
            step_id="command_came",
            menu_options=["await_command", "finish_check"],
            description_placeholders={
                **self._named(),
                "what": plain(handled.what) if handled else "\N{EN DASH}",
                "outcome": outcome.removesuffix("."),
            },
        )

    async def async_step_command_missing(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask whether there was anything to arrive."""
        if self._verification is None or self._verification.interrupted:
            return self.async_abort(reason="not_loaded")
        return self.async_show_menu(
            step_id="command_missing",
            menu_options=["await_command", "command_lost", "finish_check"],
            description_placeholders={**self._named(), "seconds": f"{COMMAND_S:.0f}"},
        )

    async def async_step_command_lost(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what most likely kept the command away, now and in a repair."""
        seen, verdict = self._verification, self._command
        if seen is None or seen.interrupted or verdict is None:
            return self.async_abort(reason="not_loaded")
        if seen.deaf is None:
            seen.command_lost()
        words = await load_words(self.hass)
        return self.async_show_menu(
            step_id="command_lost",
            menu_options=["await_command", "finish_check"],
            description_placeholders={**self._named(), "cure": _cure(words, verdict)},
        )

    async def async_step_finish_check(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Leave everything as it is."""
        return self.async_abort(reason="checked")

    def _published_door(self) -> PublishedDoor | None:
        entry: TuyaLinkConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        subentry_id = self._get_reconfigure_subentry().subentry_id
        return entry.runtime_data.published.doors.get(subentry_id)

    def _named(self) -> dict[str, str]:
        return {"door": plain(self._get_reconfigure_subentry().title)}


def _commands(publication: Publication) -> list[str]:
    """Return the codes by which Tuya's side can tell the door anything."""
    codes = [code for role in _TELLING if (code := publication.code(role))]
    return [*codes, *publication.actions]


def _line(words: Words, step: Step, verdict: Verdict | None) -> str:
    name = words(f"published_check.options.{step}")
    if verdict is None:
        return f"- {_OPEN} {name}"
    mark = _MARKS[verdict.ok]
    return f"- {mark} **{name}**{f': {cure}' if (cure := _cure(words, verdict)) else ''}"


def _cure(words: Words, verdict: Verdict) -> str:
    """Return what can be done, in words; Tuya's code with it where one was told."""
    code = f" ({verdict.error.code})" if verdict.error and verdict.error.code else ""
    if verdict.cure is not None:
        return words(f"published_check.options.{verdict.cure}") + code
    if verdict.error is None:
        return ""
    return words(f"error.{verdict.error.reason}").format(**told_error(verdict.error))
