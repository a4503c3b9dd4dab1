"""What is asked of a live stream."""

from __future__ import annotations

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from khata.app.events.told import TYPES, Place
from khata.http.problems import invalid
from khata.http.schemas.common import AnyId

_PLACE: Final = r"^[0-9]{1,18}(\.[0-9]{1,18})?$"

LastEventId = Annotated[str, Meta(pattern=_PLACE)]
Types = Annotated[str, Meta(max_length=400, pattern=r"^[a-z_.]+(,[a-z_.]+)*$")]


class StreamQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages, and from where on.

    `types` are their types, divided by commas; all that the key may read, if it is left out.
    `last_event_id` is for those who cannot send the header of that name, which goes before it.
    With `follow=false` the answer ends with what there is by now.
    """

    types: Types | None = None
    last_event_id: LastEventId | None = None
    follow: bool = True

    def chosen(self) -> frozenset[str] | None:
        """The types, where some are named. 422 for one that there is not."""
        if self.types is None:
            return None
        asked = self.types.split(",")
        unknown = [each for each in asked if each not in TYPES]
        if unknown:
            raise invalid("types", f"must be of {', '.join(TYPES)}: not {unknown[0]}")
        return frozenset(asked)


class OrganizationStreamQuery(StreamQuery, frozen=True, forbid_unknown_fields=True):
    """The same, and of which organization: a platform's key has all where it names none."""

    organization_id: AnyId | None = None


def place_of(header: bytes | None, query: str | None) -> Place | None:
    """The place that was asked for: the header's, which browsers keep up to date, or the query's.

    422 where it is none of ours.
    """
    text = query if header is None else header.decode("latin-1")
    if not text:
        return None
    if not re.fullmatch(_PLACE, text):
        raise invalid("Last-Event-ID", "must be the id of an event of this stream")
    position, _, sequence = text.partition(".")
    return Place(int(position), int(sequence) if sequence else None)
