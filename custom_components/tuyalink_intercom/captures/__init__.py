"""Captures in Home Assistant: fetched as a reaction to an event, kept, handed out."""
