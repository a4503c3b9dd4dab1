"""The operator's side of a top-up: the terms, and whose State tax is owed in."""

from msgspec import Struct

from khata.domain.packs import TopUpTerms
from khata.domain.place_of_supply import PlaceOfSupply, is_zero_rated, place_of_supply
from khata.domain.risk import DEFAULT_POLICY, RiskPolicy
from khata.postgres.orders import Buyer


class SalesTerms(Struct, frozen=True, kw_only=True):
    """What is sold on which terms, from which State, and which risks are taken.

    `lut_arn` is the letter of undertaking under which exports pay no tax.
    """

    topups: TopUpTerms = TopUpTerms()
    seller_state: str = "07"
    lut_arn: str | None = None
    risk: RiskPolicy = DEFAULT_POLICY

    def place_of(self, buyer: Buyer) -> PlaceOfSupply:
        """Where a sale to this buyer counts as made."""
        return place_of_supply(
            self.seller_state,
            country=buyer.country,
            state_code=buyer.state_code,
            gstin=buyer.gstin,
        )

    def is_zero_rated(self, place: PlaceOfSupply) -> bool:
        """Whether a sale there pays no tax."""
        return is_zero_rated(place, self.lut_arn)
