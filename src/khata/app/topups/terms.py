"""The operator's side of a top-up: what is sold on which terms, and by whom."""

from msgspec import Struct

from khata.domain.packs import TopUpTerms
from khata.domain.parties import EXAMPLE_SELLER, Buyer, Seller
from khata.domain.place_of_supply import PlaceOfSupply, is_zero_rated, place_of_supply
from khata.domain.risk import DEFAULT_POLICY, RiskPolicy


class SalesTerms(Struct, frozen=True, kw_only=True):
    """What is sold on which terms, by whom, and which risks are taken."""

    topups: TopUpTerms = TopUpTerms()
    seller: Seller = EXAMPLE_SELLER
    risk: RiskPolicy = DEFAULT_POLICY

    def place_of(self, buyer: Buyer) -> PlaceOfSupply:
        """Where a sale to this buyer counts as made."""
        return place_of_supply(
            self.seller.state_code,
            country=buyer.country,
            state_code=buyer.state_code,
            gstin=buyer.gstin,
        )

    def is_zero_rated(self, place: PlaceOfSupply) -> bool:
        """Whether a sale there pays no tax."""
        return is_zero_rated(place, self.seller.lut_arn)
