"""What is sold, by whom and through which gateways, as the settings say it."""

from khata.app.topups.opening import GatewayAccess, GatewaySettings, SimulatorWish
from khata.app.topups.terms import SalesTerms
from khata.config import SettingError, Settings
from khata.domain.parties import EXAMPLE_SELLER, Seller
from khata.domain.risk import RiskPolicy
from khata.domain.risk_policy import ChosenRules


def gateways_of(
    settings: Settings, *, runs_simulator: bool = False, events_url: str | None = None
) -> GatewaySettings:
    """The gateways of the settings. Raises `SettingError` where the default one is not set up."""
    gateways = GatewaySettings(
        default=settings.gateway,
        simulator=_simulator_of(settings, runs_simulator, events_url),
        razorpay=_razorpay_of(settings),
        stripe=_stripe_of(settings),
        display_name=settings.seller_trade_name or settings.seller_legal_name or "Khata",
    )
    if getattr(gateways, settings.gateway) is None:
        raise SettingError(
            f"KHATA_GATEWAY={settings.gateway} will not do: this gateway is not set up. Set its"
            " keys and the webhook's secret, or choose another."
        )
    return gateways


def sales_of(settings: Settings) -> SalesTerms:
    """The terms and the seller of the settings."""
    chosen = settings.risk_rules or ChosenRules({}, {})
    policy = RiskPolicy(
        block_at=settings.risk_block_at,
        review_at=settings.risk_review_at,
        modes=chosen.modes,
        weights=chosen.weights,
    )
    return SalesTerms(seller=_seller_of(settings), risk=policy)


def _seller_of(settings: Settings) -> Seller:
    example = EXAMPLE_SELLER
    gstin, address = settings.seller_gstin, settings.seller_address
    lines = (line.strip() for line in (address or "").split("|"))
    return Seller(
        legal_name=settings.seller_legal_name or example.legal_name,
        address=tuple(line for line in lines if line) or example.address,
        state_code=settings.seller_state or (gstin[:2] if gstin else example.state_code),
        trade_name=settings.seller_trade_name,
        gstin=gstin,
        pan=settings.seller_pan,
        email=settings.seller_email,
        phone=settings.seller_phone,
        lut_arn=settings.seller_lut_arn,
        logo=settings.seller_trade_name,
    )


def _simulator_of(settings: Settings, runs: bool, events_url: str | None) -> SimulatorWish | None:
    if not settings.simulator:
        return None
    return SimulatorWish(runs, events_url, rbi_delay=settings.simulator_rbi_delay)


def _razorpay_of(settings: Settings) -> GatewayAccess | None:
    key_id, secret = settings.razorpay_key_id, settings.razorpay_key_secret
    webhook = _secrets(settings.razorpay_webhook_secret)
    if not (key_id and secret and webhook):
        return None
    return GatewayAccess(settings.razorpay_url, key_id, secret, webhook)


def _stripe_of(settings: Settings) -> GatewayAccess | None:
    secret, webhook = settings.stripe_secret_key, _secrets(settings.stripe_webhook_secret)
    if not (secret and webhook):
        return None
    public = settings.stripe_publishable_key or ""
    return GatewayAccess(settings.stripe_url, public, secret, webhook)


def _secrets(text: str | None) -> tuple[str, ...]:
    parts = (part.strip() for part in (text or "").split(","))
    return tuple(part for part in parts if part)
