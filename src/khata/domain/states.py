"""India's States as the tax knows them: their two-digit codes, and which of them levy UTGST."""

from types import MappingProxyType

from msgspec import Struct

ABROAD = "96"
CENTRE = "99"


class State(Struct, frozen=True, gc=False):
    """A State or Union Territory. `is_utgst`: its half of the tax is UTGST instead of SGST.

    `successor` is the code that took over from one no longer used; registrations and addresses of
    the old one count as the new one's.
    """

    code: str
    name: str
    is_utgst: bool = False
    successor: str | None = None

    @property
    def label(self) -> str:
        """Name and code as documents print them: ``Karnataka (29)``."""
        return f"{self.name} ({self.code})"


_ALL = (
    State("01", "Jammu and Kashmir"),
    State("02", "Himachal Pradesh"),
    State("03", "Punjab"),
    State("04", "Chandigarh", is_utgst=True),
    State("05", "Uttarakhand"),
    State("06", "Haryana"),
    State("07", "Delhi"),
    State("08", "Rajasthan"),
    State("09", "Uttar Pradesh"),
    State("10", "Bihar"),
    State("11", "Sikkim"),
    State("12", "Arunachal Pradesh"),
    State("13", "Nagaland"),
    State("14", "Manipur"),
    State("15", "Mizoram"),
    State("16", "Tripura"),
    State("17", "Meghalaya"),
    State("18", "Assam"),
    State("19", "West Bengal"),
    State("20", "Jharkhand"),
    State("21", "Odisha"),
    State("22", "Chhattisgarh"),
    State("23", "Madhya Pradesh"),
    State("24", "Gujarat"),
    State("25", "Daman and Diu", is_utgst=True, successor="26"),
    State("26", "Dadra and Nagar Haveli and Daman and Diu", is_utgst=True),
    State("27", "Maharashtra"),
    State("28", "Andhra Pradesh (before division)", successor="37"),
    State("29", "Karnataka"),
    State("30", "Goa"),
    State("31", "Lakshadweep", is_utgst=True),
    State("32", "Kerala"),
    State("33", "Tamil Nadu"),
    State("34", "Puducherry"),
    State("35", "Andaman and Nicobar Islands", is_utgst=True),
    State("36", "Telangana"),
    State("37", "Andhra Pradesh"),
    State("38", "Ladakh", is_utgst=True),
    State(ABROAD, "Foreign Country"),
    State("97", "Other Territory", is_utgst=True),
    State(CENTRE, "Centre Jurisdiction"),
)

STATES = MappingProxyType({state.code: state for state in _ALL})

# Where a buyer can live, in the order of their names.
ADDRESS_STATES = tuple(
    sorted(
        (state for state in _ALL if not state.successor and state.code not in {ABROAD, CENTRE}),
        key=lambda state: state.name,
    )
)


def current(code: str) -> State | None:
    """The State of this code, or the one that took over from it."""
    state = STATES.get(code)
    return STATES[state.successor] if state and state.successor else state


def is_address_state(code: str) -> bool:
    """Whether somebody can have their address there: neither abroad nor the Centre's own code."""
    return code in STATES and code not in {ABROAD, CENTRE}
