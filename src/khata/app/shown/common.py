"""What many shapes share: times and metadata as they are shown."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
MetadataShown = Annotated[Raw, Meta(extra_json_schema={"type": ["object", "null"]})]


def metadata_shown(text: str | None) -> Raw:
    """The stored text as a piece of JSON."""
    return Raw((text or "null").encode())
