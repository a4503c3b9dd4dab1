"""Who does something that is written down."""

from typing import Final

from msgspec import Struct

WORKER: Final = "worker"
COMMAND_LINE: Final = "command-line"


class Actor(Struct, frozen=True):
    """Who does it: the id of an API key or of a user (or `worker`, or `command-line`), the address
    it was done from, and the request it was done with."""

    id: str
    address: str | None = None
    request_id: str | None = None


SERVICE: Final = Actor(WORKER)
"""What nobody in particular asked for."""
