"""What goes to a receiver, over real sockets and real TLS: where to, under which name."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address
from pathlib import Path

import httpcore2
import pytest

from authority import Authority
from khata.app.webhooks import line as module
from khata.app.webhooks.line import MOST_KEPT, Line, LineAnswer, NoAnswer
from khata.domain.forbidden_addresses import Address
from khata.domain.web_address import ReachRules
from receiver import Received, Receiver, hang_up, silence, status

AT_HOME = ReachRules(allow_private=True)
HEADERS = {"webhook-id": "evt_1", "Content-Type": "application/json"}
BODY = b'{"a":1}'


class Names:
    """A name server that answers in turn, the last answer for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked: list[tuple[str, int]] = []
        self._answers = [[ip_address(text) for text in answer] for answer in answers]

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append((host, port))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as opened:
        yield opened


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def refused(line: Line, url: str) -> str:
    with pytest.raises(NoAnswer) as why:
        await line.post(url, HEADERS, BODY)
    return str(why.value)


async def test_a_post_arrives_as_it_was_meant(receiver: Receiver) -> None:
    receiver.answer = status(202, b"thank you", Retry_After="7")
    answer = await Line(AT_HOME).post(f"{receiver.url}?a=b", HEADERS, BODY)
    assert answer == LineAnswer(202, "7", b"thank you")
    (request,) = receiver.received
    assert (request.target, request.body) == ("/hook?a=b", BODY)
    assert request.headers == {
        "webhook-id": "evt_1",
        "content-type": "application/json",
        "content-length": "7",
        "host": f"127.0.0.1:{receiver.port}",
    }


async def test_no_connection_is_kept(receiver: Receiver) -> None:
    line = Line(AT_HOME)
    for _ in range(2):
        await line.post(receiver.url, HEADERS, BODY)
    assert receiver.connections == 2


async def test_the_connection_goes_to_the_checked_address_under_the_name(
    authority: Authority,
) -> None:
    """The name exists nowhere but in this resolver, and the certificate is the name's."""
    names = Names(["127.0.0.1"])
    async with Receiver(authority.serving("hooks.example.com")) as receiver:
        line = Line(AT_HOME, names, authority.believing())
        answer = await line.post(f"https://HOOKS.example.com:{receiver.port}/x", HEADERS, BODY)
    assert answer.status == 200
    assert receiver.server_names == ["hooks.example.com"]
    assert receiver.received[0].headers["host"] == f"hooks.example.com:{receiver.port}"
    assert names.asked == [("hooks.example.com", receiver.port)]


async def test_a_certificate_of_another_name_is_not_believed(authority: Authority) -> None:
    async with Receiver(authority.serving("other.example.com")) as receiver:
        line = Line(AT_HOME, Names(["127.0.0.1"]), authority.believing())
        why = await refused(line, f"https://hooks.example.com:{receiver.port}/")
        assert why == "Its certificate is not one that can be believed for its name."
        assert receiver.received == []


async def test_a_certificate_of_an_unknown_authority_is_not_believed(authority: Authority) -> None:
    async with Receiver(authority.serving("hooks.example.com")) as receiver:
        why = await refused(
            Line(AT_HOME, Names(["127.0.0.1"])), f"https://hooks.example.com:{receiver.port}/"
        )
    assert why == "Its certificate is not one that can be believed for its name."


async def test_where_tls_is_spoken_to_what_knows_none() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 Mail is welcome here\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        why = await refused(Line(AT_HOME), f"https://127.0.0.1:{port}/")
    assert why == "No encrypted connection came about."


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"], ["64:ff9b::a00:1"]]
)
async def test_a_name_with_one_address_inside_is_not_reached(addresses: list[str]) -> None:
    names = Names(addresses)
    why = await refused(Line(ReachRules(), names), "https://hooks.example.com/")
    assert why == "Nothing was sent: its name leads to an address that is not public."
    assert len(names.asked) == 1


