"""All that is stored of an entry: loaded before it starts, written when it ends, then deleted."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..budget.account import Budget
from ..keys.ledger import KeyLedger
from ..people.registry import PersonRegistry
from .done_commands import done_commands_of
from .openings import openings_of
from .products import ProductStore
from .publications import Publications
from .remembered import RememberedFacts
from .roster import Roster


class Stores:
    """The stores of one entry; `now` gives cloud time."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, now: Callable[[], float]) -> None:
        self.products = ProductStore(hass, entry.unique_id or entry.entry_id)
        self.remembered = RememberedFacts(hass, entry.entry_id, now)
        self.roster = Roster(hass, entry.entry_id)
        self.people = PersonRegistry(hass, entry.entry_id)
        self.openings = openings_of(hass, entry)
        self.commands = done_commands_of(hass, entry)
        self.publications = Publications(hass, entry.entry_id)
        self.keys = KeyLedger(hass, entry.entry_id)
        self.budget = Budget(hass, entry.entry_id, now)

    async def open(self, entry: ConfigEntry) -> None:
        """Read everything; it is written when the entry is unloaded."""
        for store in (self.products, self.remembered, self.roster, self.keys, self.budget):
            await store.load()
        await self.openings.load()
        await self.commands.load()
        await self.publications.load()
        await self.people.load(self.remembered.former_people)
        for store in (self.products, self.remembered, self.roster):
            entry.async_on_unload(store.save)
        entry.async_on_unload(self.keys.close)
        entry.async_on_unload(self.people.close)
        entry.async_on_unload(self.openings.save)
        entry.async_on_unload(self.commands.save)
        entry.async_on_unload(self.publications.close)
        entry.async_on_unload(self.budget.close)

    async def remove(self) -> None:
        """Delete everything."""
        for store in (self.products, self.remembered, self.roster, self.keys, self.budget):
            await store.remove()
        await self.openings.remove()
        await self.commands.remove()
        await self.publications.remove()
        await self.people.remove()
