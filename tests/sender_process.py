"""A sender of webhooks in a process of its own, at a time of its own: the database and the time."""

import sys

import uvloop

from khata.app.webhooks.line import Line
from khata.app.webhooks.sender import Sender
from khata.postgres.connect import registry_pool
from outbound import AT_HOME, SEALER


async def main(dsn: str, at_us: int) -> None:
    async with registry_pool(dsn) as pool:
        await Sender(pool, Line(AT_HOME), SEALER, lambda: at_us).send_once()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
