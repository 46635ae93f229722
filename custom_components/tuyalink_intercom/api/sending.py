"""What keeps aiohttp from sending a call a second time by itself."""

from aiohttp import (
    ClientConnectionError,
    ClientHandlerType,
    ClientMiddlewareType,
    ClientRequest,
    ClientResponse,
)


def sent_once() -> ClientMiddlewareType:
    """Return what lets one request out and fails the next: for one call of ours.

    aiohttp sends PUT and DELETE anew when a kept connection drops. Tuya may have acted already,
    and refuses the second: a change that was made would be taken for refused.
    """
    sent = False

    async def send(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        nonlocal sent
        if sent:
            raise ClientConnectionError
        sent = True
        return await handler(request)

    return send
