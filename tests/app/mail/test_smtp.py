"""Mail goes out to a real SMTP server: encrypted, to one recipient, with no header but ours."""

import socket
from pathlib import Path
from urllib.parse import quote

import pytest

from khata.app.invalid import Invalid
from khata.app.mail.letters import Letter, Mail, in_html, in_text
from khata.app.mail.smtp import NotNow, Post, Refused, smtp_server
from khata.cli.opened import smtp_of
from khata.config import SettingError, Settings
from postbox import PASSWORD, USER, certificate, open_postbox

FROM = "Khata <billing@example.com>"
LETTER = Letter(
    "1,00,584 credits left",
    ["Asha's wallet has 5 < 6 credits.", "Add funds."],
    [("Available", "5")],
    ("https://example.com/a?b=1&c=2", "Add funds"),
    "From Khata",
)


def mail(recipient: str = "asha@example.com", letter: Letter = LETTER) -> Mail:
    return Mail(id="mai_1", recipient=recipient, letter=letter, created_at_us=1_764_000_000_000_000)


def lines(text: str) -> list[str]:
    return text.splitlines()


def url(port: int, scheme: str = "smtp", login: str = "", query: str = "") -> str:
    return f"{scheme}://{login}127.0.0.1:{port}{query}"


LOGIN = f"{USER}:{quote(PASSWORD, safe='')}@"


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_letter_arrives_encrypted_in_text_and_html(tmp_path: Path, scheme: str) -> None:
    tls, ca_file = certificate(tmp_path)
    at_once = scheme == "smtps"
    with open_postbox(tls, from_the_start=at_once, wants_login=not at_once) as box:
        login = "" if at_once else LOGIN  # the server takes a password over STARTTLS only
        await Post(smtp_server(url(box.port, scheme, login), FROM, ca_file)).send(mail())
    ((sender, recipients, letter),) = box.letters
    assert (sender, recipients) == ("billing@example.com", ["asha@example.com"])
    assert box.logins == ([] if at_once else [USER.encode()])
    assert {name: letter[name] for name in ("From", "To", "Subject", "Message-ID")} == {
        "From": FROM,
        "To": "asha@example.com",
        "Subject": LETTER.subject,
        "Message-ID": "<mai_1@example.com>",
    }
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert lines(text.get_content()) == lines(in_text(LETTER))
    assert lines(html.get_content()) == lines(in_html(LETTER))
    assert "5 &lt; 6" in html.get_content()
    assert 'href="https://example.com/a?b=1&amp;c=2"' in html.get_content()


