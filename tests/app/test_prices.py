"""Price lists: published here, learned elsewhere."""

import asyncio

import pytest
from msgspec.structs import replace

from desk import Clock, Desk
from khata.app.invalid import Invalid
from khata.app.price_list import first_price_list
from khata.app.prices import Prices
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.domain.commands import CaptureHold, OpenHold
from khata.domain.pricing import Price

EMAIL = Price("EMAIL_SEND", "QUEUE", 2, cap="EMAILS")
TOKENS = Price("TOKENS", "AI", 3, per=1000, unit="token", cap="AI", premium=True)


def test_the_first_list_is_the_products() -> None:
    prices = {price.feature: price for price in first_price_list()}
    assert len(prices) == 22
    assert sum(price.credits for price in prices.values()) == 148
    assert {p.cap for p in prices.values() if p.category == "AI"} == {"AI"}
    assert prices["EMAIL_SEND"].cap == "EMAILS"
    assert prices["PUSH_NOTIFICATION"].cap is None
    assert prices["WEBHOOK_PREMIUM_DELIVERY"].premium
    assert not prices["WEBHOOK_TRIGGER"].premium
    assert sum(price.premium for price in prices.values()) == 13


async def test_a_published_list_holds_here_at_once(desk: Desk) -> None:
    prices = desk.khata.prices
    published = await prices.publish([EMAIL, TOKENS])
    assert published.version == 2
    assert published.effective_at_us == published.published_at_us == desk.clock()
    assert prices.in_force() == published
    await desk.grant(10)
    assert (await desk.consume("EMAIL_SEND")).available_change == -2
    assert [p.version for p in await prices.versions()] == [1, 2]


async def test_a_list_for_later_waits(khata: Khata, clock: Clock) -> None:
    later = await khata.prices.publish([EMAIL], clock() + 60_000_000)
    assert khata.prices.in_force().version == 1
    clock.turn(seconds=60)
    assert khata.prices.in_force() == later


async def test_many_who_publish_get_a_version_each(khata: Khata) -> None:
    made = await asyncio.gather(*(khata.prices.publish([EMAIL]) for _ in range(8)))
    assert sorted(prices.version for prices in made) == list(range(2, 10))
    assert khata.prices.latest == 9


async def test_another_process_learns_of_it(khata: Khata, clock: Clock) -> None:
    elsewhere = Prices(khata.registries, clock)
    await elsewhere.refresh()
    await khata.prices.publish([EMAIL, TOKENS])
    assert elsewhere.latest == 1
    await elsewhere.refresh()
    assert elsewhere.rules() == khata.prices.rules()


async def test_a_hold_at_a_list_unknown_here_is_captured_at_that_list(
    desk: Desk, settings: KhataSettings
) -> None:
    await desk.grant(100)
    async with open_khata(settings, desk.clock) as elsewhere:
        await elsewhere.prices.publish([EMAIL, TOKENS])
        taken = await Desk(elsewhere, desk.wallet, desk.clock).do(
            OpenHold(
                wallet_id=desk.wallet.id, idempotency_key="taken", feature="TOKENS", quantity=9000
            )
        )
    hold = taken.facts.hold
    assert hold
    captured = await desk.do(
        CaptureHold(
            wallet_id=desk.wallet.id, idempotency_key=desk.key, hold_id=hold.id, quantity=2000
        )
    )
    assert (captured.price_version, captured.available_after) == (2, 94)


NO_PRICES: list[tuple[list[Price], str]] = [
    ([], "features"),
    ([EMAIL, EMAIL], "features[1].feature"),
    ([replace(EMAIL, feature="email")], "features[0].feature"),
    ([replace(EMAIL, category="")], "features[0].category"),
    ([replace(EMAIL, credits=-1)], "features[0].credits"),
    ([replace(EMAIL, credits=10**6 + 1)], "features[0].credits"),
    ([replace(EMAIL, per=0)], "features[0].per"),
    ([replace(EMAIL, unit="")], "features[0].unit"),
    ([EMAIL, replace(TOKENS, cap="COFFEE")], "features[1].cap"),
]


async def test_what_no_price_can_be(khata: Khata) -> None:
    for features, field in NO_PRICES:
        with pytest.raises(Invalid) as refused:
            await khata.prices.publish(features)
        assert refused.value.field == field
        assert khata.prices.latest == 1


async def test_the_past_keeps_its_prices(khata: Khata, clock: Clock) -> None:
    with pytest.raises(Invalid, match="effective_at"):
        await khata.prices.publish([EMAIL], clock() - 3_600_000_000)
    published = await khata.prices.publish([EMAIL], clock() - 1_000_000)
    assert published.effective_at_us == clock()
