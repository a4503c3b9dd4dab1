"""What every rule is given: the operator's prices and caps, and the base of all commands."""

from collections.abc import Mapping

from msgspec import Struct

from khata.domain.ids import WalletId
from khata.domain.pricing import PriceLists


class Rules(Struct, frozen=True, gc=False):
    """The operator's price lists, and operations a day by cap."""

    prices: PriceLists
    caps: Mapping[str, int]


class WalletCommand(
    Struct, frozen=True, gc=False, kw_only=True, tag_field="op", omit_defaults=True
):
    """Base of all commands: the wallet whose credits move, and the key of the decision.

    Only the housekeeping of expiries has no key. Amounts are whole credits.
    """

    wallet_id: WalletId
    idempotency_key: str | None = None
