"""Place of supply: whether a sale is within the seller's State, to another one, or an export."""

from typing import Literal

from msgspec import Struct

from khata.domain.gstin import state_of
from khata.domain.states import ABROAD, current

Supply = Literal["intra", "inter", "export"]

HOME = "IN"


class PlaceOfSupply(Struct, frozen=True, gc=False):
    """Where a sale counts as made. `assumed`: the buyer told nothing, so it is the seller's State.

    `state_code` is 96 for an export.
    """

    supply: Supply
    state_code: str
    assumed: bool = False


def place_of_supply(
    seller_state: str,
    *,
    country: str | None = None,
    state_code: str | None = None,
    gstin: str | None = None,
) -> PlaceOfSupply:
    """Where the buyer is registered, else their State, else the seller's; abroad is an export.

    The values are checked ones (see invoice.check_buyer).
    """
    if country not in {None, HOME}:
        return PlaceOfSupply("export", ABROAD)
    told = state_of(gstin) if gstin else state_code
    here, there = current(seller_state), current(told or seller_state)
    assert here is not None, "the seller's State is a known one"
    assert there is not None, "the buyer's State is a known one"
    supply: Supply = "intra" if here.code == there.code else "inter"
    return PlaceOfSupply(supply, there.code, assumed=told is None)


def is_zero_rated(place: PlaceOfSupply, lut_arn: str | None) -> bool:
    """Whether no tax is charged: an export under a letter of undertaking."""
    return place.supply == "export" and bool(lut_arn)
