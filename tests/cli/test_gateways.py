"""Which gateways there are is the operator's to say; play money is never there by accident."""

import pytest

from khata.cli.sales import gateways_of
from khata.config import SettingError, load_settings

RAZORPAY = {
    "KHATA_RAZORPAY_KEY_ID": "rzp_test_1",
    "KHATA_RAZORPAY_KEY_SECRET": "secret",
    "KHATA_RAZORPAY_WEBHOOK_SECRET": "new, old",
}
STRIPE = {"KHATA_STRIPE_SECRET_KEY": "sk_test", "KHATA_STRIPE_WEBHOOK_SECRET": "whsec_1"}


@pytest.mark.parametrize(
    ("said", "default", "names"),
    [
        ({}, "simulator", {"simulator"}),
        (RAZORPAY, "simulator", {"simulator", "razorpay"}),
        (RAZORPAY | {"KHATA_GATEWAY": "razorpay"}, "razorpay", {"razorpay"}),
        (RAZORPAY | STRIPE | {"KHATA_GATEWAY": "stripe"}, "stripe", {"razorpay", "stripe"}),
        (
            RAZORPAY | {"KHATA_GATEWAY": "razorpay", "KHATA_SIMULATOR": "true"},
            "razorpay",
            {"razorpay", "simulator"},
        ),
    ],
)
def test_the_simulator_stands_beside_a_real_gateway_only_where_it_was_asked_for(
    said: dict[str, str], default: str, names: set[str]
) -> None:
    gateways = gateways_of(load_settings(said))
    assert gateways.default == default
    given = {name: getattr(gateways, name) for name in ("simulator", "razorpay", "stripe")}
    assert {name for name, access in given.items() if access is not None} == names


@pytest.mark.parametrize(
    "said",
    [
        {"KHATA_GATEWAY": "razorpay"},
        {"KHATA_GATEWAY": "stripe", "KHATA_STRIPE_SECRET_KEY": "sk_test"},
        {"KHATA_SIMULATOR": "false"},
    ],
)
def test_a_default_gateway_that_is_not_set_up_is_told(said: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="not set up"):
        gateways_of(load_settings(said))


def test_two_secrets_are_good_while_one_is_changed() -> None:
    gateways = gateways_of(load_settings(RAZORPAY))
    assert gateways.razorpay is not None
    assert gateways.razorpay.webhook_secrets == ("new", "old")
