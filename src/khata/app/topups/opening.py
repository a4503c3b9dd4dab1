"""Opens the gateways that the settings name, and the simulator where it is to run here."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from msgspec import Struct

from khata.app.topups.call_counts import CallCounts
from khata.app.topups.gateways import Gateways
from khata.app.topups.simulator_place import Access
from khata.app.topups.simulator_run import SimulatorWish, simulator_run
from khata.payments.gateway import Gateway, ProviderName
from khata.payments.razorpay.gateway import RAZORPAY_URL, RazorpayGateway, RazorpayOptions
from khata.payments.razorpay.wire import WireSettings
from khata.payments.simulator import Simulator
from khata.payments.simulator_control import SimulatedPayer
from khata.payments.stripe_gateway import StripeGateway, StripeOptions

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
        access, simulator = None, None
        if settings.simulator is not None:
            running = simulator_run(settings.simulator, data_folder)
            simulator, access = await stack.enter_async_context(running)
        opened = _opened(settings, access, simulator)
        stack.push_async_callback(opened.gateways.close)
        if opened.payer is not None:
            stack.push_async_callback(opened.payer.close)
        yield opened


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
