"""Meaning: doors, people, calls, alarms. Pure; of the wire it knows only `api.message`."""
