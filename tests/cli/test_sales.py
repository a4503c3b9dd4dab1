"""What is sold, and by whom, is the operator's to say, in one place; what will not do is named."""

import json
from pathlib import Path

import pytest

from khata.cli.sales import gateways_of, missing_seller, sales_of
from khata.config import SettingError, load_settings
from khata.domain.packs import DEFAULT_PACKS, Pack, TopUpTerms
from khata.domain.parties import EXAMPLE_SELLER, Seller
from program import run_here

SELLER = {
    "KHATA_SELLER_LEGAL_NAME": "Khata Labs Private Limited",
    "KHATA_SELLER_ADDRESS": "1 Residency Road | Bengaluru 560025",
    "KHATA_SELLER_GSTIN": "29AAGCB7383J1Z4",
}
PACKS = """
[[packs]]
id = "small"
name = "Small"
price_paise = 20000

[[packs]]
id = "large"
name = "Large"
price_paise = 90000
bonus_credits = 1000
"""


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_seller_is_whole_with_a_name_an_address_and_a_gstin() -> None:
    more = {
        "KHATA_SELLER_WEBSITE": "khata.example",
        "KHATA_SELLER_CIN": "U72900KA2026PTC000001",
        "KHATA_SELLER_SAC": "998314",
        "KHATA_SELLER_TERMS": "Credits are not cash. | Disputes: Bengaluru.",
    }
    settings = load_settings(SELLER | more)
    assert missing_seller(settings) == []
    assert sales_of(settings).seller == Seller(
        legal_name="Khata Labs Private Limited",
        address=("1 Residency Road", "Bengaluru 560025"),
        state_code="29",
        gstin="29AAGCB7383J1Z4",
        website="khata.example",
        cin="U72900KA2026PTC000001",
        sac="998314",
        terms=("Credits are not cash.", "Disputes: Bengaluru."),
    )


def test_who_says_nothing_sells_as_an_example_and_is_told_what_is_missing() -> None:
    settings = load_settings({})
    assert sales_of(settings).seller == EXAMPLE_SELLER
    assert sales_of(settings).topups == TopUpTerms()
    assert [wrong.field for wrong in missing_seller(settings)] == [
        "KHATA_SELLER_LEGAL_NAME",
        "KHATA_SELLER_ADDRESS",
        "KHATA_SELLER_GSTIN",
        "KHATA_SELLER_STATE",
    ]


@pytest.mark.parametrize(
    ("said", "named", "why"),
    [
        ({"KHATA_SELLER_GSTIN": "29AAGCB7383J1Z5"}, "KHATA_SELLER_GSTIN", "wrong check digit"),
        ({"KHATA_SELLER_STATE": "27"}, "KHATA_SELLER_GSTIN", "State 29"),
        ({"KHATA_SELLER_STATE": "77"}, "KHATA_SELLER_STATE", "such as 29 for Karnataka"),
        ({"KHATA_SELLER_GSTIN": "77AAGCB7383J1Z4"}, "KHATA_SELLER_STATE", "such as 29"),
        ({"KHATA_SELLER_PAN": "AAGCB7383K"}, "KHATA_SELLER_PAN", "within the GSTIN"),
        ({"KHATA_SELLER_SAC": "8471"}, "KHATA_SELLER_SAC", "begin with 99"),
        ({"KHATA_TOPUP_MINIMUM_PAISE": "20000"}, "top-ups", "pack starter is not within"),
        ({"KHATA_TOPUP_MAXIMUM_PAISE": "100"}, "top-ups", "not above the maximum"),
    ],
)
def test_what_was_said_wrong_is_refused_and_named(
    said: dict[str, str], named: str, why: str
) -> None:
    with pytest.raises(SettingError) as refused:
        sales_of(load_settings(SELLER | said))
    assert named in str(refused.value)
    assert why in str(refused.value)


def test_packs_are_tables_in_the_file_and_json_in_the_environment(tmp_path: Path) -> None:
    offered = (Pack("small", "Small", 20_000), Pack("large", "Large", 90_000, 1_000))
    file = tmp_path / "khata.toml"
    file.write_text(f"gst_bps = 1200\n{PACKS}")
    terms = sales_of(load_settings({}, file)).topups
    assert (terms.packs, terms.gst_bps) == (offered, 1_200)
    listed = json.dumps([{"id": "one", "name": "One", "price_paise": 15_000}])
    over = sales_of(load_settings({"KHATA_PACKS": listed}, file)).topups
    assert over.packs == (Pack("one", "One", 15_000),)
    assert sales_of(load_settings({})).topups.packs == DEFAULT_PACKS


