"""A worker in a process of its own, at a time of its own.

Its arguments are the database, the time and what its step does: `stuck` says `begun` and never
ends; `done` ends, and when nothing is due any more the process tells its jobs, with commas between.
"""

import asyncio
import sys

import uvloop

from khata.app.worker import Worker
from khata.domain.ids import WalletId
from khata.postgres.connect import registry_pool

done: list[str] = []


async def be_stuck(subject: str, _wallet_id: WalletId) -> int | None:
    if not done:
        done.append(subject)
        sys.stdout.write("begun\n")
        sys.stdout.flush()
    await asyncio.Event().wait()
    return None


async def note(subject: str, _wallet_id: WalletId) -> int | None:
    done.append(subject.replace(" ", "-"))
    return None


async def main(dsn: str, at_us: int, does: str) -> None:
    step = be_stuck if does == "stuck" else note
    async with registry_pool(dsn) as pool:
        worker = Worker(pool, {"note": step}, lambda: at_us)
        while await worker.work_once():
            pass
    sys.stdout.write(",".join(done))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
