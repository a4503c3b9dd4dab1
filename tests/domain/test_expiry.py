"""Expiry is logical: from its instant a lot or a hold counts for nothing, swept or not."""

from khata.testing import tell

LOT = """
wallet   acme
grant    bonus 50 until 13:00
grant    paid 100
"""


def test_a_lot_counts_until_the_microsecond_of_its_expiry() -> None:
    tell(
        LOT
        + """
        consume  1 at 12:59:59.999999    -> 1 bonus
        consume  1 at 13:00              -> 1 paid
        ledger   -> BONUS_CREDIT, CREDIT_PURCHASE, USAGE_DEDUCTION, EXPIRY, USAGE_DEDUCTION
        accounts -> expired 49, available 99
        """
    )


def test_what_is_read_is_as_if_the_sweeper_had_passed() -> None:
    tell(
        LOT
        + """
        hold     150 for 24h as it
        ledger   -> BONUS_CREDIT, CREDIT_PURCHASE, HOLD
        release  it
        hold     120 for 1h as other at 12:30
        sweep    at 12:59     -> booked 0
        ledger   -> HOLD_RELEASE, HOLD
        accounts at 13:30     -> available 100, reserved 0, expired 50
        lots                  -> 100 paid
        ledger   -> nothing
        sweep                 -> booked 2
        sweep                 -> booked 0
        ledger   -> HOLD_RELEASE, EXPIRY
        """
    )


def test_credits_inside_a_hold_stay_good_for_that_hold_and_no_longer() -> None:
    tell(
        LOT
        + """
        hold     30 as it for 24h          -> 30 bonus
        lots     at 13:00                  -> 100 paid
        capture  it 20                     -> 20 bonus, available 110
        lots                               -> 100 paid
        accounts                           -> expired 30, consumed 20
        """
    )


def test_a_capture_beyond_its_hold_takes_no_expired_credits() -> None:
    tell(
        LOT
        + """
        hold     30 as it for 24h          -> 30 bonus
        capture  it 40 over at 13:00       -> 30 bonus, 10 paid, available 90
        """
    )


def test_holds_that_expire_give_back_to_lots_that_may_have_expired_before() -> None:
    tell(
        LOT
        + """
        hold     80 as it for 24h          -> 50 bonus, 30 paid
        consume  100 at 14:00              -> INSUFFICIENT_CREDITS  required 100, available 70
        consume  100 at 09:00 day 2        -> 100 paid, available 0
        accounts                           -> expired 50
        """
    )


def test_credits_refunded_to_an_expired_lot_expire_again() -> None:
    tell(
        LOT
        + """
        consume  60 as work                -> 50 bonus, 10 paid
        refund   work at 13:00             -> 10 back to paid, 50 back to bonus, available 150
        lots                               -> 100 paid
        ledger   -> BONUS_CREDIT, CREDIT_PURCHASE, USAGE_DEDUCTION, REFUND, EXPIRY
        """
    )


def test_locked_credits_do_not_expire_until_they_are_unlocked() -> None:
    tell(
        """
        wallet   acme
        grant    paid 100 until 13:00
        lock     paid
        accounts at 14:00                  -> locked 100, expired 0
        unlock   paid                      -> 100 paid, available 100
        accounts                           -> locked 0, expired 100, available 0
        """
    )


def test_several_expire_in_the_order_of_their_time() -> None:
    tell(
        """
        wallet   acme
        grant    bonus 5 as late  until 14:00
        grant    bonus 5 as early until 13:00
        hold     1 as it for 24h           -> 1 early
        sweep    at 15:00                  -> booked 2
        release  it                        -> available 1
        accounts                           -> available 0, expired 10
        """
    )