@pytest.mark.parametrize(
    "packs",
    [
        "five",
        "{}",
        '["pro"]',
        '[{"id": "x", "name": "X"}]',
        '[{"id": "x", "name": "X", "price_paise": 150.5}]',
        '[{"id": "x", "name": "X", "price_paise": 15000, "bonus": 5}]',
        '[{"id": "x", "name": "X", "price_paise": 15000, "bonus_credits": -5}]',
    ],
)
def test_packs_that_are_none_are_refused(packs: str) -> None:
    with pytest.raises(SettingError, match="each with id, name, price_paise"):
        load_settings({"KHATA_PACKS": packs})


@pytest.mark.parametrize(
    ("said", "is_test"),
    [
        ({"KHATA_RAZORPAY_KEY_ID": "rzp_test_x", "KHATA_RAZORPAY_KEY_SECRET": "x"}, True),
        ({"KHATA_RAZORPAY_KEY_ID": "rzp_live_x", "KHATA_RAZORPAY_KEY_SECRET": "x"}, False),
        ({"KHATA_STRIPE_SECRET_KEY": "sk_test_x"}, True),
        ({"KHATA_STRIPE_SECRET_KEY": "rk_test_x"}, True),
        ({"KHATA_STRIPE_SECRET_KEY": "sk_live_x"}, False),
    ],
)
def test_keys_of_a_test_mode_are_known(said: dict[str, str], is_test: bool) -> None:
    webhooks = {"KHATA_RAZORPAY_WEBHOOK_SECRET": "x", "KHATA_STRIPE_WEBHOOK_SECRET": "x"}
    gateways = gateways_of(load_settings(said | webhooks))
    access = gateways.razorpay or gateways.stripe
    assert access
    assert access.is_test is is_test


def test_doctor_tells_of_the_seller(tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    missing = run_here("doctor", "--data", nowhere)
    assert missing.returncode == 0
    assert "KHATA_SELLER_GSTIN is not set" in flat(missing.stdout)
    wrong = run_here("doctor", "--data", nowhere, env=SELLER | {"KHATA_SELLER_PAN": "X"})
    assert wrong.returncode == 1
    assert "KHATA_SELLER_PAN must be five letters" in flat(wrong.stdout)
    findings = run_here("doctor", "--json", "--data", nowhere, env=SELLER).stdout
    found = {one["subject"]: one for one in json.loads(findings)["findings"]}
    assert (found["seller"]["verdict"], found["PDF"]["verdict"]) == ("ok", "ok")


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("KHATA_SELLER_STATE", "Karnataka"),
        ("KHATA_CREDITS_VALID_DAYS", "0"),
        ("KHATA_GST_BPS", "18%"),
        ("KHATA_FEE_RECOGNITION", "never"),
        ("KHATA_TOPUP_MINIMUM_PAISE", "150.5"),
    ],
)
def test_a_value_of_another_form_is_refused(variable: str, said: str) -> None:
    with pytest.raises(SettingError, match=f"{variable}={said} will not do: it must be"):
        load_settings({variable: said})


def test_values_of_the_right_form_are_taken() -> None:
    said = {"KHATA_SELLER_STATE": "27"}
    more = {"KHATA_CREDITS_VALID_DAYS": "365", "KHATA_FEE_RECOGNITION": "immediate"}
    settings = load_settings(said | more)
    terms = sales_of(settings)
    assert terms.seller.state_code == "27"
    assert (terms.topups.credits_valid_days, terms.topups.fee_recognition) == (365, "immediate")


def test_a_khata_with_a_wrong_seller_does_not_start(tmp_path: Path) -> None:
    done = run_here("serve", "--data", tmp_path / "none", env={"KHATA_SELLER_GSTIN": "29A"})
    assert done.returncode == 2
    assert "KHATA_SELLER_GSTIN will not do" in flat(done.stderr)
    assert not (tmp_path / "none").exists()
