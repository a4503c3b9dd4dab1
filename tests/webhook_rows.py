"""Rows of webhooks out: one of each table that is as it should be, and what is wrong with more."""

from collections.abc import Mapping

Row = Mapping[str, object]

TIME = "2026-01-05T00:00:00Z"
LATER = "2026-01-06T00:00:00Z"
OWN: Row = {"endpoint_id": "whe_1", "organization_id": "org_1"}

GOOD: Mapping[str, Row] = {
    "webhook_endpoints": {
        "id": "whe_1",
        "organization_id": "org_1",
        "url": "https://example.com/",
        "event_types": [],
        "description": "",
        "state": "enabled",
        "sealed_secret": b"sealed",
        "created_at": TIME,
        "updated_at": TIME,
    },
    "webhook_deliveries": {
        **OWN,
        "id": "dlv_1",
        "wallet_id": "wal_1",
        "lane": "wal_1",
        "position": 1,
        "part": 1,
        "event_id": "evt_1",
        "event_type": "wallet.updated",
        "body": "{}",
        "next_at": TIME,
        "created_at": TIME,
    },
    "webhook_lanes": {**OWN, "lane": "wal_1", "next_at": TIME},
    "webhook_attempts": {
        "delivery_id": "dlv_1",
        "number": 1,
        "organization_id": "org_1",
        "at": TIME,
        "latency_ms": 1,
        "status": 200,
        "signature": "v1,",
    },
    "webhook_hourly": {
        **OWN,
        "hour": TIME,
        "attempts": 2,
        "accepted": 1,
        "dead": 1,
        "latency_ms": 1,
    },
}

_ENDPOINT: Row = {"id": "whe_2"}
_DELIVERY: Row = {"id": "dlv_2", "event_id": "evt_2"}
_ENDED: Row = {"state": "delivered", "next_at": None, "ended_at": TIME}

PLANTED: list[tuple[str, str, Row]] = [
    ("webhook_endpoints_state", "webhook_endpoints", {**_ENDPOINT, "state": "lost"}),
    ("webhook_endpoints_why", "webhook_endpoints", {**_ENDPOINT, "state": "disabled"}),
    ("webhook_endpoints_why", "webhook_endpoints", {**_ENDPOINT, "why": "for nothing"}),
    ("webhook_endpoints_old_secret", "webhook_endpoints", {**_ENDPOINT, "old_secret_until": TIME}),
    ("webhook_endpoints_old_secret", "webhook_endpoints", {**_ENDPOINT, "sealed_old_secret": b"o"}),
    ("webhook_endpoints_failing", "webhook_endpoints", {**_ENDPOINT, "failures": 1}),
    ("webhook_endpoints_failing", "webhook_endpoints", {**_ENDPOINT, "failing_since": TIME}),
    ("webhook_deliveries_once", "webhook_deliveries", {"id": "dlv_2"}),
    (
        "webhook_deliveries_state",
        "webhook_deliveries",
        {**_DELIVERY, **_ENDED, "state": "lost"},
    ),
    ("webhook_deliveries_next", "webhook_deliveries", {**_DELIVERY, "next_at": None}),
    ("webhook_deliveries_next", "webhook_deliveries", {**_DELIVERY, "ended_at": TIME}),
    ("webhook_deliveries_next", "webhook_deliveries", {**_DELIVERY, **_ENDED, "next_at": LATER}),
    ("webhook_deliveries_next", "webhook_deliveries", {**_DELIVERY, **_ENDED, "ended_at": None}),
    ("webhook_deliveries_tries", "webhook_deliveries", {**_DELIVERY, "tries": 1}),
    ("webhook_deliveries_tries", "webhook_deliveries", {**_DELIVERY, "tries": -1}),
    ("webhook_attempts_answer", "webhook_attempts", {"number": 2, "status": None}),
    ("webhook_attempts_answer", "webhook_attempts", {"number": 2, "error": "both"}),
    ("webhook_hourly_sums", "webhook_hourly", {"hour": LATER, "accepted": 3}),
    ("webhook_hourly_sums", "webhook_hourly", {"hour": LATER, "dead": 3}),
    ("webhook_hourly_sums", "webhook_hourly", {"hour": LATER, "accepted": -1}),
]
