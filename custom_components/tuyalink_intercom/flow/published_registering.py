"""The published door's flow where it meets Tuya: register, compare the model, show the code.

A door that was registered in a dialog which then is closed is handed back.
"""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er, instance_id

from ..api import RegisteredDevice, TuyaError
from ..const import DOMAIN
from ..model.function_list import mismatches
from ..model.publication import (
    BINDING,
    DEVICE_ID,
    GATEWAY,
    GROUP_ID,
    PRODUCT_ID,
    THIRD_ID,
    Binding,
    Publication,
)
from ..model.thing_model import ThingModel
from ..publishing.doors import SUBENTRY_TYPE, PublishedDoors
from ..publishing.subentries import underway_of
from .published_objections import primary_of
from .published_schemas import qr_schema
from .published_texts import told_mismatches, told_trouble

type Answers = dict[str, Any]

_BEING: Final = (PRODUCT_ID, GATEWAY)
"""Data that makes it another device of Tuya's when they change."""
_REGISTERED_WITH: Final = (*_BEING, BINDING, GROUP_ID)
"""Data that Tuya is told when a door is registered, beside its name."""
_NOWHERE: Final = {THIRD_ID: "-", PRODUCT_ID: "-"}
"""Stands for what is not there yet while only the functions of a door are asked for."""


