"""Books as plain text: the forms that beancount and hledger read and check.

The traps of both are known: paise are written with exactly two decimals and never through a
float; beancount's assertions bear `~ 0`, for else they forgive the last digit, and stand on the day
after, since it checks at the start of a day; hledger reads `1,000.` as a whole number only with
its dot, and is to be run with `-s`, which demands declared accounts and invents no price.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, Protocol

from khata.domain.chart import Booked, Leg, Unit, india_day
from khata.domain.times import rfc3339

FormName = Literal["beancount", "hledger", "csv"]

_EPOCH = date(1970, 1, 1)
_SIGNS = (
    "Debits are positive. In CREDIT what wallets hold is positive, where it came from negative."
)


class Form(Protocol):
    """A form that books are written in, piece by piece and in the order of days."""

    @property
    def media_type(self) -> str: ...

    @property
    def tells_standings(self) -> bool:
        """Whether it has opening balances and assertions, and not just what was booked."""
        ...

    def head(self, title: str) -> str:
        """What stands first."""
        ...

    def declared(self, account: str, unit: Unit) -> str:
        """That there is such an account, before it is used."""
        ...

    def entry(self, booked: Booked) -> str:
        """One entry."""
        ...

    def assertions(self, day: int, standing: Sequence[Leg]) -> str:
        """That these accounts stand at so much when that day is over."""
        ...


class Beancount:
    """For `bean-check`."""

    media_type = "text/x-beancount"
    tells_standings = True

    def head(self, title: str) -> str:
        return (
            f"; {_SIGNS}\n"
            f'option "title" "{_quoted(title)}"\n'
            'option "operating_currency" "INR"\n'
            "1970-01-01 commodity INR\n"
            "1970-01-01 commodity CREDIT\n"
        )

    def declared(self, account: str, unit: Unit) -> str:
        return f"1970-01-01 open {account} {unit}\n"

    def entry(self, booked: Booked) -> str:
        lines = "".join(f"  {leg.account}  {_amount(leg)}\n" for leg in booked.legs)
        return (
            f'{_day(india_day(booked.at_us))} * "{_quoted(booked.title)}" ^{booked.id}\n'
            f'  wallet: "{_quoted(booked.wallet_id)}"\n{lines}'
        )

    def assertions(self, day: int, standing: Sequence[Leg]) -> str:
        after = _day(day + 1)
        return "".join(
            f"{after} balance {leg.account}  {_number(leg)} ~ 0 {leg.unit}\n" for leg in standing
        )


class Hledger:
    """For `hledger check -s ordereddates`, in a locale with UTF-8."""

    media_type = "text/x-hledger"
    tells_standings = True

    def head(self, title: str) -> str:
        return f"; {_line(title)}\n; {_SIGNS}\ncommodity 1,000.00 INR\ncommodity 1,000. CREDIT\n"

    def declared(self, account: str, unit: Unit) -> str:
        return f"account {account}  ; {unit}\n"

    def entry(self, booked: Booked) -> str:
        lines = "".join(f"    {leg.account}  {_amount(leg)}\n" for leg in booked.legs)
        title = _line(booked.title).replace(";", ",")
        return (
            f"{_day(india_day(booked.at_us))} * {title}"
            f"  ; id:{booked.id}, wallet:{_line(booked.wallet_id)}\n{lines}"
        )

    def assertions(self, day: int, standing: Sequence[Leg]) -> str:
        if not standing:
            return ""
        lines = (
            f"    {leg.account}  {_amount(leg._replace(amount=0))} = {_amount(leg)}\n"
            for leg in standing
        )
        return f"{_day(day)} * assertions\n{''.join(lines)}"


class Csv:
    """For spreadsheets: a row a leg, rupees with two decimals, credits whole."""

    media_type = "text/csv"
    tells_standings = False

    def head(self, title: str) -> str:  # noqa: ARG002
        return _rows([("day", "at", "id", "wallet_id", "title", "account", "unit", "amount")])

    def declared(self, account: str, unit: Unit) -> str:  # noqa: ARG002
        return ""

    def entry(self, booked: Booked) -> str:
        day, at = _day(india_day(booked.at_us)), rfc3339(booked.at_us)
        of = (day, at, booked.id, booked.wallet_id, _line(booked.title))
        return _rows((*of, leg.account, leg.unit, _number(leg)) for leg in booked.legs)

    def assertions(self, day: int, standing: Sequence[Leg]) -> str:  # noqa: ARG002
        return ""


FORMS: Mapping[FormName, Form] = {"beancount": Beancount(), "hledger": Hledger(), "csv": Csv()}


def rupees(paise: int) -> str:
    """Paise as rupees with exactly two decimals, such as ``-0.05``."""
    whole, rest = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}{whole}.{rest:02}"


def summed(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """One leg for each account and unit, in the order in which they come first."""
    sums: dict[tuple[str, Unit], int] = {}
    for leg in legs:
        sums[leg.account, leg.unit] = sums.get((leg.account, leg.unit), 0) + leg.amount
    return tuple(Leg(*place, amount) for place, amount in sums.items())


def _rows(rows: Iterable[Sequence[str]]) -> str:
    """Rows of a CSV (RFC 4180)."""
    return "".join(f"{','.join(map(_cell, row))}\r\n" for row in rows)


def _cell(text: str) -> str:
    if not any(special in text for special in ',"\r\n'):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _number(leg: Leg) -> str:
    return rupees(leg.amount) if leg.unit == "INR" else str(leg.amount)


def _amount(leg: Leg) -> str:
    return f"{_number(leg)} {leg.unit}"


def _day(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()


def _line(text: str) -> str:
    """The text on one line, with nothing in it that is no character."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _quoted(text: str) -> str:
    return _line(text).replace("\\", "\\\\").replace('"', '\\"')
