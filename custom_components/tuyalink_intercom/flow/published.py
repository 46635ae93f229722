"""Publishing a door of Home Assistant's into Tuya: the dialog of one subentry, new or changed.

Only the order of the pages is here: `published_registering` speaks with Tuya, `published_schemas`
holds the forms, `published_objections` what they refuse, `published_check` looks how it went.
"""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.const import CONF_NAME

from ..model.function_list import functions_of
from ..model.publication import (
    BINDING,
    DEVICE_ID,
    GATEWAY,
    LONGEST_NAME,
    PRODUCT_ID,
    Binding,
    Part,
)
from .published_check import CheckSteps
from .published_objections import (
    control_objections,
    entity_objections,
    primary_of,
    product_objections,
)
from .published_registering import RegisterSteps
from .published_schemas import (
    CONTROL_SCHEMA,
    ENTITIES_SCHEMA,
    product_answers,
    product_schema,
    with_control,
    with_entities,
    with_product,
)
from .published_texts import told_control, told_product

type Answers = dict[str, Any]


class PublishedDoorFlow(CheckSteps, RegisterSteps):
    """Entities, product and codes, what Tuya may do; then Tuya is told."""

    async def async_step_user(self, user_input: Answers | None = None) -> SubentryFlowResult:
        """Ask what the new door is made of."""
        return await self._ask_entities("user", user_input)

    async def async_step_entities(self, user_input: Answers | None = None) -> SubentryFlowResult:
        """Ask again what the door is made of."""
        return await self._ask_entities("entities", user_input)

    async def async_step_reconfigure(
        self, _user_input: Answers | None = None
    ) -> SubentryFlowResult:
        """Show what can be changed of a published door, and the way to look how it is."""
        subentry = self._get_reconfigure_subentry()
        self._name, self._data = subentry.title, dict(subentry.data)
        self._told = dict(subentry.data) if subentry.data.get(DEVICE_ID) else {}
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["entities", "product", "control", "check"],
            description_placeholders={"door": self._name},
        )

    async def async_step_product(self, user_input: Answers | None = None) -> SubentryFlowResult:
        """Show the functions that the product needs; ask which it is and who is to see it."""
        if self._doors is None:
            return self.async_abort(reason="not_loaded")
        data, errors, code = self._data, dict[str, str](), ""
        if user_input is not None:
            data = with_product(data, user_input)
            publication = self._publication_of(data)
            errors, code = product_objections(self._get_entry(), publication, data)
            if self._leads and self._told and self._told[PRODUCT_ID] != data[PRODUCT_ID]:
                errors[PRODUCT_ID] = "doors_behind"
            if not errors:
                return await self._take_product(data)
        publication, gateways = self._publication_of(data), self._gateways()
        return self.async_show_form(
            step_id="product",
            data_schema=self.add_suggested_values_to_schema(
                product_schema(publication, gateways, unfolded="base" in errors),
                user_input or product_answers(publication, data, gateways),
            ),
            errors=errors,
            description_placeholders={
                **await told_product(self.hass, publication, registered=bool(self._told)),
                "code": code,
            },
        )

    async def async_step_control(self, user_input: Answers | None = None) -> SubentryFlowResult:
        """Ask whether Tuya's side may open the door, and when not."""
        if not (self._data.get(Part.LOCK) or self._data.get(Part.ACTIONS)):
            return self.async_abort(reason="nothing_to_control")
        errors = {} if user_input is None else control_objections(user_input)
        if user_input is None or errors:
            schema = self.add_suggested_values_to_schema(CONTROL_SCHEMA, user_input or self._data)
            return self.async_show_form(
                step_id="control",
                data_schema=schema,
                errors=errors,
                description_placeholders=await told_control(self.hass, self._get_entry().options),
            )
        self._data = with_control(self._data, user_input)
        return await self.async_step_register() if self.source == SOURCE_USER else self._finish()

    async def _ask_entities(self, step_id: str, user_input: Answers | None) -> SubentryFlowResult:
        if self._doors is None:
            return self.async_abort(reason="not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            data = with_entities(self._data, user_input)
            name = user_input.get(CONF_NAME, "").strip() or self._suggested_name(data)
            errors = entity_objections(self.hass, self._get_entry(), self._others(), name, data)
            if not errors:
                return await self._take_entities(name, data)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                ENTITIES_SCHEMA, user_input or {CONF_NAME: self._name, **self._data}
            ),
            errors=errors,
        )

    async def _take_entities(self, name: str, data: Answers) -> SubentryFlowResult:
        """Go on; a door with other functions than before needs them in its product, too."""
        before = functions_of(self._publication)
        self._name, self._data = name, data
        there = {*functions_of(self._publication)} <= {*before}
        if there and not self._is_news and self.source != SOURCE_USER:
            return self._finish()
        return await self.async_step_product()

    async def _take_product(self, data: Answers) -> SubentryFlowResult:
        self._data = data
        if data[BINDING] == Binding.QR_CODE and self._told:
            # Whoever comes here may not have scanned the code yet: it is asked for again.
            self._told = {**self._told, BINDING: None}
        controllable = data.get(Part.LOCK) or data.get(Part.ACTIONS)
        if self.source == SOURCE_USER and controllable:
            return await self.async_step_control()
        return await self.async_step_register()

    def _suggested_name(self, data: Answers) -> str:
        """Return what the door is called here."""
        state = self.hass.states.get(primary_of(data) or "")
        return state.name[:LONGEST_NAME] if state else ""

    def _gateways(self) -> dict[str, str]:
        """Return the doors that this one can be behind: name by our own id."""
        if self._leads:
            return {}
        others = self._others()
        return {
            str(other.unique_id): other.title for other in others if not other.data.get(GATEWAY)
        }
