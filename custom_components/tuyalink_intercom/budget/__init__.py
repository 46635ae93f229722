"""What a month allows: counting it, keeping to it, and saying so."""
