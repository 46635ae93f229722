"""Service actions, by what they are about; `services` registers them."""
