"""The demo's dashboard: made of the entities that are there, shown as the start page.

`board` is pure: entities in, a dashboard of Home Assistant's own cards out.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from .demo_api import Socket
from .demo_entities import Entities
from .demo_folder import DOMAIN

URL_PATH = "front-doors"
PICTURES = ("last_ring", "last_access", "last_alarm")
TROUBLE = ("tamper", "duress", "wrong_attempts", "loitering", "door_left_open")
MEDIA = f"/media-browser/browser/app%2Cmedia-source%3A%2F%2F{DOMAIN}"
"""Where Home Assistant's media browser shows our pictures."""
ALL_PICTURES = "All pictures"
WIDE = {"columns": 12}
NOTHING = ["unknown", "unavailable"]

type Card = dict[str, Any]


async def offer(socket: Socket, entities: Entities, doors: str, *more: Card) -> None:
    """Make the dashboard and the start page, unless an earlier demo has."""
    boards = await socket.command("lovelace/dashboards/list")
    if URL_PATH in {board["url_path"] for board in boards}:
        return
    await socket.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title="Doors",
        icon="mdi:door",
        show_in_sidebar=True,
        require_admin=False,
    )
    config = board(entities, doors, *more)
    await socket.command("lovelace/config/save", url_path=URL_PATH, config=config)
    await socket.command("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})


def board(entities: Entities, doors: str, *more: Card) -> dict[str, Any]:
    """Return the dashboard; `doors` is where the bells are pressed, `more` are further sections."""
    view = {
        "type": "sections",
        "title": "Doors",
        "max_columns": 3,
        "dense_section_placement": True,
        "badges": list(_badges(entities)),
        "sections": [
            _section(
                _heading("At the door", icon="mdi:bell"),
                _nobody(entities, doors),
                *_rings(entities),
                *_cameras(entities),
            ),
            _section(
                _heading("Doors", icon="mdi:door"),
                *_doors(entities),
                _heading("Who came in", icon="mdi:account-key"),
                *_passages(entities),
            ),
            _section(_heading("What happened", icon="mdi:history"), _history(entities)),
            _section(_heading("Alarms", icon="mdi:shield-alert"), *_alarms(entities), span=2),
            _section(_heading("Batteries", icon="mdi:battery"), *_batteries(entities)),
            *more,
        ],
    }
    return {"views": [view]}


def _section(*cards: Card, span: int = 1) -> Card:
    return {"type": "grid", "column_span": span, "cards": list(cards)}


def _heading(text: str, **more: Any) -> Card:
    return {"type": "heading", "heading": text, **more}


def _tile(entity_id: str, name: str, **more: Any) -> Card:
    return {"type": "tile", "entity": entity_id, "name": name, **more}


def _state(entity_id: str, **expected: Any) -> Card:
    return {"condition": "state", "entity": entity_id, **expected}


def _moment(
    entity_id: str, name: str, *told: str, visibility: Sequence[Card] = ()
) -> Iterator[Card]:
    """Yield a tile of what happened last; that a picture of it came is not worth a word."""
    picture = {"attribute": "event_type", "state": "picture"}
    for shown, condition in (
        (["event_type", *told], {"condition": "not", "conditions": [_state(entity_id, **picture)]}),
        ([*told], _state(entity_id, **picture)),
    ):
        yield _tile(
            entity_id,
            name,
            state_content=[*shown, "state"],
            grid_options=WIDE,
            visibility=[condition, *visibility],
        )


def _of(entities: Entities, key: str) -> Iterator[tuple[str, str]]:
    """Yield device id and entity id of each entity with a key."""
    for device_id in entities.devices:
        if (device_id, key) in entities.ids:
            yield device_id, entities.ids[device_id, key]


def _locks(entities: Entities) -> list[tuple[str, str]]:
    """Return label and entity id of each door that opens."""
    locks = []
    for (device_id, _), entity_id in entities.ids.items():
        if entity_id.startswith("lock."):
            own = entities.names[entity_id]
            device = entities.devices[device_id]
            locks.append((device if own == "Door" else f"{device} {own.lower()}", entity_id))
    return sorted(locks)


def _nobody(entities: Entities, doors: str) -> Card:
    return {
        "type": "markdown",
        "content": f"Nobody has rung since the start. Press a bell at the [doors]({doors}).",
        "visibility": [_state(bell, state=NOTHING) for _, bell in _of(entities, "doorbell")],
    }


def _rings(entities: Entities) -> Iterator[Card]:
    """Yield every bell that has rung, and whom it saw."""
    for device_id, bell in _of(entities, "doorbell"):
        rang = _state(bell, state_not=NOTHING)
        yield from _moment(bell, entities.devices[device_id], "channel", visibility=[rang])
        if image := entities.ids.get((device_id, "last_ring")):
            pictured = _state(image, state_not=NOTHING)
            yield _picture(image, columns=12, visibility=[rang, pictured])


def _picture(entity_id: str, columns: int, **more: Any) -> Card:
    return {
        "type": "picture-entity",
        "entity": entity_id,
        "show_name": False,
        "show_state": False,
        "aspect_ratio": "4:3",
        "grid_options": {"columns": columns, "rows": "auto"},
        **more,
    }


def _doors(entities: Entities) -> Iterator[Card]:
    for label, lock in _locks(entities):
        yield _tile(
            lock,
            label,
            features=[{"type": "lock-commands"}],
            features_position="inline",
            grid_options=WIDE,
        )


def _history(entities: Entities) -> Card:
    moments = [id_ for key in ("doorbell", "access", "alarm") for _, id_ in _of(entities, key)]
    return {
        "type": "logbook",
        "target": {"entity_id": [*moments, *(lock for _, lock in _locks(entities))]},
        "hours_to_show": 24,
        "grid_options": {"columns": 12, "rows": 8},
    }


def _passages(entities: Entities) -> Iterator[Card]:
    for device_id, access in _of(entities, "access"):
        yield from _moment(access, entities.devices[device_id], "person", "method")


def _alarms(entities: Entities) -> Iterator[Card]:
    """Yield what each device can raise alarm about; grey while there is none."""
    for device_id, name in entities.devices.items():
        own = entities.of_device(device_id)
        raised = [own[key] for key in TROUBLE if key in own]
        if raised:
            yield _heading(name, heading_style="subtitle")
        for entity_id in raised:
            yield _tile(entity_id, entities.names[entity_id], color="red")


def _cameras(entities: Entities) -> Iterator[Card]:
    """Yield the cameras that have a picture to show, with a heading once there is one."""
    taken = {
        camera: [_state(own[key], state_not=NOTHING) for key in PICTURES if key in own]
        for device_id, camera in _of(entities, "camera")
        if (own := entities.of_device(device_id))
    }
    seen = [condition for conditions in taken.values() for condition in conditions]
    yield _heading("Cameras", icon="mdi:cctv", visibility=_any(seen))
    for camera, conditions in taken.items():
        yield _picture(camera, columns=4, camera_view="auto", visibility=_any(conditions))
    yield _heading(
        ALL_PICTURES,
        heading_style="subtitle",
        icon="mdi:image-multiple",
        tap_action={"action": "navigate", "navigation_path": MEDIA},
        visibility=_any(seen),
    )


def _any(conditions: list[Card]) -> list[Card]:
    return [{"condition": "or", "conditions": conditions}]


def _batteries(entities: Entities) -> Iterator[Card]:
    for device_id, battery in _of(entities, "battery"):
        name = entities.devices[device_id]
        yield _tile(
            battery,
            name,
            features=[{"type": "bar-gauge"}],
            features_position="inline",
            grid_options=WIDE,
        )


def _badges(entities: Entities) -> Iterator[Card]:
    """Yield what shows at the top: trouble, and only while there is some."""
    for key in (*TROUBLE, "asks_to_open"):
        for device_id, entity_id in _of(entities, key):
            yield {
                "type": "entity",
                "entity": entity_id,
                "name": f"{entities.devices[device_id]}: {entities.names[entity_id].lower()}",
                "show_name": True,
                "show_state": False,
                "color": "red",
                "visibility": [_state(entity_id, state="on")],
            }
