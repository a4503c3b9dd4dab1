"""The secrets that sign what an endpoint is sent: its own, and those that were in use before, each
until the overlap that it was given is over.

So a rotation whose answer was lost is made once more, and its receiver misses nothing: the secret
that it has still signs.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from khata.app.sealing import Place, Sealer, Unsealable

MOST_FORMER: Final = 4
"""So many of those before sign beside the newest, lest a header grow without end."""


class Former(NamedTuple):
    """A secret that was in use before, and until when it signs."""

    secret: str
    until_us: int


class Sealed(NamedTuple):
    """An endpoint's secrets at rest, and until when any former one signs."""

    own: bytes
    former: bytes | None
    former_until_us: int | None


def signing(sealer: Sealer, endpoint_id: str, sealed: Sealed, at_us: int) -> list[str]:
    """The secrets that sign at that time, the endpoint's own first. Raises `Unsealable`."""
    own = sealer.unseal(sealed.own, secret_place(endpoint_id)).decode()
    return [own, *(each.secret for each in _former(sealer, endpoint_id, sealed, at_us))]


def replaced(
    sealer: Sealer, endpoint_id: str, sealed: Sealed, own: bytes, at_us: int, until_us: int
) -> Sealed:
    """The secrets with another own one, beside which those until now sign for their time.

    What can't be opened here signs nothing, and is dropped.
    """
    place = secret_place(endpoint_id)
    try:
        before = Former(sealer.unseal(sealed.own, place).decode(), until_us)
        former = [before, *_former(sealer, endpoint_id, sealed, at_us)][:MOST_FORMER]
    except Unsealable:
        return Sealed(own, None, None)
    lines = "\n".join(f"{each.until_us} {each.secret}" for each in former)
    return Sealed(own, sealer.seal(lines.encode(), place), max(each.until_us for each in former))


def secret_place(endpoint_id: str) -> Place:
    """Where an endpoint's secrets are sealed."""
    return Place("webhook_endpoints", endpoint_id, "secret")


def _former(sealer: Sealer, endpoint_id: str, sealed: Sealed, at_us: int) -> Sequence[Former]:
    """Those that still sign, the latest first."""
    if sealed.former is None:
        return ()
    text = sealer.unseal(sealed.former, secret_place(endpoint_id)).decode()
    # A line without a time is of a version that kept one former secret alone.
    known = [line.rpartition(" ") for line in text.splitlines()]
    former = [
        Former(secret, int(until) if until else sealed.former_until_us or 0)
        for until, _, secret in known
    ]
    return [each for each in former if at_us < each.until_us]
