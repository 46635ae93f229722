"""Opening doors: the ways, what they refuse, and who may use them."""
