"""Who is known by name, and who says so."""
