"""Entities told otherwise than they are, as faults of content ask."""

from collections.abc import Callable

from khata.payments.simulator.documents import Doc
from khata.payments.simulator.faults import Faults


def spoilt(faults: Faults, where: str, entity: Doc, another_order: Callable[[str], str]) -> Doc:
    """The entity as it is told there. Money is told wrongly of payments only."""
    if faults.strike("extra_fields", where):
        entity = {**entity, "reward": None, "provider_hints": {"new": True, "in": ["future"]}}
    if "notes" in entity and faults.strike("notes_as_list", where):
        entity = {**entity, "notes": []}
    if entity.get("entity") != "payment":
        return entity
    if fault := faults.strike("amount_mismatch", where):
        entity = {**entity, "amount": entity["amount"] - fault.size(100)}
    if faults.strike("currency_mismatch", where):
        entity = {**entity, "currency": "USD"}
    if faults.strike("foreign_order", where):
        entity = {**entity, "order_id": another_order(str(entity["order_id"]))}
    return entity
