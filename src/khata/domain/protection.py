"""What protects a wallet from a rapid burn: it is frozen, or slowed down by a budget of its own.

A throttle is a budget like any other, decided within the charge: an hour of it is a 24th of what
the wallet may use within 24 hours.
"""

from typing import Final, Literal

from khata.domain.budgets import THROTTLE, Budget
from khata.domain.wallet import RAPID_BURN, Wallet

Protection = Literal["frozen", "throttled"]

_HOURS: Final = 24


def throttle(ulid: str, rapid_burn_limit: int) -> Budget:
    """The budget that slows a wallet of that limit down."""
    return Budget(
        id=THROTTLE + ulid,
        level="organization",
        unit="credits",
        window="hour",
        limit=max(rapid_burn_limit // _HOURS, 1),
    )


def throttle_of(wallet: Wallet) -> str | None:
    """The id of the budget that slows the wallet down, if one does."""
    return next((each.id for each in wallet.budgets if each.id.startswith(THROTTLE)), None)


def protection_of(wallet: Wallet) -> Protection | None:
    """What protects the wallet at the moment."""
    if wallet.frozen_reason == RAPID_BURN:
        return "frozen"
    return None if throttle_of(wallet) is None else "throttled"
