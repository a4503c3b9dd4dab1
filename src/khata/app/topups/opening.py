"""Opens the gateways that the settings name, and the simulator where it is to run here."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog
from msgspec import Struct

from khata.app.topups.call_counts import CallCounts
from khata.app.topups.gateways import Gateways
from khata.app.topups.simulator_place import Access, books_of, moved_access, open_access
from khata.payments.gateway import Gateway, ProviderName
from khata.payments.razorpay.gateway import RAZORPAY_URL, RazorpayGateway, RazorpayOptions
from khata.payments.razorpay.wire import WireSettings
from khata.payments.simulator import (
    Clock,
    RunningSimulator,
    Simulator,
    SimulatorSettings,
    start_simulator,
)
from khata.payments.simulator_control import SimulatedPayer
from khata.payments.stripe_gateway import StripeGateway, StripeOptions

_log = structlog.get_logger()

_TEST_SECRETS = ("sk_test_", "rk_test_")


class GatewayAccess(Struct, frozen=True):
    """A gateway's address and our secrets there. During a rotation there are two for events.

    `key_id` is what a payer's browser may know. Without a URL it is the gateway's own.
    """

    url: str | None
    key_id: str
    key_secret: str
    webhook_secrets: tuple[str, ...]

    @property
    def is_test(self) -> bool:
        """Whether the keys are of the gateway's test mode, in which no money moves."""
        return self.key_id.startswith("rzp_test_") or self.key_secret.startswith(_TEST_SECRETS)


class SimulatorWish(Struct, frozen=True):
    """How the built-in simulator is used: run here, or reached where another process runs it.

    `events_url` is where Khata's own API answers, which the simulator sends its events to.
    `rbi_delay` has its mandates wait for a notice of a day, as Indian ones do. With a `clock` to be
    turned by hand, what it sends is delivered by hand too.
    """

    runs: bool
    events_url: str | None = None
    rbi_delay: bool = False
    clock: Clock | None = None


class GatewaySettings(Struct, frozen=True, kw_only=True):
    """Which gateways there are. New orders go to `default`."""

    default: ProviderName = "simulator"
    simulator: SimulatorWish | None = None
    razorpay: GatewayAccess | None = None
    stripe: GatewayAccess | None = None
    display_name: str = "Khata"


class OpenGateways(Struct, frozen=True):
    """The gateways, and who plays the customer at the simulator. `simulator` runs here, if any."""

    gateways: Gateways
    calls: CallCounts
    payer: SimulatedPayer | None
    simulator: Simulator | None


@asynccontextmanager
async def open_gateways(
    settings: GatewaySettings, data_folder: Path
) -> AsyncGenerator[OpenGateways]:
    """The gateways, until the end. Raises `GatewayNotInstalled` where a client is missing."""
    async with AsyncExitStack() as stack:
        access, simulator, wish = None, None, settings.simulator
        if wish is not None:
            access = open_access(data_folder)
        if wish is not None and access is not None and wish.runs:
            running = _running(wish, access, data_folder)
            simulator, access = await stack.enter_async_context(running)
        opened = _opened(settings, access, simulator)
        stack.push_async_callback(opened.gateways.close)
        if opened.payer is not None:
            stack.push_async_callback(opened.payer.close)
        yield opened


@asynccontextmanager
async def _running(
    wish: SimulatorWish, access: Access, data_folder: Path
) -> AsyncGenerator[tuple[Simulator, Access]]:
    simulator = Simulator(_simulator_settings(wish, access, data_folder), wish.clock)
    if wish.events_url is not None:
        simulator.set_webhook(f"{wish.events_url}/v1/payments/webhooks/simulator")
    running = await _started(simulator, access.port)
    if running.port != access.port:
        access = moved_access(data_folder, access, running.port)
    passing = asyncio.create_task(simulator.run()) if wish.clock is None else None
    try:
        yield simulator, access
    finally:
        if passing is not None:
            passing.cancel()
            await asyncio.wait([passing])
        await running.stop()
        simulator.close()


def _simulator_settings(
    wish: SimulatorWish, access: Access, data_folder: Path
) -> SimulatorSettings:
    return SimulatorSettings(
        path=books_of(data_folder),
        key_id=access.key_id,
        key_secret=access.key_secret,
        webhook_secret=access.webhook_secret,
        control_token=access.control_token,
        rbi_delay=wish.rbi_delay,
    )


async def _started(simulator: Simulator, port: int) -> RunningSimulator:
    try:
        return await start_simulator(simulator, port=port)
    except OSError:
        _log.warning("simulator_moves", port=port, reason="its port is taken")
        return await start_simulator(simulator)


def _opened(
    settings: GatewaySettings, access: Access | None, simulator: Simulator | None
) -> OpenGateways:
    by_name: dict[ProviderName, Gateway] = {}
    calls, payer = CallCounts(), None
    if access is not None:
        payer = SimulatedPayer(access.url, calls.of("simulator"))
        by_name["simulator"] = _simulated(settings, access, calls)
    if settings.razorpay is not None:
        by_name["razorpay"] = _razorpay(settings, settings.razorpay, calls)
    if settings.stripe is not None:
        by_name["stripe"] = _stripe(settings, settings.stripe, calls)
    gateways = Gateways(by_name, settings.default, _of_tests(settings))
    return OpenGateways(gateways, calls, payer, simulator)


def _of_tests(settings: GatewaySettings) -> frozenset[ProviderName]:
    asked: dict[ProviderName, GatewayAccess | None] = {
        "razorpay": settings.razorpay,
        "stripe": settings.stripe,
    }
    tests: set[ProviderName] = {"simulator"}
    tests |= {name for name, access in asked.items() if access is not None and access.is_test}
    return frozenset(tests)


def _simulated(settings: GatewaySettings, access: Access, calls: CallCounts) -> Gateway:
    wish = settings.simulator
    options = RazorpayOptions(
        display_name=settings.display_name,
        instant_mandates=wish is not None and not wish.rbi_delay,
        wire=WireSettings(through_proxy=False),
        on_call=calls.of("simulator"),
    )
    return RazorpayGateway(
        "simulator",
        access.url,
        access.key_id,
        access.key_secret,
        [access.webhook_secret],
        options,
    )


def _razorpay(settings: GatewaySettings, access: GatewayAccess, calls: CallCounts) -> Gateway:
    return RazorpayGateway(
        "razorpay",
        access.url or RAZORPAY_URL,
        access.key_id,
        access.key_secret,
        access.webhook_secrets,
        RazorpayOptions(display_name=settings.display_name, on_call=calls.of("razorpay")),
    )


def _stripe(settings: GatewaySettings, access: GatewayAccess, calls: CallCounts) -> Gateway:
    options = StripeOptions(
        base_url=access.url,
        publishable_key=access.key_id or None,
        display_name=settings.display_name,
        on_call=calls.of("stripe"),
    )
    return StripeGateway(access.key_secret, access.webhook_secrets, options)
