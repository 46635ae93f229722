"""Tests of the model: pure, without sockets, Home Assistant or time passing."""
