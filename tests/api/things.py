"""The made-up endpoint that the tests of the client call."""

from custom_components.tuyalink_intercom.api.client import TuyaCloud

PATH = "/v1.0/things/{thing_id}/values"
IDS = {"thing_id": "thing0001"}
FILLED = "/v1.0/things/thing0001/values"
TOKEN = "/v1.0/token"


async def get(cloud: TuyaCloud) -> object:
    """Read the thing."""
    return await cloud.request("GET", PATH, ids=IDS)


async def post(cloud: TuyaCloud) -> object:
    """Command the thing."""
    return await cloud.request("POST", PATH, ids=IDS, body={"on": True})
