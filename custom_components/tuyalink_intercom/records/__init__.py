"""What Tuya's logs tell afterwards: what was missed, and who it was that came."""
