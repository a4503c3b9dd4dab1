"""What is sold, by whom and through which gateways, as the settings say it."""

from collections.abc import Mapping
from typing import Final

import structlog

from khata.app.topups.opening import GatewayAccess, GatewaySettings
from khata.app.topups.simulator_run import SimulatorWish
from khata.app.topups.terms import SalesTerms
from khata.config import SettingError, Settings, variable_of
from khata.domain.packs import DEFAULT_PACKS, TopUpTerms
from khata.domain.parties import EXAMPLE_SELLER, Seller, Wrong, check_seller
from khata.domain.risk import RiskPolicy
from khata.domain.risk_policy import ChosenRules
from khata.domain.states import STATES

_log = structlog.get_logger()

# The settings of a seller's fields that can be wrong.
_SELLER_SETTINGS: Final[Mapping[str, str]] = {
    "legal_name": "seller_legal_name",
    "address": "seller_address",
    "state_code": "seller_state",
    "gstin": "seller_gstin",
    "pan": "seller_pan",
    "sac": "seller_sac",
}


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
    """The terms and the seller of the settings. Raises `SettingError` for those that contradict
    themselves or the law; what is missing of the seller is no error."""
    for wrong in unfit_seller(settings):
        raise SettingError(f"{wrong.field} will not do: it {wrong.message}.")
    chosen = settings.risk_rules or ChosenRules({}, {})
    policy = RiskPolicy(
        block_at=settings.risk_block_at,
        review_at=settings.risk_review_at,
        modes=chosen.modes,
        weights=chosen.weights,
    )
    return SalesTerms(topups=_topups_of(settings), seller=_seller_of(settings), risk=policy)


def unfit_seller(settings: Settings) -> list[Wrong]:
    """What was said of the seller and will not do, by variable."""
    return [wrong for wrong, is_said in _wrong_of(settings) if is_said]


def missing_seller(settings: Settings) -> list[Wrong]:
    """What must still be said of the seller, by variable."""
    return [wrong for wrong, is_said in _wrong_of(settings) if not is_said]


def warn_of_seller(settings: Settings) -> None:
    """Logs what documents will lack."""
    missing = [wrong.field for wrong in missing_seller(settings)]
    if missing:
        _log.warning("seller_incomplete", missing=missing, told_by="khata doctor")


def _wrong_of(settings: Settings) -> list[tuple[Wrong, bool]]:
    """What is wrong with the seller, and whether that was said and is not merely missing."""
    found: list[tuple[Wrong, bool]] = []
    for wrong in check_seller(_seller_of(settings)):
        name = _SELLER_SETTINGS[wrong.field]
        # The State is read from the GSTIN where it is not said.
        sources = (name, "seller_gstin") if name == "seller_state" else (name,)
        is_said = any(getattr(settings, source) is not None for source in sources)
        found.append((Wrong(variable_of(name), wrong.message), is_said))
    if settings.seller_state is None and settings.seller_gstin is None:
        state = STATES[EXAMPLE_SELLER.state_code].label
        message = f"must be given: taxes are those of a seller in {state} as it is"
        found.append((Wrong(variable_of("seller_state"), message), False))
    return found


def _topups_of(settings: Settings) -> TopUpTerms:
    try:
        return TopUpTerms(
            packs=DEFAULT_PACKS if settings.packs is None else tuple(settings.packs),
            minimum_paise=settings.topup_minimum_paise,
            maximum_paise=settings.topup_maximum_paise,
            gst_bps=settings.gst_bps,
            fee_bps=settings.fee_bps,
            round_to_rupee=settings.round_to_rupee,
            fee_recognition=settings.fee_recognition,
            credits_valid_days=settings.credits_valid_days,
        )
    except ValueError as contradiction:
        said = f"The settings of top-ups contradict each other: {contradiction}."
        raise SettingError(said) from contradiction


def _seller_of(settings: Settings) -> Seller:
    example = EXAMPLE_SELLER
    gstin = settings.seller_gstin
    return Seller(
        legal_name=settings.seller_legal_name or example.legal_name,
        address=_lines(settings.seller_address) or example.address,
        state_code=settings.seller_state or (gstin[:2] if gstin else example.state_code),
        trade_name=settings.seller_trade_name,
        gstin=gstin,
        pan=settings.seller_pan,
        email=settings.seller_email,
        phone=settings.seller_phone,
        website=settings.seller_website,
        cin=settings.seller_cin,
        sac=settings.seller_sac or example.sac,
        lut_arn=settings.seller_lut_arn,
        logo=settings.seller_trade_name,
        terms=_lines(settings.seller_terms),
    )


def _simulator_of(settings: Settings, runs: bool, events_url: str | None) -> SimulatorWish | None:
    if not settings.has_simulator:
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
    return _parts(text, ",")


def _lines(text: str | None) -> tuple[str, ...]:
    return _parts(text, "|")


def _parts(text: str | None, between: str) -> tuple[str, ...]:
    parts = (part.strip() for part in (text or "").split(between))
    return tuple(part for part in parts if part)
