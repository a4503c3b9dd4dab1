"""A wallet that burns is protected as its settings say, and released in one step."""

import pytest

from desk import Desk
from khata.app.wallets import WalletPatch
from khata.domain.actor import Actor
from khata.domain.commands import Consume
from khata.domain.gate import Gate
from khata.domain.limits import DAY_US
from khata.domain.protection import protection_of
from khata.domain.refusals import BudgetExceeded, WalletFrozen
from khata.postgres.asking import ask, borrowed
from watched import live, told, work

AUDITED = """
select actor, address, action, before::json ->> 'status', after::json ->> 'status'
from audit_log where subject = $1 and action like 'protection.%' order by action"""

ASHA = Actor("mem_asha", "192.0.2.1")


async def status(desk: Desk) -> tuple[str, str | None]:
    wallet = await desk.khata.wallets.find(desk.wallet.id)
    assert wallet
    return wallet.status, wallet.frozen_reason


async def burn(desk: Desk, action: WalletPatch) -> None:
    await desk.khata.wallets.change(desk.wallet.id, action)
    await live(desk, [50_000, -5_001])
    await work(desk)


@pytest.fixture
async def frozen(desk: Desk) -> Desk:
    await burn(desk, WalletPatch(rapid_burn_action="freeze"))
    return desk


async def test_a_wallet_that_burns_is_frozen_until_somebody_releases_it(frozen: Desk) -> None:
    assert await status(frozen) == ("frozen", "rapid_burn")
    spend = Consume(wallet_id=frozen.wallet.id, idempotency_key=frozen.key, feature="EMAIL_SEND")
    refused = (await frozen.khata.engine.submit(spend)).outcome
    assert isinstance(refused, WalletFrozen)
    assert refused == WalletFrozen("frozen", "rapid_burn")
    assert "because it used its credits too fast" in refused.detail
    # Time does not release it.
    frozen.clock.turn(days=3)
    await work(frozen)
    assert await told(frozen) == [("RAPID_BURN", "resolved")]
    assert await status(frozen) == ("frozen", "rapid_burn")
    assert await frozen.khata.watching.protection.release(frozen.wallet.id, ASHA)
    assert await status(frozen) == ("active", None)
    await frozen.consume()


async def test_a_released_wallet_is_not_frozen_again_by_the_same_burn(frozen: Desk) -> None:
    for _ in range(2):
        assert await frozen.khata.watching.protection.release(frozen.wallet.id, ASHA)
    await live(frozen, [-3_000])
    await frozen.khata.wallets.change(frozen.wallet.id, WalletPatch(rapid_burn_limit=4_000))
    await work(frozen)
    assert await status(frozen) == ("active", None)
    frozen.clock.at_us += 2 * DAY_US
    await work(frozen)
    await live(frozen, [-4_001])
    await work(frozen)
    assert await status(frozen) == ("frozen", "rapid_burn")
    assert await told(frozen) == [("RAPID_BURN", "resolved"), ("RAPID_BURN", "open")]


async def test_who_froze_and_who_released_is_written_down(frozen: Desk) -> None:
    for _ in range(2):
        await frozen.khata.watching.protection.release(frozen.wallet.id, ASHA)
    async with borrowed(frozen.khata.registries) as connection:
        audited = await ask(connection, AUDITED, frozen.wallet.id)
    assert audited == [
        ("worker", None, "protection.frozen", "active", "frozen"),
        ("mem_asha", "192.0.2.1", "protection.released", "frozen", "active"),
    ]


async def test_who_sets_the_status_by_hand_releases_too(frozen: Desk) -> None:
    await frozen.khata.wallets.change(frozen.wallet.id, WalletPatch(status="active"))
    await frozen.khata.wallets.change(frozen.wallet.id, WalletPatch(rapid_burn_limit=4_999))
    await work(frozen)
    assert await status(frozen) == ("active", None)