async def test_who_cannot_prove_itself_is_told_nothing(tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    with open_postbox(tls, wants_login=True) as box, pytest.raises(NotNow):
        await Post(smtp_server(url(box.port, login=LOGIN), FROM)).send(mail())
    assert (box.letters, box.logins) == ([], [])


async def test_without_starttls_no_password_is_told() -> None:
    with open_postbox() as box:
        with pytest.raises(NotNow):
            await Post(smtp_server(url(box.port, login=LOGIN), FROM)).send(mail())
        assert (box.letters, box.logins) == ([], [])
        trusted = smtp_server(url(box.port, query="?starttls=off"), FROM)
        await Post(trusted).send(mail())
    assert box.recipients == ["asha@example.com"]


async def test_a_wrong_password_may_be_right_later_and_is_not_repeated(tmp_path: Path) -> None:
    tls, ca_file = certificate(tmp_path)
    with open_postbox(tls, wants_login=True) as box:
        server = smtp_server(url(box.port, login="khata:s3cret@"), FROM, ca_file)
        with pytest.raises(NotNow) as told:
            await Post(server).send(mail())
    assert "s3cret" not in str(told.value) + repr(server) + repr(Post(server))


@pytest.mark.parametrize(
    ("recipient", "answer", "outcome"),
    [
        ("gone@example.com", "550 no such user", Refused),
        ("full@example.com", "452 the mailbox is full", NotNow),
        ("no address", None, Refused),
        ("a@example.com, b@example.com", None, Refused),
        ("a@example.com\r\nBcc: b@example.com", None, Refused),
        ("आशा@example.com", None, Refused),
    ],
)
async def test_who_is_refused_for_good_is_told_apart(
    recipient: str, answer: str | None, outcome: type[Exception]
) -> None:
    with open_postbox() as box:
        if answer:
            box.answers[recipient] = answer
        post = Post(smtp_server(url(box.port, query="?starttls=off"), FROM))
        with pytest.raises(outcome):
            await post.send(mail(recipient))
        box.to_all = "554 smells of spam"
        with pytest.raises(Refused, match="554 smells of spam"):
            await post.send(mail())
        box.to_all = "451 try again"
        with pytest.raises(NotNow, match="451 try again"):
            await post.send(mail())
    assert box.letters == []


async def test_a_server_that_is_away_may_come_back() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        away = url(reserved.getsockname()[1], query="?starttls=off")
        with pytest.raises(NotNow, match="cannot be reached"):
            await Post(smtp_server(away, FROM)).send(mail())


async def test_no_name_adds_a_header() -> None:
    letter = Letter("Low: Delhi\r\nBcc: evil@example.com\x00\n\n<b>", ["A\r\n.\r\nQUIT", "b"])
    with open_postbox() as box:
        await Post(smtp_server(url(box.port, query="?starttls=off"), FROM)).send(
            mail(letter=letter)
        )
    ((_, recipients, sent),) = box.letters
    assert recipients == ["asha@example.com"]
    assert sent["Bcc"] is None
    assert sent["Subject"] == "Low: Delhi Bcc: evil@example.com <b>"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("http://example.com", "smtp_url"),
        ("smtp://", "smtp_url"),
        ("smtp://example.com:port", "smtp_url"),
        ("smtp://example.com/path", "smtp_url"),
        ("smtp://example.com?starttls=maybe", "smtp_url"),
        ("smtp://example.com?tls=no", "smtp_url"),
        ("smtp://khata:s3cret@example.com?starttls=off", "smtp_url"),
    ],
)
def test_an_address_of_a_server_that_will_not_do_is_not_repeated(given: str, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        smtp_server(given, FROM)
    assert wrong.value.field == field
    assert "s3cret" not in str(wrong.value)


def test_settings_without_a_server_send_nothing_and_wrong_ones_are_named() -> None:
    assert smtp_of(Settings()) is None
    right = smtp_of(Settings(smtp_url="smtps://mail.example.com", smtp_from=FROM))
    assert right == smtp_server("smtps://mail.example.com", FROM)
    with pytest.raises(SettingError, match="KHATA_SMTP_FROM will not do"):
        smtp_of(Settings(smtp_url="smtps://mail.example.com"))
    with pytest.raises(SettingError, match="KHATA_SMTP_URL will not do") as wrong:
        smtp_of(Settings(smtp_url="https://khata:s3cret@mail.example.com"))
    assert "s3cret" not in str(wrong.value)


def test_what_a_server_is_by_default() -> None:
    server = smtp_server("smtp://khata%40example.com:p%40ss@mail.example.com", None)
    assert (server.host, server.port, server.security) == ("mail.example.com", 587, "starttls")
    assert (server.username, server.password) == ("khata@example.com", "p@ss")
    assert server.sender.addr_spec == "khata@example.com"
    assert smtp_server("smtps://mail.example.com", FROM).port == 465


@pytest.mark.parametrize("sender", ["", "Khata", "a@", "@b", "a@b\r\nBcc: c@d", "आशा@example.com"])
def test_a_sender_is_an_address(sender: str) -> None:
    with pytest.raises(Invalid) as wrong:
        smtp_server("smtp://mail.example.com", sender)
    assert wrong.value.field == "smtp_from"
