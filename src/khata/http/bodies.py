"""A request's body: read within its limits, then decoded strictly, each fault named by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeVar, cast

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from khata.http.call import Call
from khata.http.choices import choices
from khata.http.problems import Problem, invalid

MIB: Final = 1024 * 1024
DEFAULT_MAX_BODY: Final = MIB
METADATA_MAX_BYTES: Final = 8 * 1024
METADATA_MAX_DEPTH: Final = 16
# A refused body is still swallowed up to here: closing on a client that is still sending resets
# the connection, and the answer would be lost with it.
_SWALLOW: Final = 16 * MIB

T = TypeVar("T")
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Headers = Mapping[bytes, bytes]


class Metadata(dict[str, object]):
    """Free JSON of the caller: one object, at most 8 KiB as JSON, nested at most 16 deep."""


def require_json(headers: Headers) -> None:
    """415 unless the body is announced as plain JSON in UTF-8."""
    declared = headers.get(b"content-type", b"")
    if declared != b"application/json" and not _is_json(declared):
        raise Problem("UNSUPPORTED_MEDIA_TYPE", "The body must be sent as application/json.")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Problem("UNSUPPORTED_MEDIA_TYPE", "The body must be sent uncompressed.")


def _is_json(content_type: bytes) -> bool:
    media, *parameters = (part.strip().lower() for part in content_type.split(b";"))
    utf8 = (b"", b"charset=utf-8", b'charset="utf-8"')
    return media == b"application/json" and all(each in utf8 for each in parameters)


async def read_json(call: Call[Any], receive: Receive) -> bytes:
    """The body as it came, announced as JSON; b"" where there is none."""
    raw = await read_body(call, receive)
    if raw:
        require_json(call.headers)
    return raw


async def read_body(call: Call[Any], receive: Receive) -> bytes:
    """The whole body, within the call's limits of size and time."""
    limit = call.max_body
    declared = call.headers.get(b"content-length")
    if declared and int(declared) > limit + _SWALLOW:
        raise _too_large(limit)
    call.begin_reading()
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        body = await _read_on(receive, body, limit)
    call.end_reading()
    if len(body) > limit:
        raise _too_large(limit)
    return body


async def _read_on(receive: Receive, first: bytes, limit: int) -> bytes:
    chunks, size, more = [first], len(first), True
    while more and size <= limit + _SWALLOW:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        more = message.get("more_body", False)
    if size > limit:
        raise _too_large(limit)
    return b"".join(chunks)


def _too_large(limit: int) -> Problem:
    detail = f"The body is larger than {limit} bytes."
    return Problem("PAYLOAD_TOO_LARGE", detail, {"Connection": "close"}, limit_bytes=limit)


def decode_body(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    """The body as its struct: 400 where it is no JSON, 422 where it is not the JSON asked for."""
    try:
        decoded = decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise invalid(*field_and_message(str(error), "body", decoder.type)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem("MALFORMED_JSON", _why_malformed(raw, str(error))) from None
    except RecursionError:
        raise invalid("body", "is nested far too deeply") from None
    if b"\\u0000" in raw:
        refuse_nul(cast("Json", msgspec.json.decode(raw)), "")
    return decoded


def _why_malformed(raw: bytes, reason: str) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"The body is not valid UTF-8 (byte {error.start})."
    if not raw.strip():
        return "The body is empty."
    if reason == "Input data was truncated":
        surrogate = re.search(rb"(?i)\\ud[89a-f]..", raw)
        end = f"The JSON ends too early (byte {len(raw)})."
        return f"Lone surrogate (byte {surrogate.start()})." if surrogate else end
    return f"{reason}."


_WHERE: Final = re.compile(r"(?s)(.*?)(?: - at `(?:key` in `)?\$(.*)`)?$")
_NOT_AMONG: Final = "Invalid enum value "
_NAMED: Final = re.compile(r"(?s)Object (contains unknown|missing required) field `(.*)`$")


def field_and_message(error: str, root: str, wanted: Any) -> tuple[str, str]:
    """msgspec's words as (`items[3].credits`, message); `root` names the whole of what is `wanted`,
    of which a field that is not among its values says which these are."""
    found = _WHERE.match(error)
    message, path = (found[1], found[2] or "") if found else (error, "")
    path = path.removeprefix(".")
    if named := _NAMED.match(message):
        path = f"{path}.{named[2]}".removeprefix(".")
        message = "is unknown" if named[1] == "contains unknown" else "is required"
    elif message.startswith(_NOT_AMONG) and (known := choices(wanted, path)):
        message = f"must be one of {', '.join(known)}: not {message.removeprefix(_NOT_AMONG)}"
    return path or root, message


def refuse_nul(value: Json, path: str) -> None:
    """422 for the first text within `value` that holds a NUL: PostgreSQL can't keep one."""
    if isinstance(value, str) and "\x00" in value:
        raise invalid(path or "body", "must not contain the character NUL")
    if isinstance(value, list):
        for number, each in enumerate(value):
            refuse_nul(each, f"{path}[{number}]")
    if isinstance(value, dict):
        for key, each in value.items():
            inner = f"{path}.{key}".removeprefix(".")
            refuse_nul(key, inner)
            refuse_nul(each, inner)


def json_decoder(wanted: type[T]) -> msgspec.json.Decoder[T]:
    """A decoder that knows `Metadata`."""
    return msgspec.json.Decoder(wanted, dec_hook=_metadata)


def _metadata(wanted: type, value: object) -> object:
    if wanted is not Metadata or not isinstance(value, dict):
        raise TypeError("Expected `object`")
    free = cast("dict[str, Json]", value)
    _refuse_extremes(free, METADATA_MAX_DEPTH)
    if len(msgspec.json.encode(free)) > METADATA_MAX_BYTES:
        raise ValueError(f"must be at most {METADATA_MAX_BYTES} bytes as JSON")
    return Metadata(free)


def _refuse_extremes(value: Json, depth_left: int) -> None:
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError("must hold only integers of 64 bits")
    elif isinstance(value, dict | list):
        if not depth_left:
            raise ValueError(f"must be nested at most {METADATA_MAX_DEPTH} deep")
        for each in value.values() if isinstance(value, dict) else value:
            _refuse_extremes(each, depth_left - 1)
