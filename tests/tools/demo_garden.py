"""The demo's own door, which is no Tuya's: the garden gate, a lock and a bell of templates.

It is what is published into Tuya.
"""

from typing import Any

from .demo_api import Socket

NAME = "Garden gate"
LOCK, BELL, BUTTON = "lock.garden_gate", "event.garden_gate_bell", "input_button.garden_gate_bell"

CONFIGURATION = """\

# The garden gate: a door of this Home Assistant, which the demo publishes into Tuya.
input_boolean:
  garden_gate_open:
    name: Garden gate open
    initial: false
input_button:
  garden_gate_bell:
    name: Garden gate bell
template:
  - lock:
      - name: Garden gate
        unique_id: garden_gate
        state: "{{ 'unlocked' if is_state('input_boolean.garden_gate_open', 'on') else 'locked' }}"
        lock:
          - action: input_boolean.turn_off
            target:
              entity_id: input_boolean.garden_gate_open
        unlock:
          - action: input_boolean.turn_on
            target:
              entity_id: input_boolean.garden_gate_open
  - triggers:
      - trigger: state
        entity_id: input_button.garden_gate_bell
        not_to: ["unknown", "unavailable"]
    conditions:
      # At a start the last press comes back, which nobody has just made.
      - "{{ trigger.from_state is not none }}"
    event:
      - name: Garden gate bell
        unique_id: garden_gate_bell
        device_class: doorbell
        event_type: ring
        event_types: "{{ ['ring'] }}"
"""


async def is_there(socket: Socket) -> bool:
    """Tell whether this Home Assistant has the gate: the folder of an older demo has not."""
    known = {state["entity_id"] for state in await socket.command("get_states")}
    return {LOCK, BELL, BUTTON} <= known


def section(app: str) -> dict[str, Any]:
    """Return the gate's part of the dashboard; `app` is where Tuya's side sees it."""
    wide = {"columns": 12}
    return {
        "type": "grid",
        "cards": [
            {"type": "heading", "heading": NAME, "icon": "mdi:gate"},
            {
                "type": "markdown",
                "content": f"A door of Home Assistant's, published into [Tuya's app]({app}).",
            },
            {
                "type": "tile",
                "entity": LOCK,
                "name": NAME,
                "features": [{"type": "lock-commands"}],
                "features_position": "inline",
                "grid_options": wide,
            },
            {
                "type": "tile",
                "entity": BELL,
                "name": "Last ring",
                "state_content": ["state"],
                "grid_options": wide,
            },
            {
                "type": "button",
                "entity": BUTTON,
                "name": "Press its bell",
                "tap_action": {
                    "action": "perform-action",
                    "perform_action": "input_button.press",
                    "target": {"entity_id": BUTTON},
                },
                "grid_options": {"columns": 12, "rows": 2},
            },
        ],
    }