class RegisterSteps(ConfigSubentryFlow):
    """Registration and what follows it; the steps before fill in the name and the data."""

    def __init__(self) -> None:
        self._name = ""
        self._data: dict[str, Any] = {}
        """The subentry's data as far as they were filled in."""
        self._told: Mapping[str, Any] = {}
        """What Tuya was told last: the data in which the door is registered."""
        self._doubtful = False
        """Whether it is not known what Tuya made of the last attempt."""
        self._asked_for: set[str] = set()
        """Every id of ours that Tuya was told of, or may have been."""
        self._device: RegisteredDevice | None = None
        self._model = ThingModel()
        self._refusal: TuyaError | None = None
        self._registering: asyncio.Task[None] | None = None

    @callback
    @override
    def async_remove(self) -> None:
        """Hand doors back that were registered for nothing; one that is published stays."""
        super().async_remove()
        for third_id in self._asked_for:
            if (doors := self._doors) is not None:
                doors.forsake(third_id)
            elif (entry := self._entry) is not None:
                # It is looked for those that leave when it is loaded again.
                underway_of(entry).pop(third_id, None)

    async def async_step_register(self, _user_input: Answers | None = None) -> SubentryFlowResult:
        """Register the door, and look at its product's model."""
        if self._registering is None:
            if (doors := self._doors) is None:
                return self.async_abort(reason="not_loaded")
            if self._is_taken:
                return self.async_abort(reason="already_configured")
            # Ends with the flow: Home Assistant cancels the progress task of a closed dialog.
            self._registering = self.hass.async_create_background_task(
                self._register(doors), f"{DOMAIN} registration"
            )
        if not self._registering.done():
            return self.async_show_progress(
                step_id="register",
                progress_action="register",
                progress_task=self._registering,
            )
        self._registering = None
        return self.async_show_progress_done(next_step_id="registered")

    async_step_look = async_step_register

    async def async_step_registered(self, _user_input: Answers | None = None) -> SubentryFlowResult:
        """Say what is to be mended, with what was typed kept; else go on."""
        if self._refusal is not None:
            unknown = self._is_news
            return self.async_show_menu(
                step_id="trouble" if unknown else "model_unread",
                menu_options=["register", "product", "entities"]
                if unknown
                else ["look", "product", "go_on"],
                description_placeholders=await told_trouble(
                    self.hass,
                    self._refusal,
                    registering=unknown,
                    kept=unknown and bool(self._told),
                ),
            )
        if lacking := mismatches(self._publication, self._model):
            return self.async_show_menu(
                step_id="model",
                menu_options=["look", "product", "go_on"],
                description_placeholders=await told_mismatches(self.hass, lacking),
            )
        return await self.async_step_go_on()

    async_step_trouble = async_step_registered
    async_step_model = async_step_registered
    async_step_model_unread = async_step_registered

    async def async_step_go_on(self, _user_input: Answers | None = None) -> SubentryFlowResult:
        """Show the code to scan, if there is one to be shown."""
        if self._device is None or self._data[BINDING] != Binding.QR_CODE:
            return self._finish()
        return await self.async_step_bind()

    async def async_step_bind(self, user_input: Answers | None = None) -> SubentryFlowResult:
        """Let an app user scan the code."""
        held = self._device and self._device.short_url
        if user_input is not None:
            return self._finish()
        if not held:
            return self.async_show_menu(step_id="bind_none", menu_options=["product", "finish"])
        return self.async_show_form(step_id="bind", data_schema=qr_schema(held), last_step=True)

    async_step_bind_none = async_step_bind

    async def async_step_finish(self, _user_input: Answers | None = None) -> SubentryFlowResult:
        """Save without a code."""
        return self._finish()

    def _finish(self) -> SubentryFlowResult:
        """Save the door, as a new one or over what was."""
        if self.source == SOURCE_RECONFIGURE:
            if (subentry := self._subentry) is None:
                return self.async_abort(reason="removed")
            # The door may have been registered anew meanwhile, and not only from here.
            known = {one: subentry.data.get(one, "") for one in (THIRD_ID, DEVICE_ID)}
            data = {**self._data, **known}
            return self.async_update_and_abort(
                self._get_entry(), subentry, title=self._name, data=data
            )
        return self.async_create_entry(
            title=self._name, data=self._data, unique_id=self._data[THIRD_ID]
        )

    async def _register(self, doors: PublishedDoors) -> None:
        self._refusal = None
        try:
            if self._is_news:
                await self._tell(doors)
            device_id, product_id = self._data[DEVICE_ID], self._data[PRODUCT_ID]
            self._model = await doors.model(device_id, product_id, fresh=True)
        except TuyaError as error:
            self._refusal = error

    async def _tell(self, doors: PublishedDoors) -> None:
        """Register the door; what Tuya knows it as is kept at once where the door runs already.

        As another device it has an id of ours of its own: the one before is there until this one
        is, and leaves when nobody publishes it any more.
        """
        other = self._is_other_device
        if other or THIRD_ID not in self._data:
            self._data[THIRD_ID] = await self._new_third_id()
        elif self._told:
            self._data[THIRD_ID] = self._told[THIRD_ID]
        third_id = self._data[THIRD_ID]
        # Tuya does not tell what a door is behind. What was begun here is gone on with: it may
        # have been taken, and cost its license.
        moved = other and self._told.get(GATEWAY) != self._data.get(GATEWAY)
        anew = moved and third_id not in self._asked_for
        self._asked_for.add(third_id)
        self._doubtful = True
        self._device = await doors.register(self._publication, anew=anew)
        self._doubtful = False
        self._data[DEVICE_ID] = self._device.device_id
        self._told = dict(self._data)
        if (subentry := self._subentry) is not None:
            asked = {THIRD_ID, DEVICE_ID, *_REGISTERED_WITH}
            kept = {name: one for name, one in subentry.data.items() if name not in asked}
            known = {name: one for name, one in self._data.items() if name in asked}
            self.hass.config_entries.async_update_subentry(
                self._get_entry(), subentry, data={**kept, **known}, unique_id=known[THIRD_ID]
            )

    async def _new_third_id(self) -> str:
        """Return an id for Tuya: the same for the same door, so that it takes one licence only.

        Where a published door has it, this one as it was or another, the next one is taken.
        """
        chosen = primary_of(self._data) or ""
        registered = er.async_get(self.hass).async_get(chosen)
        stable = registered.id if registered else chosen
        home = await instance_id.async_get(self.hass)
        taken = {self._told.get(THIRD_ID), *(other.unique_id for other in self._others())}
        turn = 0
        while True:
            told = (home, str(self._get_entry().unique_id), stable, *([str(turn)] if turn else []))
            third_id = sha256("|".join(told).encode()).hexdigest()[:32]
            if third_id not in taken:
                return third_id
            turn += 1

    @property
    def _is_news(self) -> bool:
        """Whether Tuya was not told of the door as it is filled in."""
        differs = any(self._told.get(one) != self._data.get(one) for one in _REGISTERED_WITH)
        return differs or self._doubtful

    @property
    def _is_other_device(self) -> bool:
        """Whether Tuya would take the door as it is filled in for another device."""
        return bool(self._told) and any(
            self._told.get(one) != self._data.get(one) for one in _BEING
        )

    @property
    def _leads(self) -> bool:
        """Whether published doors are behind this one."""
        third_id = self._data.get(THIRD_ID)
        return bool(third_id) and any(
            other.data.get(GATEWAY) == third_id for other in self._others()
        )

    @property
    def _is_taken(self) -> bool:
        """Whether another dialog has published the door meanwhile."""
        return any(
            other.unique_id == self._data.get(THIRD_ID)
            or primary_of(other.data) == primary_of(self._data)
            for other in self._others()
        )

    @property
    def _publication(self) -> Publication:
        return self._publication_of(self._data)

    def _publication_of(self, data: Mapping[str, Any]) -> Publication:
        told = {name: one for name, one in data.items() if one}
        return Publication.of(self._name, {**_NOWHERE, **told})

    @property
    def _subentry(self) -> ConfigSubentry | None:
        """The published door that is changed; none if it is new, or was removed meanwhile."""
        entry = self._entry
        return entry.subentries.get(self.context.get("subentry_id", "")) if entry else None

    @property
    def _entry(self) -> ConfigEntry[Any] | None:
        """The project; none if it was removed meanwhile."""
        return self.hass.config_entries.async_get_entry(self.handler[0])

    @property
    def _doors(self) -> PublishedDoors | None:
        """The published doors of the project; none while it is not loaded."""
        entry = self._entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        doors: PublishedDoors = entry.runtime_data.published
        return doors

    def _others(self) -> tuple[ConfigSubentry, ...]:
        """Return the project's published doors without this one."""
        entry, own = self._entry, self.context.get("subentry_id")
        return tuple(
            other
            for other in (entry.get_subentries_of_type(SUBENTRY_TYPE) if entry else ())
            if other.subentry_id != own
        )
