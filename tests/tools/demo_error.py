"""What the demo tells its user instead of a traceback."""


class DemoError(Exception):
    """One sentence that says what to do about it."""
