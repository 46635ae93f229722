"""TuyaLink Intercom: Tuya doors, bells and access terminals in Home Assistant.

Set-up and unload: wires the parts together, holds no logic of its own.
"""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .budget.repairs import BudgetRepairs
from .call_routing import CallRouting
from .calls import CallClock
from .captures.disk import async_remove_captures
from .captures.fetcher import CaptureFetcher
from .captures.sealed import SealedPictures
from .captures.tidying import async_open_shelf
from .captures.views import async_register_views
from .chronicle import async_start_chronicle
from .clock_watch import ClockWatch
from .connection import cloud_of, endpoints_of, sleeper
from .const import DOMAIN
from .coordinator import TuyaLinkCoordinator
from .flats import FlatQuestion
from .health import PushHealth
from .inventory import Inventory
from .issues import async_withdraw
from .kept.stores import Stores
from .keys.guests import Guests
from .keys.pace import Pace
from .keys.parting import async_tell_left_behind
from .people.terminal_names import TerminalNames
from .publishing.doors import PublishedDoors
from .publishing.leavers import async_part
from .publishing.renames import async_follow_renames
from .publishing.subentries import published_in
from .push import PushDelivery
from .records.albums import LockAlbums
from .records.history import History
from .records.lock_names import LockNames
from .records.passages import PassageLog
from .runtime import RuntimeData, TuyaLinkConfigEntry
from .served.room import PictureRoom
from .served.view import async_register_served_view
from .services import async_setup_services
from .webhook import WebhookDoor, async_remove_address

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CAMERA,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.LOCK,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
]


FACES, FACE_FETCHES = 10, 5
"""So many faces are served at once, each to Tuya's cloud alone."""
PICTURES, PICTURE_FETCHES = 50, 50
"""So many pictures of published doors are, each to whoever has the door in the app."""

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register what is there before a project is set up, and after."""
    async_setup_services(hass)
    async_register_views(hass)
    async_register_served_view(hass)
    async_follow_renames(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: TuyaLinkConfigEntry) -> bool:
    """Set up one Tuya cloud project."""
    endpoints, cloud = endpoints_of(entry.data), cloud_of(hass, entry.data)
    stores = Stores(hass, entry, cloud.now)
    await stores.open(entry)
    remembered, budget = stores.remembered, stores.budget
    inventory = Inventory(cloud, stores.products)
    coordinator = TuyaLinkCoordinator(
        hass, entry, cloud, inventory, remembered, budget, stores.people
    )
    coordinator.published = published_in(entry, stores.publications)
    BudgetRepairs(hass, entry, coordinator, budget).start()
    entry.async_on_unload(coordinator.watch_polls(stores.roster.polled))
    await coordinator.async_begin(stores.roster, stores.products)
    push = PushDelivery(hass, entry, coordinator, endpoints)
    health = PushHealth(hass, entry, coordinator, push)
    captures = await async_open_shelf(hass, entry, coordinator)
    fetcher = CaptureFetcher(hass, entry, coordinator, endpoints, captures)
    history = History(hass, entry, coordinator, push, remembered)
    hub = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, _project(entry))},
        name=entry.title,
        manufacturer="Tuya",
        model="Cloud project",
        entry_type=dr.DeviceEntryType.SERVICE,
    )
    entry.runtime_data = RuntimeData(
        coordinator=coordinator,
        push=push,
        health=health,
        captures=captures,
        fetcher=fetcher,
        history=history,
        keys=stores.keys,
        faces=PictureRoom(hass, entry, most=FACES, fetches=FACE_FETCHES),
        face_pace=Pace(cloud.now, sleeper(hass)),
        pictures=PictureRoom(hass, entry, most=PICTURES, fetches=PICTURE_FETCHES),
        budget=budget,
        published=PublishedDoors(hass, entry, coordinator, stores),
        hub_id=hub.id,
    )
    health.start()
    fetcher.start()
    entry.runtime_data.faces.start()
    entry.runtime_data.pictures.start()
    _start_watchers(hass, entry, coordinator)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    # Entities listen before the first message arrives: a ring in the backlog finds its bell.
    history.start()
    push.start()
    WebhookDoor(hass, entry, coordinator).start()
    entry.runtime_data.published.start()
    LockNames(hass, entry, coordinator, remembered).start()
    TerminalNames(hass, entry, coordinator).start()
    return True


def _start_watchers(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry, coordinator: TuyaLinkCoordinator
) -> None:
    """Start what listens to changes; each ends with the entry."""
    CallClock(hass, entry, coordinator).start()
    CallRouting(hass, entry, coordinator).start()
    ClockWatch(hass, entry, coordinator).start()
    async_start_chronicle(hass, entry, coordinator)
    FlatQuestion(hass, entry, coordinator).start()
    PassageLog(hass, entry, coordinator).start()
    Guests(hass, entry, coordinator, entry.runtime_data.keys).start()
    LockAlbums(hass, entry, coordinator).start()
    SealedPictures(hass, entry, coordinator).start()


async def async_unload_entry(hass: HomeAssistant, entry: TuyaLinkConfigEntry) -> bool:
    """Unload a project; its tasks, timers and sockets end with the entry."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: TuyaLinkConfigEntry) -> None:
    """Delete what was stored for a project; tell which keys and doors it leaves behind."""
    stores = Stores(hass, entry, float)
    await stores.keys.load()
    keys = [*stores.keys.all()]
    await stores.publications.load()
    await async_part(hass, entry, stores.publications)
    await stores.remove()
    await async_remove_captures(hass, entry)
    await async_remove_address(hass, entry)
    async_withdraw(hass, entry)
    async_tell_left_behind(hass, entry, keys)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry, device_entry: dr.AnyDeviceEntry
) -> bool:
    """Let a user delete a device that is no longer in the project."""
    coordinator = entry.runtime_data.coordinator
    # A published door goes with its subentry.
    kept = {_project(entry), *coordinator.data.devices, *entry.subentries}
    keys = {key for domain, key in device_entry.identifiers if domain == DOMAIN}
    if keys & kept:
        return False
    for device_id in keys:
        entry.runtime_data.captures.forget_device(device_id)
    return True


def _project(entry: TuyaLinkConfigEntry) -> str:
    return entry.unique_id or entry.entry_id