async def test_a_wallet_that_was_frozen_by_hand_is_not_released(desk: Desk) -> None:
    await burn(desk, WalletPatch(rapid_burn_action="alert"))
    assert await status(desk) == ("active", None)
    await desk.khata.wallets.change(desk.wallet.id, WalletPatch(status="frozen"))
    await desk.khata.watching.protection.release(desk.wallet.id, ASHA)
    assert await status(desk) == ("frozen", None)


async def test_who_asks_for_it_while_the_wallet_burns_has_it_frozen(desk: Desk) -> None:
    await burn(desk, WalletPatch(rapid_burn_action="alert"))
    await desk.khata.wallets.change(desk.wallet.id, WalletPatch(rapid_burn_action="freeze"))
    await work(desk)
    assert await status(desk) == ("frozen", "rapid_burn")


async def test_a_wallet_that_is_calm_or_unknown_has_nothing_to_release(desk: Desk) -> None:
    assert await desk.khata.watching.protection.release(desk.wallet.id, ASHA)
    assert await status(desk) == ("active", None)
    for unknown in ("wal_" + "0" * 26, "nonsense"):
        assert not await desk.khata.watching.protection.release(unknown, ASHA)


async def protection(desk: Desk) -> str | None:
    wallet = await desk.khata.wallets.find(desk.wallet.id)
    assert wallet
    return protection_of(wallet)


async def try_to_spend(desk: Desk, credits: int) -> object:
    command = Consume(
        wallet_id=desk.wallet.id,
        idempotency_key=desk.key,
        feature="EMAIL_SEND",
        quantity=credits,
    )
    return (await desk.khata.engine.submit(command)).outcome


async def test_a_wallet_that_burns_is_slowed_down_within_its_charges_until_it_is_calm(
    desk: Desk,
) -> None:
    await burn(desk, WalletPatch(rapid_burn_action="throttle", rapid_burn_limit=4_800))
    assert await protection(desk) == "throttled"
    await live(desk, [-200])  # a 24th of 4,800
    refused = await try_to_spend(desk, 1)
    assert isinstance(refused, BudgetExceeded)
    assert (refused.used, refused.limit) == (200, 200)
    assert "slowed down to 200 an hour" in refused.detail
    gate = await desk.khata.views.gate(desk.wallet.id, "EMAIL_SEND", 1, None)
    assert isinstance(gate, Gate)
    assert gate.protection == "throttled"
    desk.clock.turn(seconds=3_600)
    await live(desk, [-200])
    # No longer told of than its own burn, and no alert of its own every hour.
    assert await told(desk) == [("RAPID_BURN", "open")]
    desk.clock.turn(days=1)
    await work(desk)
    assert await told(desk) == [("RAPID_BURN", "resolved")]
    assert await protection(desk) is None
    await live(desk, [-1_000])


async def test_a_wallet_that_is_slowed_down_is_released_in_one_step(desk: Desk) -> None:
    await burn(desk, WalletPatch(rapid_burn_action="throttle"))
    for _ in range(2):
        assert await desk.khata.watching.protection.release(desk.wallet.id, ASHA)
    await work(desk)
    assert await protection(desk) is None
    await live(desk, [-3_000])
    await work(desk)
    assert await protection(desk) is None
    async with borrowed(desk.khata.registries) as connection:
        audited = await ask(connection, AUDITED, desk.wallet.id)
    assert [(row[0], row[2]) for row in audited] == [
        ("mem_asha", "protection.released"),
        ("worker", "protection.throttled"),
    ]


async def test_who_no_longer_wants_to_be_slowed_down_is_let_go(desk: Desk) -> None:
    await burn(desk, WalletPatch(rapid_burn_action="throttle"))
    await desk.khata.wallets.change(desk.wallet.id, WalletPatch(rapid_burn_action="freeze"))
    await work(desk)
    assert await status(desk) == ("frozen", "rapid_burn")
    assert await protection(desk) == "frozen"
    assert isinstance(await try_to_spend(desk, 1), WalletFrozen)
    await desk.khata.watching.protection.release(desk.wallet.id, ASHA)
    await live(desk, [-3_000])
