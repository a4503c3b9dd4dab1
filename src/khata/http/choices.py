"""What a field could have been, for who sent something else. msgspec says only that it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from msgspec import inspect as types

_STEP: Final = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


@lru_cache(maxsize=256)
def choices(wanted: Any, path: str) -> tuple[str, ...]:
    """The values that the place `items[3].op` of such a struct may have; none where any will do."""
    places = [types.type_info(wanted)]
    for step in _STEP.finditer(path):
        places = [inner for place in places for inner in _inner(place, step[2])]
    return tuple(dict.fromkeys(value for place in places for value in _values(place)))


def _options(place: types.Type) -> Iterator[types.Type]:
    if isinstance(place, types.Metadata):
        yield from _options(place.type)
    elif isinstance(place, types.UnionType):
        for option in place.types:
            yield from _options(option)
    else:
        yield place


def _inner(place: types.Type, name: str | None) -> Iterator[types.Type]:
    """What stands in there under that name, or for none at any of its places."""
    for option in _options(place):
        if isinstance(option, types.StructType):
            yield from (each.type for each in option.fields if each.encode_name == name)
        elif isinstance(option, types.DictType):
            yield option.value_type
        elif isinstance(option, types.CollectionType) and name is None:
            yield option.item_type


def _values(place: types.Type) -> Iterator[str]:
    for option in _options(place):
        if isinstance(option, types.LiteralType):
            yield from map(str, option.values)
