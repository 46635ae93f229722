"""Tests of Tuya's wire, against small servers of their own on real sockets."""
