"""Doors of Home Assistant's that Tuya sees: registered, reported, and opened from there."""
