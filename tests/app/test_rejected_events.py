"""What is not genuine is noted, and cannot fill the database."""

import pytest
from msgspec.structs import replace

from desk import Clock
from khata.app.runtime import Khata, KhataSettings
from khata.app.topups.inbox import MOST_NOTED
from khata.app.topups.opening import GatewayAccess, GatewaySettings
from khata.payments.gateway import NotGenuine
from khata.postgres.asking import ask_pool

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(settings: KhataSettings) -> KhataSettings:
    access = GatewayAccess(None, "rzp_test_k", "s3cret", ("whs",))
    return replace(settings, gateways=GatewaySettings(default="razorpay", razorpay=access))


async def test_of_a_flood_a_part_is_noted_and_all_of_it_counted(khata: Khata, clock: Clock) -> None:
    inbox, sent = khata.topups.inbox, MOST_NOTED + 20

    async def noted_after(times: int) -> int:
        for _ in range(times):
            with pytest.raises(NotGenuine):
                await inbox.receive("razorpay", {}, b"{}", "203.0.113.9")
        ((rows,),) = await ask_pool(khata.registries, "select count(*) from rejected_events")
        return rows

    assert await noted_after(sent) == MOST_NOTED
    clock.turn(seconds=60)
    assert await noted_after(1) == MOST_NOTED + 1
    assert inbox.counts["razorpay", "rejected"] == sent + 1
