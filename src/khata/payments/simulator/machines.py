"""The state machines of all entities, as tables: from which state which others can be reached."""

from typing import Final

from khata.payments.simulator.documents import Doc
from khata.payments.simulator.failures import business, refused

STEPS: Final[dict[str, dict[str, frozenset[str]]]] = {
    "order": {
        "created": frozenset({"attempted"}),
        "attempted": frozenset({"paid"}),
        "paid": frozenset(),  # also after a refund
    },
    "payment": {
        "created": frozenset({"authorized", "failed"}),
        "failed": frozenset({"authorized"}),  # late authorization
        "authorized": frozenset({"captured", "refunded"}),
        "captured": frozenset({"refunded"}),
        "refunded": frozenset({"captured", "authorized"}),  # when the refund fails
    },
    "refund": {
        "pending": frozenset({"processed", "failed"}),
        "processed": frozenset(),
        "failed": frozenset(),
    },
    "token": {
        "initiated": frozenset({"confirmed", "rejected"}),
        "confirmed": frozenset({"paused", "cancelled"}),
        "paused": frozenset({"confirmed", "cancelled"}),
        "rejected": frozenset(),
        "cancelled": frozenset(),
    },
    "dispute": {
        "open": frozenset({"under_review", "won", "lost", "closed"}),
        "under_review": frozenset({"won", "lost", "closed"}),
        "won": frozenset(),
        "lost": frozenset(),
        "closed": frozenset(),
    },
}


def status_of(doc: Doc) -> str:
    """The entity's state; a token keeps it among its details."""
    if doc["entity"] == "token":
        return str(doc["recurring_details"]["status"])
    return str(doc["status"])


def can_move(doc: Doc, to: str) -> bool:
    """Whether the entity can go to that state from where it is."""
    return to in STEPS[doc["entity"]][status_of(doc)]


def move(doc: Doc, to: str) -> None:
    """Sets the state; raises `GatewayError` where the table has no such step."""
    if not can_move(doc, to):
        kind, status = doc["entity"], status_of(doc)
        text = f"The {kind} is {status} and can not become {to}."
        raise refused(business("invalid_state", text))
    if doc["entity"] == "token":
        doc["recurring_details"]["status"] = to
    else:
        doc["status"] = to
