"""What we sign is what receivers check, by the specification and by its own library."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from khata.domain.standard_webhooks import key_of, secret_text, signatures

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's example
EVENT = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
AT = 1_614_265_330


def headers(signature: str, at: int) -> dict[str, str]:
    return {
        "webhook-id": EVENT,
        "webhook-timestamp": str(at),
        "webhook-signature": signature,
    }


def test_the_known_answer_of_the_specification() -> None:
    assert (
        signatures([SECRET], EVENT, AT, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@given(st.binary(min_size=24, max_size=64), st.text())
def test_receivers_with_the_library_believe_what_we_sign(key: bytes, told: str) -> None:
    now = round(datetime.now(tz=UTC).timestamp())
    body = b'{"told": "%s"}' % told.encode("unicode_escape").hex().encode()
    secret = secret_text(key)
    signed = headers(signatures([secret], EVENT, now, body), now)
    assert Webhook(secret).verify(body, signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", signed)


def test_while_a_secret_is_changed_each_will_do() -> None:
    now = round(datetime.now(tz=UTC).timestamp())
    old, new = secret_text(b"o" * 32), secret_text(b"n" * 32)
    signed = headers(signatures([new, old], EVENT, now, BODY), now)
    assert signed["webhook-signature"].count("v1,") == 2
    assert Webhook(old).verify(BODY, signed) == Webhook(new).verify(BODY, signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_text(b"x" * 32)).verify(BODY, signed)


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_is_its_key_in_writing(key: bytes) -> None:
    assert key_of(secret_text(key)) == key


@pytest.mark.parametrize("text", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_*", "whsec_abc!", ""])
def test_what_is_no_secret_signs_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"whsec_|base64|padding|discontinuous|character"):
        key_of(text)


def test_an_id_has_no_dot() -> None:
    with pytest.raises(AssertionError):
        signatures([SECRET], "evt.1", AT, BODY)
