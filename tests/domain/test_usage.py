"""Usage rolled up by wallet, hour, feature and member."""

from khata.domain.usage import Usage, rollup
from khata.testing import tell, wallet_id

ACME = wallet_id("acme")


def test_charges_captures_and_refunds_meet_in_the_hour_they_happen_in() -> None:
    told = tell(
        """
        price    CALL 5
        price    TOKENS 3 per 1000
        wallet   acme
        grant    bonus 100
        consume  2 CALL by mem-1 at 10:05
        consume  1 CALL by mem-2
        hold     4 CALL as job by mem-1 for 1h
        capture  job 3 at 10:59
        consume  500 TOKENS by mem-1 at 11:00
        refund   job 6
        grant    bonus 5
        """
    )
    used = rollup(told.books.transactions(ACME), {ACME: "Asia/Kolkata"})
    ten, eleven = sorted({key.hour_us for key in used})
    assert eleven - ten == 3_600_000_000
    assert {(key.hour_us, key.feature, key.member_id): usage for key, usage in used.items()} == {
        (ten, "CALL", "mem-1"): Usage("AI", 25, 2, 5),
        (ten, "CALL", "mem-2"): Usage("AI", 5, 1, 1),
        (eleven, "TOKENS", "mem-1"): Usage("AI", 1, 1, 500),
        (eleven, "CALL", "mem-1"): Usage("AI", -6, 0, 0),
    }
