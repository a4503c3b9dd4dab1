"""Of which period a report is asked."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from khata.domain.plain_text import FormName
from khata.http.schemas.common import AnyId, Instant


class PeriodQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`from` counts in, `to` does not; everything up to now if nothing is said.

    `organization_id` is for keys of the whole platform; others are asked for their own.
    """

    since: Instant | None = field(default=None, name="from")
    until: Instant | None = field(default=None, name="to")
    organization_id: AnyId | None = None


class ExportQuery(PeriodQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """In which form, and of all wallets or one."""

    format: FormName
    wallet_id: AnyId | None = None


class OwedQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many wallets are named, and of which organization."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 50
    organization_id: AnyId | None = None
