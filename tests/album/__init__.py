"""The album alone: no Home Assistant, no sockets; real files, real kills."""
