"""Readers of live streams: a parser of Server-Sent Events as the HTML standard has it, and a reader
that takes one event after another."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx2
import msgspec

Json = dict[str, Any]
PATIENCE_SECONDS = 60.0


class Event(NamedTuple):
    """What a browser would dispatch."""

    id: str
    type: str
    data: Json


class Parsed:
    """Reads lines as a browser does. `last_id` is as it stands by now."""

    def __init__(self, lines: Iterable[str], last_id: str = "") -> None:
        self._lines = lines
        self.last_id = last_id
        self.comments: list[str] = []

    def __iter__(self) -> Iterator[Event]:
        block: list[tuple[str, str]] = []
        for line in self._lines:
            if line.startswith(":"):
                self.comments.append(line[1:].removeprefix(" "))
            elif line:
                name, _, value = line.partition(":")
                block.append((name, value.removeprefix(" ")))
            else:
                event = self._dispatched(block)
                block = []
                if event:
                    yield event

    def _dispatched(self, block: Sequence[tuple[str, str]]) -> Event | None:
        fields = dict(block)
        assert fields.keys() <= {"id", "event", "data", "retry"}
        self.last_id = fields.get("id", self.last_id)
        told = [value for name, value in block if name == "data"]
        if not told:
            return None
        data = msgspec.json.decode("\n".join(told))
        return Event(self.last_id, fields.get("event", "message"), data)


class Stream:
    """An open stream, whose events are taken one by one."""

    def __init__(
        self,
        url: str,
        path: str,
        secret: str | None,
        last_id: str | None = None,
        cookie: str | None = None,
        **query: str,
    ) -> None:
        self._stack = ExitStack()
        client = self._stack.enter_context(httpx2.Client(base_url=url, timeout=PATIENCE_SECONDS))
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        if cookie is not None:
            headers["Cookie"] = f"khata_session={cookie}"
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        asked = client.stream("GET", path, headers=headers, params=query)
        self.answer = self._stack.enter_context(asked)
        if self.answer.status_code != 200:
            self.answer.read()
        self._lines = self.answer.iter_lines()
        self._parsed = Parsed(self._lines, last_id or "")
        self._events = iter(self._parsed)

    @property
    def last_id(self) -> str:
        return self._parsed.last_id

    @property
    def comments(self) -> list[str]:
        return self._parsed.comments

    def begun(self) -> Self:
        """The same, once it has said from where it goes on."""
        assert next(self._lines) == "retry: 2000"
        return self

    def next(self) -> Event:
        """The next event."""
        return next(self._events)

    def take(self, count: int) -> list[Event]:
        """So many events."""
        return [self.next() for _ in range(count)]

    def rest(self) -> list[Event]:
        """All until the server ends it."""
        return list(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)
