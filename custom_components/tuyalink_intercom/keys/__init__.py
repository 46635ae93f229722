"""Keys for guests and residents: codes, persons and credentials that were handed out from here."""
