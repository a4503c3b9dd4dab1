"""What stands out of a wallet's usage, over HTTP."""

from desk import Clock
from khata.domain.times import rfc3339
from served import Api

DAY_US = 86_400_000_000


def test_what_stands_out(api: Api, clock: Clock) -> None:
    """Most of it is one member's, until it rises by what nobody in particular used."""
    wallet_id = api.new_wallet(1000)
    api.post("/v1/members", {"name": "Chen Wu", "external_id": "chen-wu"})
    path = f"/v1/wallets/{wallet_id}/usage/insight"
    api.consume(wallet_id, "AI_SUMMARY", member_id="chen-wu")
    assert api.get(path)["insight"] is None
    clock.turn(days=9)
    for _ in range(9):
        api.consume(wallet_id, "AI_SUMMARY", member_id="chen-wu")
    api.consume(wallet_id, "EMAIL_SEND", member_id="bela")
    found = api.get(path)["insight"]
    told = ("finding", "feature", "category", "credits", "percentage", "previous_credits")
    assert [found[name] for name in told] == ["largest", "AI_SUMMARY", "AI", 150, 99.3, None]
    assert found["member"] == {"member_id": "chen-wu", "name": "Chen Wu", "percentage": 100.0}
    clock.turn(days=9)
    for _ in range(20):
        api.consume(wallet_id, "AI_SUMMARY")
    since = rfc3339(clock.at_us - 8 * DAY_US)
    found = api.get(path, **{"from": since})["insight"]
    assert (found["finding"], found["previous_credits"], found["member"]) == ("risen", 135, None)
    assert (found["credits"], found["risen_credits"], found["risen_percent"]) == (300, 165, 122)
