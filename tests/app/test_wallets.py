"""The registry of wallets."""

import asyncio
from collections.abc import Mapping

import pytest

from desk import Desk
from khata.app.invalid import Invalid
from khata.app.runtime import Khata
from khata.app.wallets import FirstSettings, WalletPatch
from khata.domain.commands import Consume
from khata.domain.ids import OrganizationId
from khata.domain.refusals import WalletFrozen


async def test_an_owner_has_one_wallet_however_many_ask(khata: Khata) -> None:
    asked = (khata.wallets.create(None, "user", "asha", f"Asha {n}") for n in range(20))
    answers = await asyncio.gather(*asked)
    assert len({wallet.id for wallet, _, _ in answers}) == 1
    assert [made for _, _, made in answers].count(True) == 1
    assert len({wallet.name for wallet, _, _ in answers}) == 1


async def test_an_owner_is_a_type_and_an_id(khata: Khata) -> None:
    user, accounts, made = await khata.wallets.create(None, "user", "1", "A user")
    community, _, made_too = await khata.wallets.create(None, "community", "1", "A community")
    assert made
    assert made_too
    assert user.id != community.id
    assert (accounts.sequence, accounts.available) == (0, 0)


async def test_an_existing_wallet_comes_with_its_accounts(desk: Desk) -> None:
    await desk.grant(70)
    wallet, accounts, made = await desk.khata.wallets.create(None, "user", "asha", "Other")
    assert (wallet, made) == (desk.wallet, False)
    assert accounts.available == 70


async def test_defaults_and_settings_of_a_new_wallet(khata: Khata) -> None:
    wallet, _, _ = await khata.wallets.create(None, "user", "1", "A")
    assert (wallet.time_zone, wallet.low_balance_threshold) == ("Asia/Kolkata", 200)
    other, _, _ = await khata.wallets.create(
        None, "user", "2", "B", FirstSettings(time_zone="Europe/Berlin", low_balance_threshold=0)
    )
    assert (other.time_zone, other.low_balance_threshold) == ("Europe/Berlin", 0)


NO_ZONES = ["", "Asia", "Asia/Atlantis", "../etc/passwd", "/etc", "a\0b"]


async def test_a_time_zone_must_exist(khata: Khata) -> None:
    for zone in NO_ZONES:
        with pytest.raises(Invalid, match="time_zone"):
            await khata.wallets.create(None, "user", "1", "A", FirstSettings(time_zone=zone))


async def test_an_organization_must_exist(khata: Khata) -> None:
    with pytest.raises(Invalid, match="organization_id"):
        await khata.wallets.create(OrganizationId("org_none"), "user", "1", "A")


async def test_finding_and_identity(desk: Desk) -> None:
    wallets, wallet = desk.khata.wallets, desk.wallet
    assert await wallets.find(wallet.id) == wallet
    for _ in range(2):
        identity = await wallets.identity(wallet.id)
        assert identity == (wallet.organization_id, "user", "asha")


NO_WALLETS = ["", "wal_", "wal_" + "U" * 26, "wal_" + "0" * 26, "org_x"]


async def test_what_is_no_wallet_is_not_found(khata: Khata) -> None:
    for name in NO_WALLETS:
        assert await khata.wallets.find(name) is None
        assert await khata.wallets.identity(name) is None
        assert await khata.wallets.change(name, WalletPatch(name="x")) is None
        assert await khata.views.wallet_view(name) is None


async def test_lists_by_owner_and_organization_go_on_behind_a_wallet(khata: Khata) -> None:
    made = [(await khata.wallets.create(None, "user", str(n), "U"))[0] for n in range(5)]
    team = (await khata.wallets.create(None, "community", "2", "C"))[0]
    by_id = sorted(wallet.id for wallet in [*made, team])
    page = await khata.wallets.list(organization_id=team.organization_id, limit=4)
    rest = await khata.wallets.list(limit=4, after=page[-1].id)
    assert [wallet.id for wallet in (*page, *rest)] == by_id
    assert {w.id for w in await khata.wallets.list(owner_id="2")} == {made[2].id, team.id}
    assert await khata.wallets.list(owner_type="community", owner_id="2") == [team]
    assert await khata.wallets.list(organization_id="org_none") == []


async def test_settings_change_alone(desk: Desk) -> None:
    desk.clock.turn(seconds=5)
    patch = WalletPatch(name="New", caps={"AI": 5})
    changed = await desk.khata.wallets.change(desk.wallet.id, patch)
    assert changed
    assert (changed.name, changed.caps) == ("New", {"AI": 5})
    assert changed.low_balance_threshold == desk.wallet.low_balance_threshold
    assert changed.updated_at_us == desk.clock()
    assert changed.created_at_us == desk.wallet.created_at_us
    again = await desk.khata.wallets.change(desk.wallet.id, WalletPatch(caps={"EMAILS": 9}))
    assert again
    assert (again.name, again.caps) == ("New", {"AI": 5, "EMAILS": 9})
    without = await desk.khata.wallets.change(desk.wallet.id, WalletPatch(caps={"AI": None}))
    assert without
    assert without.caps == {"EMAILS": 9}


OUT_OF_BOUNDS = [
    (WalletPatch(low_balance_threshold=-1), "low_balance_threshold"),
    (WalletPatch(low_balance_threshold=2**63), "low_balance_threshold"),
    (WalletPatch(rapid_burn_limit=0), "rapid_burn_limit"),
    (WalletPatch(caps={"AI": 201}), "caps.AI"),
    (WalletPatch(caps={"AI": -1}), "caps.AI"),
    (WalletPatch(caps={"COFFEE": 1}), "caps.COFFEE"),
]


async def test_settings_have_bounds(desk: Desk) -> None:
    for patch, field in OUT_OF_BOUNDS:
        with pytest.raises(Invalid) as refused:
            await desk.khata.wallets.change(desk.wallet.id, patch)
        assert refused.value.field == field


async def test_a_frozen_wallet_refuses_at_once(desk: Desk) -> None:
    await desk.grant(70)
    await desk.khata.wallets.change(desk.wallet.id, WalletPatch(status="frozen"))
    spend = Consume(wallet_id=desk.wallet.id, idempotency_key=desk.key, feature="EMAIL_SEND")
    assert (await desk.khata.engine.submit(spend)).outcome == WalletFrozen("frozen")
    await desk.khata.wallets.change(desk.wallet.id, WalletPatch(status="active"))
    await desk.consume()


async def test_a_wallets_own_cap_holds_at_once(desk: Desk) -> None:
    await desk.grant(70)
    caps: Mapping[str, int | None] = {"EMAILS": 0}
    await desk.khata.wallets.change(desk.wallet.id, WalletPatch(caps=caps))
    gate = await desk.khata.views.gate(desk.wallet.id, "EMAIL_SEND")
    assert gate.code == "DAILY_LIMIT_EXCEEDED_EMAILS"
