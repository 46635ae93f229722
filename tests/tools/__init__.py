"""Tools behind scripts/: the demo, and what looks at the integration from outside."""
