"""What stands in the head of a request: path, query and Idempotency-Key, checked and typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Generic, TypeVar, cast
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect as types

from khata.http.bodies import Headers, field_and_message
from khata.http.problems import Problem, invalid

T = TypeVar("T")

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{6,120}")
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_MOST: Final = 50


def idempotency_key(headers: Headers) -> str:
    """The caller's key for this operation, from its header."""
    key = headers.get(b"idempotency-key")
    return demand_key(None if key is None else key.decode("latin-1"))


def demand_key(key: str | None) -> str:
    """The key, if it is one: 6 to 120 of A-Z a-z 0-9 _ -; 400 if not."""
    if key is None:
        raise Problem("IDEMPOTENCY_KEY_REQUIRED", "This operation needs an Idempotency-Key.")
    if not _KEY.fullmatch(key):
        detail = "Idempotency-Key must be 6 to 120 characters of A-Z a-z 0-9 _ and -."
        raise Problem("INVALID_IDEMPOTENCY_KEY", detail)
    return key


class Texts(Generic[T]):
    """Reads the texts of a path or a query as one struct.

    One without a value counts as not given. A field that wants an integer or a boolean gets its
    text read as one first; everything else is msgspec's strict judgement.
    """

    def __init__(self, wanted: type[T]) -> None:
        self._wanted = wanted
        shape = cast("types.StructType", types.type_info(wanted))
        self._kinds = {field.encode_name: _kinds(field.type) for field in shape.fields}

    def read(self, texts: Mapping[str, str]) -> T:
        values = {
            name: self._read_one(name, text)
            for name, text in texts.items()
            if text or name not in self._kinds
        }
        try:
            return msgspec.convert(values, self._wanted)
        except msgspec.ValidationError as error:
            raise invalid(*field_and_message(str(error), "query", self._wanted)) from None

    def _read_one(self, name: str, text: str) -> str | int | bool:
        kinds = self._kinds.get(name, ())
        if types.IntType in kinds and _INTEGER.fullmatch(text):
            return int(text)
        if types.BoolType in kinds and text in {"true", "false"}:
            return text == "true"
        return text


def _kinds(wanted: types.Type) -> tuple[type, ...]:
    if isinstance(wanted, types.Metadata):
        return _kinds(wanted.type)
    options = wanted.types if isinstance(wanted, types.UnionType) else (wanted,)
    return tuple(type(option) for option in options)


def query_texts(query_string: bytes) -> dict[str, str]:
    """The query's parameters, each at most once."""
    try:
        text = query_string.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST)
    except UnicodeDecodeError:
        raise invalid("query", "must be percent-encoded UTF-8") from None
    except ValueError:
        raise invalid("query", f"must have at most {_MOST} parameters") from None
    texts: dict[str, str] = {}
    for name, text in pairs:
        if name in texts:
            raise invalid(name, "is given more than once")
        if "\x00" in text:
            raise invalid(name, "must not contain the character NUL")
        texts[name] = text
    return texts


def refuse_query(query_string: bytes) -> None:
    """For a route without parameters: 422 naming the first one sent."""
    for name in query_texts(query_string):
        raise invalid(name, "is unknown")
