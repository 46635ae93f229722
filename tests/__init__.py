"""Tests, the simulator and the developer tools."""
