"""Tuya's wire: signing, tokens, OpenAPI calls, the message queue, decryption.

Knows nothing of Home Assistant and of what a message means. Needs aiohttp and pycryptodome.
"""

from .access import AccessCalls, Ticket
from .client import TuyaCloud
from .cloud_to_cloud import CloudToCloudCalls, DeviceDraft, RegisteredDevice, ReportedValue
from .counters import Called, Counters
from .crypto import (
    CaptureError,
    DecryptError,
    TruncatedCaptureError,
    open_capture,
    picture_type,
    ticket_password,
)
from .devices import DeviceCalls
from .errors import (
    NO_DEVICE,
    OF_PROJECT,
    OF_SERVICE,
    Reason,
    TuyaAuthError,
    TuyaCommandError,
    TuyaConnectionError,
    TuyaError,
    TuyaPermissionError,
)
from .faults import fault_of
from .guard import ForbiddenAddressError
from .lock_codes import CodeDraft, CodeHours, LockCodeCalls, OfflineKind
from .message import Json, JsonObject, MalformedMessageError, Message, message_from, unix_seconds
from .persons import PersonCalls
from .pulsar import QueueConsumer, QueueState, backoff_delay, probe_queue
from .records import RecordCalls
from .regions import CUSTOM, REGIONS, EndpointError, Endpoints, custom_endpoints
from .storage import NotUploadedError, PictureStorage
from .webhook import (
    SignedRequest,
    WebhookMalformedError,
    WebhookRefusedError,
    check_request,
    messages_in,
    open_webhook,
    signed_headers,
)

__all__ = [
    "CUSTOM",
    "NO_DEVICE",
    "OF_PROJECT",
    "OF_SERVICE",
    "REGIONS",
    "AccessCalls",
    "Called",
    "CaptureError",
    "CloudToCloudCalls",
    "CodeDraft",
    "CodeHours",
    "Counters",
    "DecryptError",
    "DeviceCalls",
    "DeviceDraft",
    "EndpointError",
    "Endpoints",
    "ForbiddenAddressError",
    "Json",
    "JsonObject",
    "LockCodeCalls",
    "MalformedMessageError",
    "Message",
    "NotUploadedError",
    "OfflineKind",
    "PersonCalls",
    "PictureStorage",
    "QueueConsumer",
    "QueueState",
    "Reason",
    "RecordCalls",
    "RegisteredDevice",
    "ReportedValue",
    "SignedRequest",
    "Ticket",
    "TruncatedCaptureError",
    "TuyaAuthError",
    "TuyaCloud",
    "TuyaCommandError",
    "TuyaConnectionError",
    "TuyaError",
    "TuyaPermissionError",
    "WebhookMalformedError",
    "WebhookRefusedError",
    "backoff_delay",
    "check_request",
    "custom_endpoints",
    "fault_of",
    "message_from",
    "messages_in",
    "open_capture",
    "open_webhook",
    "picture_type",
    "probe_queue",
    "signed_headers",
    "ticket_password",
    "unix_seconds",
]
