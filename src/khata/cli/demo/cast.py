"""Who lives in the demo. Everybody's own days follow from this and the seed."""

from collections.abc import Mapping

from msgspec import Struct

from khata.domain.wallet import OwnerType

# How much of a day's usage falls into each hour of the wallet's clock.
OFFICE = (1, 1, 0, 0, 0, 1, 3, 6, 12, 20, 24, 22, 16, 18, 24, 25, 22, 18, 14, 12, 10, 8, 5, 2)
EVENING = (3, 1, 0, 0, 0, 0, 2, 5, 7, 8, 9, 9, 10, 9, 8, 9, 11, 15, 20, 26, 30, 28, 18, 8)
ALWAYS = (
    12,
    11,
    10,
    10,
    10,
    11,
    12,
    13,
    14,
    16,
    17,
    17,
    16,
    16,
    17,
    17,
    16,
    15,
    15,
    14,
    14,
    13,
    13,
    12,
)


class Pack(Struct, frozen=True):
    """What is bought at once: rupees, credits and bonus, as the packs of the product are."""

    rupees: int
    credits: int
    bonus: int


GROWTH = Pack(300, 3_000, 200)
PRO = Pack(500, 5_000, 500)
SCALE = Pack(1_000, 10_000, 2_000)
STARTER = Pack(150, 1_500, 0)


class Resident(Struct, frozen=True, kw_only=True):
    """One wallet of the demo.

    `features` and `members` are weighted. `a_day` operations are usual on a weekday at the end;
    `growth` is how much of that there was at the beginning. `streamed` is the share of assistant
    replies that are held and captured. A top-up follows `patience_hours` after the wallet ran low.
    """

    owner_type: OwnerType
    owner_id: str
    name: str
    members: Mapping[str, int]
    features: Mapping[str, int]
    hours: tuple[int, ...]
    a_day: int
    weekend: float
    growth: float
    pack: Pack
    patience_hours: float
    welcome: int = 500
    streamed: float = 0.0
    rush_day: int | None = None
    gift_to: str | None = None


# How the members are called; the others are programs.
NAMES: Mapping[str, str] = {
    "asha": "Asha Rao", "ravi": "Ravi Menon", "meera": "Meera Krishnan", "imran": "Imran Qureshi",
    "kavya": "Kavya Nair", "joseph": "Joseph Mathew", "farah": "Farah Khan",
    "nikhil": "Nikhil Jain", "tara": "Tara Bose", "deepak": "Deepak Yadav", "leela": "Leela Pillai",
    "omar": "Omar Sheikh", "suresh": "Suresh Gupta", "anita": "Anita Desai", "sunil": "Sunil Patil",
    "rhea": "Rhea Dsouza", "vikram": "Vikram Joshi", "zoya": "Zoya Ali", "paul": "Paul Fernandes",
    "lakshmi": "Lakshmi Iyer", "arjun": "Arjun Deshpande", "sanjay": "Sanjay Raman",
}  # fmt: skip

RESIDENTS = (
    Resident(
        owner_type="community",
        owner_id="demo-delhi-devs",
        name="Delhi Devs",
        members={
            "asha": 24, "ravi": 18, "meera": 14, "imran": 11, "kavya": 9, "joseph": 7,
            "farah": 5, "nikhil": 4, "tara": 3, "deepak": 2, "leela": 2, "omar": 1,
        },
        features={
            "AI_ASSISTANT_REPLY": 26, "AI_SUMMARY": 9, "AI_SEARCH": 8, "AI_MODERATION": 7,
            "EMAIL_SEND": 16, "PUSH_NOTIFICATION": 12, "WEBHOOK_TRIGGER": 10,
            "API_BASIC_REQUEST": 8, "INVITE_MEMBER": 3, "ANALYTICS_QUERY": 2,
            "STORAGE_100MB": 1, "UPDATE_BRANDING": 1,
        },
        hours=OFFICE,
        a_day=150,
        weekend=0.45,
        growth=0.5,
        pack=SCALE,
        patience_hours=3,
        welcome=2_000,
        streamed=0.6,
        rush_day=61,
        gift_to="demo-chennai-chess",
    ),
    Resident(
        owner_type="organization",
        owner_id="demo-kirana-cloud",
        name="Kirana Cloud",
        members={"billing-bot": 40, "stock-bot": 30, "suresh": 6, "anita": 4},
        features={
            "API_BASIC_REQUEST": 50, "API_HEAVY_QUERY": 12, "WEBHOOK_TRIGGER": 20,
            "WEBHOOK_RETRY": 3, "SCHEDULED_JOB": 10, "EXPORT_DATA": 1, "RETRY_QUEUE": 3,
        },
        hours=ALWAYS,
        a_day=130,
        weekend=0.9,
        growth=0.8,
        pack=PRO,
        patience_hours=1,
    ),
    Resident(
        owner_type="community",
        owner_id="demo-pune-photo",
        name="Pune Photographers",
        members={"sunil": 10, "rhea": 9, "vikram": 6, "zoya": 5, "paul": 2},
        features={
            "MEDIA_OPTIMIZATION": 30, "STORAGE_100MB": 12, "STORAGE_1GB": 1, "UPLOAD_BANNER": 4,
            "AI_MODERATION": 10, "PUSH_NOTIFICATION": 20, "EMAIL_SEND": 10,
        },
        hours=EVENING,
        a_day=48,
        weekend=1.9,
        growth=0.9,
        pack=GROWTH,
        patience_hours=8,
    ),
    Resident(
        owner_type="community",
        owner_id="demo-chennai-chess",
        name="Chennai Chess Club",
        members={"lakshmi": 5, "arjun": 4, "sanjay": 2},
        features={"PUSH_NOTIFICATION": 20, "EMAIL_SEND": 14, "INVITE_MEMBER": 2, "AI_SUMMARY": 3},
        hours=EVENING,
        a_day=14,
        weekend=1.6,
        growth=1.0,
        pack=STARTER,
        patience_hours=20,
        welcome=300,
    ),
    Resident(
        owner_type="user",
        owner_id="demo-asha-rao",
        name="Asha Rao",
        members={"asha": 1},
        features={"AI_ASSISTANT_REPLY": 8, "AI_SUMMARY": 3, "AI_SEARCH": 3, "STORAGE_100MB": 1},
        hours=EVENING,
        a_day=9,
        weekend=1.3,
        growth=0.7,
        pack=STARTER,
        patience_hours=52,
        welcome=200,
        streamed=0.8,
    ),
)  # fmt: skip


def cast(suffix: str = "") -> tuple[Resident, ...]:
    """The residents, or, with a suffix, others just like them."""
    from msgspec.structs import replace

    return tuple(
        replace(
            one,
            owner_id=one.owner_id + suffix,
            gift_to=one.gift_to and one.gift_to + suffix,
        )
        for one in RESIDENTS
    )
