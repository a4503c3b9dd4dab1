"""A batch: up to a thousand operations in one request."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from khata.http.schemas.common import AnyId
from khata.http.schemas.grants import Grant, GrantBody, RefundBody
from khata.http.schemas.transactions import Transaction, WalletBalances
from khata.http.schemas.usage import CaptureBody, ConsumeBody, Hold, HoldBody, ReleaseBody

MAX_ITEMS: Final = 1000

ItemKey = Annotated[str, Meta(extra_json_schema={"pattern": "^[A-Za-z0-9_-]{6,120}$"})]


class ConsumeItem(
    ConsumeBody,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="op",
    tag="consume",
):
    """An operation to charge, as on the route of its own."""

    wallet_id: AnyId
    idempotency_key: ItemKey | None = None


class HoldItem(
    HoldBody, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="op", tag="hold"
):
    """Credits to set aside, as on the route of its own."""

    wallet_id: AnyId
    idempotency_key: ItemKey | None = None


class CaptureItem(
    CaptureBody,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="op",
    tag="capture",
):
    """A hold to capture, as on the route of its own."""

    wallet_id: AnyId
    hold_id: AnyId
    idempotency_key: ItemKey | None = None


class ReleaseItem(
    ReleaseBody,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="op",
    tag="release",
):
    """A hold to release, as on the route of its own."""

    wallet_id: AnyId
    hold_id: AnyId
    idempotency_key: ItemKey | None = None


class GrantItem(
    GrantBody, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="op", tag="grant"
):
    """Credits to give, as on the route of its own."""

    wallet_id: AnyId
    idempotency_key: ItemKey | None = None


class RefundItem(
    RefundBody, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="op", tag="refund"
):
    """A usage to give back, as on the route of its own."""

    wallet_id: AnyId
    idempotency_key: ItemKey | None = None


Item = ConsumeItem | HoldItem | CaptureItem | ReleaseItem | GrantItem | RefundItem


class BatchBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Operations to carry out in this order. `atomic` is for one wallet: all of them or none."""

    items: Annotated[list[Item], Meta(min_length=1, max_length=MAX_ITEMS)]
    mode: Literal["independent", "atomic"] = "independent"


class BatchResult(Struct, frozen=True):
    """The status of an item, with the body or the problem of the route of its own."""

    status: int
    transaction: Transaction | UnsetType | None = UNSET
    wallet: WalletBalances | UnsetType = UNSET
    hold: Hold | UnsetType = UNSET
    grant: Grant | UnsetType | None = UNSET
    type: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    code: str | UnsetType = UNSET


class BatchResults(Struct, frozen=True):
    """What became of each item, in the order of the items."""

    results: list[BatchResult]


def result_of(status: int, body: bytes) -> bytes:
    """An item's result: its status beside the members of its body."""
    return b'{"status":%d,%b' % (status, body[1:])


def results_of(results: list[bytes]) -> bytes:
    """The answer to a batch."""
    return b'{"results":[%b]}' % b",".join(results)
