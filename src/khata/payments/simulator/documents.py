"""Entities as documents: what goes over the wire, and what the simulator keeps to itself.

A key that begins with an underscore is the simulator's own and is never shown. `_due` and `_plan`
say when something happens to an entity by itself, and what.
"""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

Doc: TypeAlias = dict[str, Any]

MAX_NOTES: Final = 15
MAX_NOTE: Final = 256


def shown(doc: Doc) -> Doc:
    """The entity as the wire has it. Notes without content are a list there."""
    visible = {key: value for key, value in doc.items() if not key.startswith("_")}
    if visible.get("notes") == {}:
        visible["notes"] = []
    return visible


def collection(docs: Iterable[Doc]) -> Doc:
    """A list as the wire has it."""
    items = list(docs)
    return {"entity": "collection", "count": len(items), "items": items}


def plan(doc: Doc, what: str | None, due: int | None = None) -> None:
    """Sets what happens to the entity by itself, and when; nothing with `None`."""
    doc["_plan"] = what
    doc["_due"] = due if what else None
