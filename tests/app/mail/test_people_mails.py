"""An invitation's letter outlives the process that made it, and needs the key it was sealed by."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from desk import Clock
from khata.app.mail.mails import TRIED_US
from khata.app.mail.smtp import smtp_server
from khata.app.people.audited import Acting
from khata.app.people.invitations import Invited, NewInvitation
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.domain.actor import Actor
from khata.postgres.asking import ask_pool
from postbox import Postbox, open_postbox

PAGE = "https://khata.example.com/accept-invitation#token="
RAVI = NewInvitation(email="ravi@example.com", name="Ravi", role="billing")
MAILS = "select state, note, secret is null from mails"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with open_postbox() as opened:
        yield opened


@pytest.fixture
def settings(settings: KhataSettings, box: Postbox) -> KhataSettings:
    url = f"smtp://127.0.0.1:{box.port}?starttls=off"
    return replace(settings, smtp=smtp_server(url, "Khata <k@example.com>"))


async def invited(khata: Khata, page: str | None = PAGE) -> Invited:
    made = await khata.people.invitations.create(None, RAVI, Acting(Actor("key_1"), "owner"), page)
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


@pytest.mark.parametrize(("has_server", "page"), [(False, PAGE), (True, None)])
async def test_without_a_server_or_an_address_of_ours_nothing_is_written(
    settings: KhataSettings, clock: Clock, *, has_server: bool, page: str | None
) -> None:
    smtp = settings.smtp if has_server else None
    async with open_khata(replace(settings, smtp=smtp), clock) as khata:
        assert not (await invited(khata, page)).is_mailed
        assert await ask_pool(khata.registries, MAILS) == []
