"""What credits are sold for: the packs, and the terms of a top-up."""

from typing import Literal

from msgspec import Struct

from khata.domain.money import PAISE_PER_CREDIT

FeeRecognition = Literal["deferred", "immediate"]

WHOLE_BPS = 10_000


class Pack(Struct, frozen=True, gc=False):
    """An offered amount with its bonus. `price_paise` is before tax and fee."""

    id: str
    name: str
    price_paise: int
    bonus_credits: int = 0

    @property
    def base_credits(self) -> int:
        """What the price buys at the official rate, without the bonus."""
        return self.price_paise // PAISE_PER_CREDIT


DEFAULT_PACKS = (
    Pack("starter", "Starter", 15_000),
    Pack("growth", "Growth", 30_000, 200),
    Pack("pro", "Pro", 50_000, 500),
    Pack("scale", "Scale", 100_000, 2_000),
    Pack("enterprise", "Enterprise", 250_000, 7_000),
)


class TopUpTerms(Struct, frozen=True):
    """The operator's terms: packs, limits, rates in basis points, and how the fee is earned.

    `gst_bps` is the whole rate of the tax, of which the State and the Union have half each.
    `fee_bps` is the platform's fee with its tax inside. Terms that contradict themselves raise
    `ValueError`.
    """

    packs: tuple[Pack, ...] = DEFAULT_PACKS
    minimum_paise: int = 15_000
    maximum_paise: int = 10**9
    gst_bps: int = 1_800
    fee_bps: int = 240
    round_to_rupee: bool = True
    fee_recognition: FeeRecognition = "deferred"
    credits_valid_days: int | None = None

    def __post_init__(self) -> None:
        for wrong, message in (
            (
                not 0 < self.minimum_paise <= self.maximum_paise,
                "the minimum must be above zero and not above the maximum",
            ),
            (
                not (0 <= self.gst_bps <= WHOLE_BPS and 0 <= self.fee_bps <= WHOLE_BPS),
                "a rate is from 0 to 10000 basis points",
            ),
            (
                self.credits_valid_days is not None and self.credits_valid_days < 1,
                "credits are valid for a day at least",
            ),
            (
                len({pack.id for pack in self.packs}) < len(self.packs)
                or len({pack.price_paise for pack in self.packs}) < len(self.packs),
                "two packs have the same id or the same price",
            ),
        ):
            if wrong:
                raise ValueError(message)
        for pack in self.packs:
            self._check(pack)

    def pack(self, pack_id: str) -> Pack | None:
        """The pack of that id."""
        return next((pack for pack in self.packs if pack.id == pack_id), None)

    def pack_of(self, amount_paise: int) -> Pack | None:
        """The pack that costs exactly this amount, whose bonus it earns."""
        return next((pack for pack in self.packs if pack.price_paise == amount_paise), None)

    def _check(self, pack: Pack) -> None:
        if not self.minimum_paise <= pack.price_paise <= self.maximum_paise:
            raise ValueError(f"the price of pack {pack.id} is not within minimum and maximum")
        if pack.price_paise % PAISE_PER_CREDIT:
            raise ValueError(f"the price of pack {pack.id} is no whole number of credits")
        if pack.bonus_credits < 0:
            raise ValueError(f"the bonus of pack {pack.id} is negative")
