"""What was answered lasts, what runs by itself runs, and the same script says the same bytes."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import msgspec
import pytest

from khata.payments.simulator import RealClock, Simulator, VirtualClock
from mandated import customer, debit, mandate
from simulated import KEY, Endpoint, Refused, Stage, opened, settings, staged

PROGRAM = """
import asyncio, sys
from pathlib import Path
from khata.payments.simulator import Simulator, start_simulator
from simulated import settings

async def main():
    simulator = Simulator(settings(Path(sys.argv[1])))
    running = await start_simulator(simulator)
    print(running.url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def script(stage: Stage) -> list[bytes]:
    """A long day at the gateway; all that was said of it, but for where it was sent."""
    order = await stage.order(receipt="ord_1")
    with pytest.raises(Refused):
        await stage.pay(order, outcome="late", delay_seconds=90)
    await stage.pass_time(90)
    token = await mandate(stage)
    payment = await debit(stage, token)
    await stage.api(f"POST /payments/{payment['id']}/refund", {"amount": 1_000})
    await stage.play("POST /disputes", {"payment_id": payment["id"]})
    await stage.pass_time(5 * 86_400)
    state = await stage.play("GET /state")
    del state["all"]["endpoints"]
    return [*(heard.body for heard in stage.endpoint.heard), msgspec.json.encode(state)]


async def test_the_same_script_says_the_same_bytes(tmp_path: Path) -> None:
    async with staged() as first:
        said = await script(first)
    async with staged(tmp_path / "simulator.sqlite") as second:
        assert await script(second) == said


async def test_after_a_reset_all_is_as_new(stage: Stage) -> None:
    said = await script(stage)
    stage.clock.at = VirtualClock().at
    stage.endpoint.heard.clear()
    await stage.play("POST /reset")
    assert await script(stage) == said


async def test_without_a_seed_ids_are_not_the_same() -> None:
    ids: set[str] = set()
    for _ in range(2):
        simulator = Simulator(msgspec.structs.replace(settings(), seed=None), VirtualClock())
        async with opened(simulator) as running:
            stage = Stage(running, simulator, VirtualClock())
            async with stage.http:
                ids.add((await stage.order())["id"])
    assert len(ids) == 2


async def test_what_is_due_while_nobody_runs_happens_at_its_time(tmp_path: Path) -> None:
    path = tmp_path / "simulator.sqlite"
    async with staged(path) as first:
        payment = await first.pay(await first.order(), outcome="pending", delay_seconds=300)
    first.clock.advance(7_200)
    async with staged(path, clock=first.clock) as second:
        assert (await second.payment(payment["id"]))["status"] == "captured"
        await second.simulator.deliver_due()
        captured = second.endpoint.one("payment.captured").event
        assert captured["created_at"] == payment["created_at"] + 300


async def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "simulator.sqlite"
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(path),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert program.stdout
    url = (await program.stdout.readline()).decode().strip()
    wish = {"amount": 60_200, "currency": "INR"}
    async with httpx2.AsyncClient(base_url=url, auth=KEY, trust_env=False) as http:
        made = [(await http.post("/v1/orders", json=wish)).json() for _ in range(20)]
    program.send_signal(signal.SIGKILL)
    assert await program.wait() == -signal.SIGKILL
    async with staged(path) as stage:
        kept = (await stage.api("GET /orders?count=100&to=9999999999"))["items"]
        assert kept == made[::-1]
        assert (await stage.order())["id"] not in {order["id"] for order in made}


async def test_in_the_product_webhooks_come_by_themselves() -> None:
    simulator, endpoint = Simulator(settings(), RealClock()), Endpoint()
    async with opened(simulator) as running, endpoint.listening(), by_itself(simulator):
        simulator.set_webhook(endpoint.url)
        stage = Stage(running, simulator, VirtualClock())
        async with stage.http:
            order = await stage.order()
            with pytest.raises(Refused):
                await stage.pay(order, outcome="late", delay_seconds=3_600)
            await endpoint.hears(1)
            await stage.play("POST /clock/advance", {"seconds": 3_600})
            await endpoint.hears(4)
    assert endpoint.names == [
        "payment.failed",
        "payment.authorized",
        "payment.captured",
        "order.paid",
    ]


@asynccontextmanager
async def by_itself(simulator: Simulator) -> AsyncGenerator[None]:
    background = asyncio.create_task(simulator.run())
    try:
        yield
    finally:
        background.cancel()
        await asyncio.gather(background, return_exceptions=True)


async def test_a_clock_turned_ahead_stays_ahead(tmp_path: Path) -> None:
    path = tmp_path / "simulator.sqlite"
    nows: list[int] = []
    for seconds in (86_400, 0):
        simulator = Simulator(settings(path), RealClock())
        async with opened(simulator) as running:
            stage = Stage(running, simulator, VirtualClock())
            async with stage.http:
                told = await stage.play("POST /clock/advance", {"seconds": seconds})
                nows.append(told["now"])
    assert 0 <= nows[1] - nows[0] < 3_600


async def test_the_state_tells_everything(stage: Stage) -> None:
    payer = await customer(stage)
    payment = await stage.paid()
    state = (await stage.play("GET /state"))["all"]
    assert [one["id"] for one in state["customers"]] == [payer["id"]]
    assert [one["id"] for one in state["payments"]] == [payment["id"]]
    assert state["orders"][0]["_capture"] == "automatic"
    assert state["now"] == stage.clock.now()
