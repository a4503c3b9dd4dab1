"""An invitation's letter outlives the process that made it, and needs the key it was sealed by."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from desk import Clock
from khata.app.mail.mails import TRIED_US
from khata.app.people.audited import Acting
from khata.app.people.first_owner import OWNER_EMAIL
from khata.app.people.invitations import Invited, NewInvitation
from khata.app.people.sessions import Browser
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.domain.actor import Actor
from khata.postgres.asking import ask_pool
from postbox import Postbox, open_postbox

OURS = "https://khata.example.com"
PAGE = OURS + "/accept-invitation#token="
RAVI = NewInvitation(email="ravi@example.com", name="Ravi", role="billing")
OWNER = "owner@delhi.example"
MAILS = "select state, note, secret is null from mails"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with open_postbox() as opened:
        yield opened


@pytest.fixture
def settings(settings: KhataSettings, box: Postbox) -> KhataSettings:
    return replace(settings, smtp=box.server, public_url=OURS, owner_email=OWNER)


async def invited(khata: Khata) -> Invited:
    made = await khata.people.invitations.create(None, RAVI, Acting(Actor("key_1"), "owner"))
    assert isinstance(made, Invited)
    return made


async def work(khata: Khata) -> None:
    while await khata.worker.work_once():
        pass


async def test_a_letter_outlives_the_process_that_wished_for_it(
    settings: KhataSettings, clock: Clock, box: Postbox
) -> None:
    async with open_khata(settings, clock) as khata:
        made = await invited(khata)
        assert made.is_mailed
    async with open_khata(settings, clock) as khata:
        await work(khata)
    ((_, recipients, letter),) = box.letters
    body = letter.get_body(("plain",))
    assert body is not None
    assert (recipients, PAGE + made.token in body.get_content()) == (["ravi@example.com"], True)


async def test_a_worker_without_the_key_leaves_the_letter_to_one_that_has_it(
    settings: KhataSettings, clock: Clock, box: Postbox
) -> None:
    elsewhere = replace(settings, sealing_key="0" * 64)
    async with open_khata(settings, clock) as khata, open_khata(elsewhere, clock) as keyless:
        await invited(khata)
        await work(keyless)
        ((state, note, gone),) = await ask_pool(khata.registries, MAILS)
        assert (state, gone, box.letters) == ("waiting", False, [])
        assert note.startswith("No key here opens the secret of mai_")
        clock.turn(seconds=600)
        await work(khata)
        assert box.recipients == ["ravi@example.com"]


async def test_a_letter_that_no_key_opens_is_given_up(
    settings: KhataSettings, clock: Clock, box: Postbox
) -> None:
    async with open_khata(settings, clock) as khata:
        await invited(khata)
    async with open_khata(replace(settings, sealing_key="0" * 64), clock) as keyless:
        clock.at_us += TRIED_US
        await work(keyless)
        assert [(row[0], row[2]) for row in await ask_pool(keyless.registries, MAILS)] == [
            ("given_up", True)
        ]
        assert box.letters == []


@pytest.mark.parametrize("missing", ["smtp", "public_url"])
async def test_without_a_server_or_an_address_of_ours_nothing_is_written(
    settings: KhataSettings, clock: Clock, missing: str
) -> None:
    async with open_khata(replace(settings, **{missing: None}), clock) as khata:
        assert not (await invited(khata)).is_mailed
        assert await ask_pool(khata.registries, MAILS) == []


async def test_a_worker_that_was_told_less_leaves_the_link_to_one_that_knows(
    settings: KhataSettings, clock: Clock, box: Postbox
) -> None:
    unaware = replace(settings, public_url=None)
    async with open_khata(settings, clock) as khata, open_khata(unaware, clock) as worker:
        await khata.people.sign_in.ask_for_link(OWNER, Browser("192.0.2.1", None))
        await work(worker)
        assert worker.worker.failed == {"link_mail": 1}
        clock.turn(seconds=2)
        await work(khata)
        assert box.recipients == [OWNER]


async def test_no_link_goes_to_an_address_on_the_machine(
    settings: KhataSettings, clock: Clock, box: Postbox
) -> None:
    """Whatever mailbox a relay calls `owner`: nobody gets in as the first owner by it."""
    local = replace(settings, owner_email=OWNER_EMAIL)
    async with open_khata(local, clock) as khata:
        told = await khata.people.sign_in.ask_for_link(OWNER_EMAIL, Browser("192.0.2.1", None))
        assert told is None
        links = "select count(*) from sign_in_links"
        before = await ask_pool(khata.registries, links)
        await work(khata)
        assert khata.worker.failed == {}
        assert await ask_pool(khata.registries, links) == before
        assert await ask_pool(khata.registries, MAILS) == []
        assert box.letters == []


async def test_names_in_a_letter_are_short_and_no_links(
    settings: KhataSettings, clock: Clock, box: Postbox
) -> None:
    async with open_khata(settings, clock) as khata:
        wish = replace(RAVI, name="Win at https://evil.example/now J.R. Rao " + "o" * 200)
        acting = Acting(Actor("key_1"), "owner")
        assert isinstance(await khata.people.invitations.create(None, wish, acting), Invited)
        await work(khata)
    ((_, _, letter),) = box.letters
    body = letter.get_body(("plain",))
    assert body is not None
    told = body.get_content()
    assert "Your name there: Win at https evil. example now J. R. Rao" in told
    assert "evil.example" not in told
    assert "o" * 60 not in told
