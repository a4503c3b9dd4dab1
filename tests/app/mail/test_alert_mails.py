"""Alerts reach those who look after the credits: one letter each, and none when it is over."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from msgspec.structs import replace

from desk import Clock, Desk
from khata.app.mail.alert_letters import About, letter_about
from khata.app.mail.letters import in_text
from khata.app.mail.mails import TRIED_US, Addressed
from khata.app.mail.smtp import smtp_server
from khata.app.people.audited import Acting
from khata.app.people.members import NewMember
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.app.wallets import WalletPatch
from khata.app.watching.rules import RuleChange
from khata.domain.actor import Actor
from khata.domain.ids import WalletId
from khata.domain.roles import Role
from khata.postgres.alerts import Alert, AlertType, Facts
from khata.postgres.asking import ask, borrowed
from postbox import Postbox, open_postbox
from watched import live, watch, work

PEOPLE: tuple[tuple[str, Role, str | None], ...] = (
    ("Asha", "owner", "asha@example.com"),
    ("Bala", "admin", "bala@example.com"),
    ("Chitra", "billing", "Chitra@example.com"),
    ("Dev", "member", "dev@example.com"),
    ("Esha", "viewer", "esha@example.com"),
    ("Farid", "admin", None),
    ("Asha again", "billing", "ASHA@example.com"),
)
READERS = ["asha@example.com", "bala@example.com", "chitra@example.com"]
MAILS = "select recipient, state, note, letter is null from mails order by recipient"

BY = Actor("key_1")


@pytest.fixture
def box() -> Iterator[Postbox]:
    with open_postbox() as opened:
        yield opened


@pytest.fixture
def settings(settings: KhataSettings, box: Postbox) -> KhataSettings:
    return replace(settings, smtp=smtp_server(box.url, "Khata <billing@example.com>"))


@pytest.fixture
async def desk(khata: Khata, clock: Clock) -> Desk:
    """A wallet whose organization has people."""
    wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha's\r\nwallet")
    for number, (name, role, email) in enumerate(PEOPLE):
        person = NewMember(name=name, role=role, external_id=f"user-{number}", email=email)
        made = await khata.people.members.create(
            wallet.organization_id, person, Acting(BY, "owner")
        )
        assert isinstance(made, tuple), made
    return Desk(khata, wallet, clock)


async def mails(desk: Desk) -> list[tuple[str, str, str | None, bool]]:
    async with borrowed(desk.khata.registries) as connection:
        return [tuple(row) for row in await ask(connection, MAILS)]


async def run_dry(desk: Desk) -> None:
    await live(desk, [500, -500])


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


async def test_those_who_look_after_the_credits_get_one_letter_each(
    desk: Desk, box: Postbox
) -> None:
    await run_dry(desk)
    await work(desk)
    assert sorted(box.recipients) == READERS
    assert {letter["Subject"] for _, _, letter in box.letters} == {
        "No credits left in Asha's wallet"
    }
    # It is empty, so that it is low is no news two minutes later.
    desk.clock.turn(seconds=120)
    await work(desk)
    assert len(box.letters) == 3
    assert await mails(desk) == [(each, "sent", None, True) for each in READERS]


async def test_a_wallet_that_is_low_for_seconds_is_not_written_about(
    desk: Desk, box: Postbox
) -> None:
    await live(desk, [500, -400])
    await work(desk)
    assert box.letters == []
    await live(desk, [1_000])
    desk.clock.turn(seconds=120)
    await work(desk)
    assert box.letters == []
    await live(desk, [-1_000])
    desk.clock.turn(seconds=120)
    await work(desk)
    assert {letter["Subject"] for _, _, letter in box.letters} == {
        "100 credits left in Asha's wallet"
    }


async def test_nobody_is_written_to_who_does_not_want_it(desk: Desk, box: Postbox) -> None:
    rules = desk.khata.watching.rules
    await rules.change(desk.wallet.id, [RuleChange(type="CREDITS_EXHAUSTED", email=False)], BY)
    await run_dry(desk)
    await work(desk)
    assert box.letters == []


async def test_a_letter_waits_for_the_server_and_is_sent_once(desk: Desk, box: Postbox) -> None:
    box.answers["bala@example.com"] = "451 try again"
    box.answers["chitra@example.com"] = "550 no such user"
    await run_dry(desk)
    await work(desk)
    assert box.recipients == ["asha@example.com"]
    assert await mails(desk) == [
        ("asha@example.com", "sent", None, True),
        ("bala@example.com", "waiting", "451 try again", False),
        ("chitra@example.com", "given_up", "550 no such user", True),
    ]
    box.answers.clear()
    desk.clock.turn(seconds=600)
    await work(desk)
    desk.clock.turn(seconds=600)
    await work(desk)
    assert sorted(box.recipients) == READERS[:2]


async def test_what_cannot_be_sent_for_three_days_is_given_up(desk: Desk, box: Postbox) -> None:
    box.to_all = "451 try again"
    await run_dry(desk)
    await work(desk)
    assert {state for _, state, _, _ in await mails(desk)} == {"waiting"}
    desk.clock.at_us += TRIED_US
    await work(desk)
    assert {(state, gone) for _, state, _, gone in await mails(desk)} == {("given_up", True)}
    assert box.letters == []


async def test_a_step_that_is_taken_twice_writes_once(desk: Desk, box: Postbox) -> None:
    await run_dry(desk)
    alerts = await desk.khata.alerts.list(desk.wallet.id, None, 10, None)
    (exhausted,) = (alert for alert in alerts if alert.type == "CREDITS_EXHAUSTED")
    for _ in range(2):
        await desk.khata.mail.alerts.step(exhausted.id, desk.wallet.id)
    await work(desk)
    assert sorted(box.recipients) == READERS


async def test_letters_of_other_kinds_go_the_same_way(desk: Desk, box: Postbox) -> None:
    to = Addressed(
        organization_id=desk.wallet.organization_id, reason="inv_1", recipient="new@example.com"
    )
    alert = alert_of("LOW_BALANCE", {"available": 1})
    letter = letter_about(alert, About("Delhi Devs", "Asia/Kolkata"))
    async with borrowed(desk.khata.registries) as connection, connection.transaction():
        assert [await desk.khata.mail.mails.want(connection, to, letter) for _ in (1, 2)] == [
            True,
            False,
        ]
    await work(desk)
    assert box.recipients == ["new@example.com"]


async def test_mails_are_cleared_away_after_a_month(desk: Desk) -> None:
    await run_dry(desk)
    await work(desk)
    desk.clock.turn(days=29)
    assert (await desk.khata.sweeper.sweep_once()).mails == 0
    desk.clock.turn(days=2)
    assert (await desk.khata.sweeper.sweep_once()).mails == 3


async def test_without_a_server_nothing_is_written(
    settings: KhataSettings, clock: Clock, box: Postbox
) -> None:
    async with open_khata(replace(settings, smtp=None), clock) as khata:
        wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
        desk = Desk(khata, wallet, clock)
        await run_dry(desk)
        desk.clock.turn(seconds=600)
        await work(desk)
        assert (await mails(desk), box.letters) == ([], [])


def alert_of(type: AlertType, facts: Facts) -> Alert:
    return Alert(
        id="alt_1",
        organization_id=WalletId("org_1"),  # pyright: ignore[reportArgumentType]
        wallet_id=None,
        type=type,
        subject="1",
        state="open",
        facts=facts,
        raised_at_us=0,
        acknowledged_at_us=None,
        resolved_at_us=None,
    )


LETTERS: list[tuple[AlertType, Facts, str, str]] = [
    (
        "LOW_BALANCE",
        {"available": 1_00_584, "threshold": 2_00_000, "exhausts_at": "2026-11-24T07:12:05Z"},
        "1,00,584 credits left in Delhi Devs",
        (
            "Delhi Devs has 1,00,584 credits left, which is at or below its alert level of "
            "2,00,000. At the present pace they last until 24 Nov 2026, 12:42 IST."
        ),
    ),
    (
        "CREDITS_EXHAUSTED",
        {"available": -40},
        "No credits left in Delhi Devs",
        "(available: −40)",  # noqa: RUF001
    ),
    (
        "RAPID_BURN",
        {"used": 5_001, "limit": 5_000, "action": "freeze"},
        "Delhi Devs uses its credits fast",
        "The wallet is frozen",
    ),
    (
        "CAP_REACHED",
        {"cap": "AI", "used": 200, "limit": 200, "resets_at": "2026-11-24T18:30:00Z"},
        "Daily cap AI reached in Delhi Devs",
        "The cap resets at 25 Nov 2026, 00:00 IST.",
    ),
    (
        "CREDITS_EXPIRING",
        {"credits": 1, "days": 1, "expires_at": "2026-11-24T18:30:00Z", "lots": 1},
        "1 credit in Delhi Devs will expire tomorrow",
        "will expire from 25 Nov 2026, 00:00 IST on",
    ),
    (
        "PAYMENT_FAILED",
        {"amount": 60_200, "currency": "INR", "message": "declined", "order_id": "ord_1"},
        "A payment for Delhi Devs failed",
        "The payment of ₹602.00 for Delhi Devs failed. No credits were added.",
    ),
    (
        "RECHARGE_FAILED",
        {"reason": "declined", "amount": 15_000, "currency": "INR"},
        "Auto-recharge failed in Delhi Devs",
        "Amount: ₹150.00",
    ),
    (
        "DISPUTE_OPENED",
        {"dispute_id": "dsp_1", "amount": 60_200},
        "A payment of Delhi Devs is disputed",
        "Amount: ₹602.00",
    ),
    (
        "DISPUTE_LOST",
        {"dispute_id": "dsp_1", "amount": 60_200},
        "A dispute about a payment of Delhi Devs was lost",
        "Dispute id: dsp_1",
    ),
    (
        "PAYMENT_QUARANTINED",
        {"payment_id": "pay_1", "reason": "amount"},
        "A payment for Delhi Devs was set apart",
        "Reason: amount",
    ),
    (
        "BUDGET_REACHED",
        {"level": "team", "used": 1_000, "limit": 1_000},
        "A budget of Delhi Devs is used up",
        "Used: 1,000",
    ),
    (
        "BUDGET_REACHED",
        {"level": "team", "used": 800, "limit": 1_000, "percent": 80},
        "A budget of Delhi Devs is at 80 %",
        "Used: 800",
    ),
    (
        "BUDGET_REACHED",
        {"level": "team", "used": 950, "limit": 1_000, "percent": 95, "refused": 60},
        "A budget of Delhi Devs has refused a charge",
        "Refused: 60",
    ),
    (
        "WEBHOOK_FAILING",
        {"endpoint_id": "whe_1", "url": "https://example.com"},
        "A webhook endpoint of Delhi Devs fails",
        "Url: https://example.com",
    ),
]


@pytest.mark.parametrize(("type", "facts", "subject", "sentence"), LETTERS)
def test_a_letter_says_what_happened_in_the_figures_of_its_people(
    type: AlertType, facts: Facts, subject: str, sentence: str
) -> None:
    letter = letter_about(alert_of(type, facts), About("Delhi Devs", "Asia/Kolkata"))
    assert letter.subject == subject
    assert sentence in in_text(letter)


async def test_a_wallets_frozen_burn_is_written_about(desk: Desk, box: Postbox) -> None:
    await desk.khata.wallets.change(desk.wallet.id, WalletPatch(rapid_burn_action="freeze"))
    await live(desk, [50_000, -5_001])
    await watch(desk)
    await work(desk)
    assert "Used most by feature: EMAIL_SEND, 5,001 credits" in text_of(box.letters[0][2])
