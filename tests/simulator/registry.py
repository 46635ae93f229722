"""What happens to registered devices and their products, whoever asks for it."""

from collections.abc import Mapping
from typing import Any

from . import describe, messages, southbound
from .answers import Refused
from .cloud import Cloud
from .devices import SimDevice
from .southbound import Foreign
from .thing_products import SimProduct, device_file, product_from


def add(cloud: Cloud, product: SimProduct, third_id: str, name: str, gateway_id: str) -> None:
    """Make a device known for one licence; raises Refused when none is left."""
    south = cloud.southbound
    if product.licences <= 0 or len(south.devices) >= southbound.MOST_DEVICES:
        raise Refused(southbound.NO_LICENCE, "license insufficient")
    product.licences -= 1
    device_id = southbound.new_device_id()
    file = device_file(product, device_id, name, sub=bool(gateway_id))
    cloud.devices[device_id] = SimDevice(file, cloud.now_ms())
    south.ids[third_id] = device_id
    south.devices[device_id] = Foreign(
        third_id=third_id,
        device_id=device_id,
        product_id=product.id,
        gateway_id=gateway_id,
        created_ms=cloud.now_ms(),
    )


def forget(cloud: Cloud, device_id: str) -> None:
    """Forget a device, as when somebody removes it in the console; raises Refused.

    Its licence is not given back, and whoever registers it again needs another one [design].
    """
    foreign = cloud.southbound.foreign(device_id)
    tell(cloud, device_id, "delete", {"ownerId": "", "uid": describe.APP_UID})
    del cloud.southbound.devices[device_id]
    del cloud.southbound.ids[foreign.third_id]
    del cloud.devices[device_id]
    cloud.changed()


def bind(cloud: Cloud, device_id: str) -> None:
    """Let somebody scan the code of a device; raises Refused if it has none."""
    foreign = cloud.southbound.foreign(device_id)
    if not foreign.short_url:
        raise Refused(southbound.ILLEGAL, "nothing to scan")
    take_home(cloud, foreign)
    cloud.changed()


def take_home(cloud: Cloud, foreign: Foreign) -> None:
    """Let a device belong to a user from now on."""
    if not foreign.bound:
        foreign.bound = True
        uuid = describe.uuid(cloud.devices[foreign.device_id])
        data = {"ownerId": "", "token": "", "uid": describe.APP_UID, "uuid": uuid}
        tell(cloud, foreign.device_id, "bindUser", data)


def rename(cloud: Cloud, device_id: str, name: str) -> None:
    """Give a device a name, and tell of it if it is another one."""
    device = cloud.devices[device_id]
    if device.name != name:
        device.name = name
        tell(cloud, device_id, "nameUpdate", {"name": name, "uid": describe.APP_UID})


def tell(cloud: Cloud, device_id: str, what: str, data: Mapping[str, Any]) -> None:
    """Put a message on the queue as for any other device [inferred]."""
    device = cloud.devices[device_id]
    body = messages.management(device, what, {"devId": device_id, **data}, cloud.now_ms())
    cloud.publish(device_id, body, protocol=messages.LEGACY_MANAGEMENT)


def change_product(cloud: Cloud, document: Mapping[str, Any]) -> SimProduct:
    """Add a product, or change what the document tells of a known one; raises ProductError.

    The devices of a changed product have its new thing model at once; their values stay.
    """
    south = cloud.southbound
    known = south.products.get(str(document.get("product_id")))
    if known is None and len(south.products) >= southbound.MOST_PRODUCTS:
        raise Refused(southbound.ILLEGAL, "too many products")
    product = south.products[document["product_id"]] = product_from(document, known)
    for foreign in south.devices.values():
        if foreign.product_id == product.id:
            device = cloud.devices[foreign.device_id]
            device.file = device_file(product, device.id, device.name, sub=device.file.sub)
            device.category = product.category
            device.points = {point.code: point for point in device.file.points}
    cloud.changed()
    return product
