"""A purchase under dispute: locked, unlocked, clawed back, and the debt that may be left."""

from khata.domain.disputes import standing
from khata.domain.ids import GrantId
from khata.domain.refund_money import Standing
from khata.domain.wallet import GrantKind, Lot
from khata.testing import tell

BOUGHT = """
wallet  acme
buy     100 + 20 bonus for ₹10 as pay-1
"""


def test_a_clawback_of_the_unspent_takes_the_bonus_first() -> None:
    tell(
        BOUGHT
        + """
        consume  10                 -> 10 pay-1 bonus
        clawback pay-1 15           -> 10 pay-1 bonus, 5 pay-1, available 95
        clawback pay-1 96           -> INSUFFICIENT_CREDITS  required 96, available 95
        clawback pay-1              -> 95 pay-1, available 0
        """
    )


def test_credits_that_come_back_after_the_whole_was_clawed_back_are_not_clawed_back_again() -> None:
    tell(
        BOUGHT
        + """
        consume  70 as work         -> 20 pay-1 bonus, 50 pay-1
        clawback pay-1 whole        -> 50 pay-1, available -70, debt 70
        refund   work               -> 50 back to pay-1, 20 back to pay-1 bonus, available 0
        clawback pay-1 whole        -> nothing, available 0, debt 70
        clawback pay-1              -> nothing, available 0, debt 70
        """
    )


def test_credits_given_away_and_back_are_clawed_back_once() -> None:
    tell(
        """
        wallet  acme
        wallet  zen
        grant   paid 100
        give     30 to zen
        give     30 on zen to acme
        clawback paid whole         -> 70 paid, 30 paid, available 0, debt 0
        """
    )


def test_a_dispute_locks_what_is_unspent_and_unlocks_it_when_it_is_won() -> None:
    tell(
        BOUGHT
        + """
        grant    paid 50 as other
        consume  30                 -> 20 pay-1 bonus, 10 pay-1
        lock     pay-1              -> 90 pay-1, available 50, locked 90
        lock     pay-1              -> nothing, locked 90
        consume  51                 -> INSUFFICIENT_CREDITS  required 51, available 50
        unlock   pay-1              -> 90 pay-1, available 140, locked 0
        unlock   pay-1              -> nothing, locked 0
        """
    )


def test_a_lost_dispute_takes_the_locked_then_other_paid_lots_and_leaves_a_debt() -> None:
    tell(
        BOUGHT
        + """
        grant    bonus 9 as free
        grant    paid 40 as other
        consume  70                 -> 20 pay-1 bonus, 9 free, 41 pay-1
        lock     pay-1              -> 59 pay-1, available 40, locked 59
        clawback pay-1 whole        -> 59 pay-1, 40 other, available -21, locked 0, debt 21
        consume  1                  -> INSUFFICIENT_CREDITS  required 1, available -21, shortfall 22
        hold     1                  -> INSUFFICIENT_CREDITS
        grant    adjustment -1      -> INSUFFICIENT_CREDITS
        """
    )


def test_the_next_paid_lot_pays_the_debt_as_a_draw_and_its_bonus_does_not() -> None:
    tell(
        BOUGHT
        + """
        consume  120
        clawback pay-1 whole        -> nothing, available -120, debt 120
        grant    bonus 30 as free   -> nothing, available -90, debt 120
        buy      100 + 10 bonus for ₹10 as pay-2   -> 100 pay-2, available 10, debt 20
        lots                        -> 30 free, 10 pay-2 bonus
        accounts                    -> available 20, debt 20
        grant    paid 50 as third   -> 20 third, available 70, debt 0
        lots                        -> 30 free, 10 pay-2 bonus, 30 third
        """
    )


def test_credits_in_an_open_hold_are_still_captured_and_their_loss_is_debt() -> None:
    tell(
        """
        wallet   acme
        grant    paid 100 as pay-1
        hold     40 as it           -> 40 pay-1
        clawback pay-1 whole        -> 60 pay-1, available -40, reserved 40, debt 40
        capture  it 30              -> 30 pay-1, available -30, debt 40
        lots                        -> 10 pay-1
        grant    paid 50 as next    -> 40 next, available 20, debt 0
        """
    )


def test_a_locked_purchase_can_be_clawed_back_in_part() -> None:
    tell(
        BOUGHT
        + """
        lock     pay-1
        clawback pay-1 30           -> 20 pay-1 bonus, 10 pay-1, locked 90, available 0
        unlock   pay-1              -> 90 pay-1, available 90
        """
    )


def test_a_payment_that_nobody_knows_has_nothing_to_lock_or_claw_back() -> None:
    tell(
        BOUGHT
        + """
        lock     pay-9              -> nothing, available 120
        clawback pay-9 whole        -> nothing, available 120
        clawback pay-9 1            -> INSUFFICIENT_CREDITS  required 1, available 0
        """
    )


def test_other_paid_lots_give_only_what_the_purchase_lacks() -> None:
    tell(
        """
        wallet   acme
        grant    paid 100 as pay-1
        grant    paid 100 as other
        consume  10                 -> 10 pay-1
        clawback pay-1 whole        -> 90 pay-1, 10 other, available 90, debt 0
        """
    )


def lot(
    kind: GrantKind,
    granted: int,
    available: int,
    *,
    reserved: int = 0,
    locked: int = 0,
    clawed_back: int = 0,
) -> Lot:
    return Lot(
        id=GrantId(f"grt_{kind}"),
        kind=kind,
        granted=granted,
        available=available,
        sequence=1,
        created_at_us=0,
        payment_id="pay-1",
        reserved=reserved,
        locked=locked,
        clawed_back=clawed_back,
    )


def test_a_refund_is_reckoned_on_what_its_clawback_would_find() -> None:
    whole = [lot("purchase", 100, 100), lot("bonus", 20, 20)]
    assert standing(whole, 0) == Standing(gone_credits=0, unspent_bonus=20, unspent_paid=100)
    used = [lot("purchase", 100, 60, reserved=10), lot("bonus", 20, 0)]
    assert standing(used, 0) == Standing(gone_credits=60, unspent_bonus=0, unspent_paid=60)
    locked = [lot("purchase", 100, 0, locked=100), lot("bonus", 20, 0, locked=15)]
    assert standing(locked, 0) == Standing(gone_credits=5, unspent_bonus=15, unspent_paid=100)
    back = [lot("purchase", 100, 70, clawed_back=30), lot("bonus", 20, 0, clawed_back=20)]
    assert standing(back, 300) == Standing(0, 0, 70, refunded_paise=300)
    # Credits that came back after the whole was clawed back are nobody's to refund.
    over = [lot("purchase", 100, 70, clawed_back=100), lot("bonus", 20, 0, clawed_back=20)]
    assert standing(over, 0) == Standing(0, 0, 0)
