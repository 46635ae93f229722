"""Names and numbers shared by the Home Assistant side.

Data keys describe the connection, option keys the preferences; Tuya's own codes live in `model`.
"""

from typing import Final

DOMAIN: Final = "tuyalink_intercom"

EVENT_HISTORY: Final = "tuyalink_intercom_history"
EVENT_MOMENT: Final = "tuyalink_intercom_moment"
"""Fired on the bus for what happened while nobody listened."""

# entry.data
CONF_ACCESS_ID: Final = "access_id"
CONF_ACCESS_SECRET: Final = "access_secret"
CONF_REGION: Final = "region"
CONF_OPENAPI: Final = "openapi"
CONF_QUEUE: Final = "queue"
CONF_PROJECT: Final = "project"

# entry.options
CONF_EXCLUDED: Final = "excluded"
CONF_DELIVERY: Final = "delivery"
CONF_SUFFIX: Final = "suffix"
CONF_APP_UID: Final = "app_uid"
CONF_RELOCK: Final = "relock_s"
CONF_INVERTED: Final = "inverted"
CONF_WEBHOOK: Final = "webhook"
CONF_FLATS: Final = "flats"
CONF_DOORS: Final = "doors"
CONF_CALL_ROUTES: Final = "call_routes"
CONF_TAUGHT: Final = "taught"
CONF_TRIAL_END: Final = "trial_end"
CONF_KEEP_PICTURES: Final = "keep_pictures"
CONF_KEEP_COUNT: Final = "keep_count"
CONF_KEEP_DAYS: Final = "keep_days"
CONF_KEEP_MEGABYTES: Final = "keep_megabytes"

# What CONF_DELIVERY holds: which of Tuya's two queues, or none.
DELIVERY_PRODUCTION: Final = "production"
DELIVERY_TEST: Final = "test"
DELIVERY_OFF: Final = "off"
DELIVERIES: Final = (DELIVERY_PRODUCTION, DELIVERY_TEST, DELIVERY_OFF)
TOPICS: Final = {DELIVERY_PRODUCTION: "event", DELIVERY_TEST: "event-test"}

DEFAULT_SUFFIX: Final = "sub"
DEFAULT_RELOCK: Final = 5.0
