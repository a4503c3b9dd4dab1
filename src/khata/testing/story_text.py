"""The text of a story: lines of verbs and plain words, times on a wall clock, expectations."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from khata.domain.money import PAISE_PER_RUPEE

FENCE = re.compile(r"^```story *\n(.*?)^```", re.MULTILINE | re.DOTALL)
OPTIONS = (
    "as",
    "at",
    "by",
    "claiming",
    "for",
    "from",
    "in",
    "key",
    "of",
    "on",
    "per",
    "priority",
    "with",
)
OPTIONS_WITH_A_TIME = ("at", "from", "until")
OPTIONS_OF_MONEY = ("through", "fee", "tax", "disputed", "refunding")
OPENING_DAY = date(2026, 1, 5)

_OPTIONS = {*OPTIONS, *OPTIONS_WITH_A_TIME, *OPTIONS_OF_MONEY, "cap", "to"}
_CODE = re.compile(r"([A-Z][A-Z_]{3,})(?:\s+(.*))?")
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{6}))?)?(?: day (\d+))?")
_DURATION = re.compile(r"(\d+)(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class StoryError(AssertionError):
    """A line of a story cannot be read, or what it says is not what happens."""


class Line(Struct, frozen=True):
    """One line: a verb, its words, its options, and what is expected of it."""

    place: str
    text: str
    verb: str
    words: tuple[str, ...]
    options: dict[str, str]
    code: str | None = None
    expected: tuple[str, ...] = ()

    def wrong(self, why: str) -> StoryError:
        """The error that names this line."""
        return StoryError(f"{self.place}: {self.text}\n  {why}")

    def word(self, index: int, meaning: str) -> str:
        """The line's word at this place."""
        if index >= len(self.words):
            raise self.wrong(f"“{self.verb}” wants {meaning}")
        return self.words[index]

    def number(self, index: int, meaning: str) -> int:
        """The line's whole number at this place."""
        return self.whole(self.word(index, meaning), meaning)

    def whole(self, word: str, meaning: str) -> int:
        """A word as a whole number; commas between thousands and a rupee sign are allowed."""
        plain = word.replace(",", "").lstrip("₹")
        if not re.fullmatch(r"-?\d+", plain):
            raise self.wrong(f"“{word}” is no number: “{self.verb}” wants {meaning}")
        return int(plain)

    def paise(self, option: str) -> int:
        """What an option says in whole rupees; 0 where it is not there."""
        words = self.options.get(option)
        return 0 if words is None else self.whole(words, "rupees") * PAISE_PER_RUPEE

    def seconds(self, word: str) -> int:
        """A word such as 90s, 10m, 24h or 7d."""
        found = _DURATION.fullmatch(word)
        if found is None:
            raise self.wrong(f"“{word}” is no duration such as 90s, 10m, 24h or 7d")
        return int(found[1]) * _SECONDS[found[2]]


class Calendar(Struct, frozen=True):
    """Which day is day 1, and where the story's clock hangs."""

    first_day: date = OPENING_DAY
    time_zone: str = "Asia/Kolkata"

    def at_us(self, line: Line, words: str) -> int:
        """The instant of words such as `13:00`, `00:00:01.500000` or `09:30 day 2`."""
        found = _CLOCK.fullmatch(words)
        if found is None:
            raise line.wrong(f"“{words}” is no time such as 13:00 or 09:30 day 2")
        hour, minute, second, microsecond, day = (int(part or 0) for part in found.groups())
        on = self.first_day + timedelta(days=max(day, 1) - 1)
        clock = time(hour, minute, second, tzinfo=ZoneInfo(self.time_zone))
        instant = datetime.combine(on, clock)
        return round(instant.timestamp()) * 1_000_000 + microsecond

    def words(self, at_us: int) -> str:
        """The same words for an instant."""
        seconds, microsecond = divmod(at_us, 1_000_000)
        instant = datetime.fromtimestamp(seconds, ZoneInfo(self.time_zone))
        day = (instant.date() - self.first_day).days + 1
        fine = f":{instant:%S}.{microsecond:06}" if microsecond else f":{instant:%S}"
        clock = f"{instant:%H:%M}" + ("" if fine == ":00" else fine)
        return clock if day == 1 else f"{clock} day {day}"


def stories_in(markdown: str, name: str = "story") -> Iterator[tuple[str, list[Line]]]:
    """The place and the lines of each ```story block of a document."""
    for block in FENCE.finditer(markdown):
        first = markdown[: block.start(1)].count("\n") + 1
        yield f"{name}:{first}", lines_of(block[1], name, first)


def lines_of(text: str, name: str = "story", first: int = 1) -> list[Line]:
    """The lines of a story. Empty ones and those that begin with # are left out."""
    numbered = enumerate(text.splitlines(), first)
    told = ((number, line.partition("#")[0].strip()) for number, line in numbered)
    return [_line(f"{name}:{number}", line) for number, line in told if line]


def items_of(expected: str) -> tuple[str, ...]:
    """What stands between commas, with single spaces."""
    return tuple(" ".join(item.split()) for item in expected.split(",") if item.strip())


def _line(place: str, text: str) -> Line:
    said, arrow, expected = text.partition("->")
    words = said.split()
    if not words:
        raise StoryError(f"{place}: {text}\n  a line begins with a verb")
    line = Line(place, text, words[0], (), {})
    plain, options = _options(line, words[1:])
    if arrow and not expected.strip():
        raise line.wrong("nothing is expected after ->")
    coded = _CODE.fullmatch(expected.strip()) if words[0] != "ledger" else None
    code, rest = (coded[1], coded[2] or "") if coded else (None, expected)
    return Line(place, text, words[0], plain, options, code, items_of(rest))


def _options(line: Line, words: list[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    plain: list[str] = []
    options: dict[str, str] = {}
    place = 0
    while place < len(words):
        word = words[place]
        width = _width(words, place)
        if word not in _OPTIONS:
            plain.append(word)
        elif place + 1 == len(words):
            raise line.wrong(f"nothing follows “{word}”")
        else:
            options[word] = " ".join(words[place + 1 : place + width])
        place += width
    return tuple(plain), options


def _width(words: list[str], place: int) -> int:
    """How many words belong together from here: one, an option's two, or a time's four."""
    if words[place] not in _OPTIONS:
        return 1
    has_a_day = words[place] in OPTIONS_WITH_A_TIME and words[place + 2 : place + 3] == ["day"]
    return 4 if has_a_day else 2
