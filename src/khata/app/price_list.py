"""What a new installation charges: the operator's caps, and version 1 of the price list."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from khata.domain.pricing import Price

# Operations a day of the wallet's own zone. A wallet may set less for itself, never more.
OPERATOR_CAPS: Mapping[str, int] = MappingProxyType(
    {"AI": 200, "WEBHOOKS": 10_000, "EMAILS": 5_000}
)

_CREDITS: Mapping[str, Mapping[str, int]] = {
    "COMMUNITY": {
        "INVITE_MEMBER": 1,
        "TEAM_ROLE_UPDATE": 1,
        "UPDATE_BRANDING": 3,
        "UPLOAD_BANNER": 8,
    },
    "API": {
        "API_BASIC_REQUEST": 1,
        "API_HEAVY_QUERY": 5,
        "ANALYTICS_QUERY": 10,
        "EXPORT_DATA": 20,
    },
    "QUEUE": {
        "EMAIL_SEND": 1,
        "PUSH_NOTIFICATION": 1,
        "RETRY_QUEUE": 2,
        "SCHEDULED_JOB": 2,
    },
    "WEBHOOKS": {
        "WEBHOOK_TRIGGER": 1,
        "WEBHOOK_RETRY": 1,
        "WEBHOOK_PREMIUM_DELIVERY": 3,
    },
    "AI": {
        "AI_SUMMARY": 15,
        "AI_ASSISTANT_REPLY": 8,
        "AI_SEARCH": 12,
        "AI_MODERATION": 5,
    },
    "STORAGE": {
        "STORAGE_100MB": 5,
        "STORAGE_1GB": 40,
        "MEDIA_OPTIMIZATION": 3,
    },
}

# A capped category's own cap, and the one capped feature of a category without.
_CAPS: Mapping[str, str] = {"AI": "AI", "WEBHOOKS": "WEBHOOKS", "EMAIL_SEND": "EMAILS"}

# Off at zero credits. Everything else is core: platforms serve it unbilled then.
_PREMIUM: frozenset[str] = frozenset(
    {
        *_CREDITS["AI"],
        *_CREDITS["STORAGE"],
        "API_HEAVY_QUERY",
        "ANALYTICS_QUERY",
        "EXPORT_DATA",
        "WEBHOOK_PREMIUM_DELIVERY",
        "UPDATE_BRANDING",
        "UPLOAD_BANNER",
    }
)


def first_price_list() -> tuple[Price, ...]:
    """Version 1."""
    return tuple(_prices())


def _prices() -> Iterator[Price]:
    for category, features in _CREDITS.items():
        for feature, credits in features.items():
            cap = _CAPS.get(feature) or _CAPS.get(category)
            yield Price(feature, category, credits, cap=cap, premium=feature in _PREMIUM)
