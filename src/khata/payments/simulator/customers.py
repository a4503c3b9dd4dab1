"""Customers, and what callers may ask of them and of their tokens."""

from typing import Final

from khata.payments.simulator.asked import (
    Ask,
    fields,
    notes_in,
    optional_text_in,
    range_in,
    truth_in,
)
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, collection
from khata.payments.simulator.failures import GatewayError, business, unknown_id
from khata.payments.simulator.tokens import cancel

NEW_CUSTOMER: Final = fields("name", "email", "contact", "gstin", "fail_existing", "notes")
EDIT_CUSTOMER: Final = fields("name", "email", "contact")


def create_customer(desk: Desk, ask: Ask) -> Doc:
    """A new customer; with `fail_existing` false the one of this email and contact, if there is."""
    body = ask.body
    known_by = f"{body.get('email')}|{body.get('contact')}"
    earlier = desk.store.marked("customer", known_by) if known_by != "None|None" else []
    if earlier:
        if truth_in(body, "fail_existing") is not False:
            text = "Customer already exists for the merchant"
            raise GatewayError(text, failure=business("customer_exists", text))
        return earlier[0]
    customer = {
        "id": desk.new_id("cust"),
        "entity": "customer",
        "name": optional_text_in(body, "name", 50),
        "email": optional_text_in(body, "email", 64),
        "contact": optional_text_in(body, "contact", 15),
        "gstin": optional_text_in(body, "gstin", 15),
        "notes": notes_in(body),
        "created_at": desk.now(),
        "_known_by": known_by,
    }
    desk.put(customer)
    return customer


def list_customers(desk: Desk, ask: Ask) -> Doc:
    """Customers, newest first."""
    return collection(desk.store.page("customer", range_in(ask.query)))


def get_customer(desk: Desk, ask: Ask) -> Doc:
    return customer_of(desk, ask.path["id"])


def edit_customer(desk: Desk, ask: Ask) -> Doc:
    """Sets the name, email and contact that are given."""
    customer = customer_of(desk, ask.path["id"])
    for name in EDIT_CUSTOMER:
        if name in ask.body:
            customer[name] = optional_text_in(ask.body, name, 64)
    customer["_known_by"] = f"{customer['email']}|{customer['contact']}"
    desk.put(customer)
    return customer


def list_tokens(desk: Desk, ask: Ask) -> Doc:
    """All tokens of the customer, newest first."""
    customer = customer_of(desk, ask.path["id"])
    return collection(reversed(desk.store.of("token", customer["id"])))


def get_token(desk: Desk, ask: Ask) -> Doc:
    return _token_of(desk, ask)


def delete_token(desk: Desk, ask: Ask) -> Doc:
    """Forgets the token; it can not be debited again."""
    token = _token_of(desk, ask)
    desk.store.delete("token", token["id"])
    return {"deleted": True}


def cancel_token(desk: Desk, ask: Ask) -> Doc:
    """Ends the mandate on the merchant's wish."""
    cancel(desk, _token_of(desk, ask))
    return {"status": "cancelled"}


def customer_of(desk: Desk, customer_id: str) -> Doc:
    """The customer with this id; raises `GatewayError`."""
    customer = desk.store.get("customer", customer_id)
    if not customer:
        raise unknown_id()
    return customer


def _token_of(desk: Desk, ask: Ask) -> Doc:
    customer = customer_of(desk, ask.path["id"])
    token = desk.store.get("token", ask.path["token_id"])
    if not token or token["customer_id"] != customer["id"]:
        raise unknown_id()
    return token