async def test_a_name_that_leads_elsewhere_the_second_time(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was checked is what is connected to: nobody asks a second time between the two."""
    reached: list[str] = []

    async def connect_tcp(_self: object, host: str, *_: object) -> None:
        reached.append(host)
        raise httpcore2.ConnectError

    monkeypatch.setattr("httpcore2.AnyIOBackend.connect_tcp", connect_tcp)
    names = Names(["93.184.215.14", "2606:2800:21f::1"], ["127.0.0.1"])
    line = Line(ReachRules(), names)
    assert await refused(line, "https://hooks.example.com/") == "No connection came about."
    assert reached == ["93.184.215.14", "2606:2800:21f::1"]
    assert len(names.asked) == 1
    why = await refused(line, "https://hooks.example.com/")
    assert why == "Nothing was sent: its name leads to an address that is not public."
    assert receiver.connections == 0


async def test_where_one_address_is_dead_the_next_one_is_tried(receiver: Receiver) -> None:
    line = Line(AT_HOME, Names(["127.0.0.99", "127.0.0.1"]))
    answer = await line.post(f"http://hooks.example.com:{receiver.port}/", HEADERS, BODY)
    assert answer.status == 200


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://127.0.0.1/", "https://user@example.com/", "https://a/"]
)
async def test_the_url_is_judged_at_every_attempt(url: str) -> None:
    names = Names(["8.8.8.8"])
    assert (await refused(Line(ReachRules(), names), url)).startswith("Nothing was sent: the URL")
    assert names.asked == []


async def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    async with Receiver() as other:
        receiver.answer = status(307, Location=other.url)
        answer = await Line(AT_HOME).post(receiver.url, HEADERS, BODY)
        assert (answer.status, other.connections) == (307, 0)


async def test_no_proxy_of_the_environment_is_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await Line(AT_HOME).post(receiver.url, HEADERS, BODY)
        assert proxy.connections == 0


async def test_of_a_huge_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    sent = 0

    async def pour(_: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()
            sent += 65_536

    receiver.answer = pour
    answer = await Line(AT_HOME).post(receiver.url, HEADERS, BODY)
    assert answer == LineAnswer(200, None, b"x" * MOST_KEPT)
    assert sent < 100_000_000


async def test_a_huge_head_is_no_answer(receiver: Receiver) -> None:
    async def boast(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"x" * 65_536 + b"\r\n")
            await writer.drain()

    receiver.answer = boast
    why = await refused(Line(AT_HOME), receiver.url)
    assert why in {
        "What came back is no HTTP.",
        "The connection ended before there was an answer.",
    }


async def test_a_receiver_that_drips_its_head_is_cut_off(receiver: Receiver) -> None:
    async def drip(_: Received, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.001)

    receiver.answer = drip
    why = await refused(Line(AT_HOME, whole_seconds=0.2), receiver.url)
    assert why == "There was no answer within 0.2 seconds."


async def test_a_receiver_that_drips_its_body_has_answered(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeg")
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "BODY_SECONDS", 0.05)
    receiver.answer = drip
    answer = await Line(AT_HOME).post(receiver.url, HEADERS, BODY)
    assert answer == LineAnswer(200, None, b"beg")


async def test_silence(receiver: Receiver) -> None:
    receiver.answer = silence
    why = await refused(Line(AT_HOME, whole_seconds=0.05), receiver.url)
    assert why == "There was no answer within 0.05 seconds."


async def test_a_receiver_that_hangs_up(receiver: Receiver) -> None:
    receiver.answer = hang_up
    why = await refused(Line(AT_HOME), receiver.url)
    assert why in {"What came back is no HTTP.", "The connection ended before there was an answer."}


async def test_where_nobody_listens() -> None:
    async with Receiver() as gone:
        url = gone.url
    assert await refused(Line(AT_HOME), url) == "No connection came about."


async def test_a_name_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_host: str, _port: int) -> Sequence[Address]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(module, "DNS_SECONDS", 0.05)
    why = await refused(Line(ReachRules(), never), "https://hooks.example.com/")
    assert why == "Its name was not resolved within 0.05 seconds."


async def test_names_are_resolved_for_real() -> None:
    async with Receiver() as receiver:
        line = Line(AT_HOME)
        answer = await line.post(f"http://localhost:{receiver.port}/", HEADERS, BODY)
        assert answer.status == 200
        line.close()
    why = await refused(Line(AT_HOME), "http://nowhere.invalid/")
    assert why in {
        "Its name has no address.",
        "Its name was not resolved within 5 seconds.",
    }
