"""Tuya as seen from a socket: OpenAPI, message queue, picture storage and devices with doors.

The seam is the network.  Signatures, tokens, encryption, paging, acks and error codes are real;
only the devices and their owner are played.  Imports nothing of Home Assistant or of the
integration, so that both sides can only agree by being right.
"""

from .cloud import Sent
from .devices import SimDevice, SimDoor, World
from .files import DeviceFile, DeviceFileError, load, read_document
from .mischief import FaultError
from .server import TuyaSimulator
from .stage import ScenarioError

__all__ = [
    "DeviceFile",
    "DeviceFileError",
    "FaultError",
    "ScenarioError",
    "Sent",
    "SimDevice",
    "SimDoor",
    "TuyaSimulator",
    "World",
    "load",
    "read_document",
]
