"""The OpenAPI 3.1 document, made from the very routes that serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import msgspec

from khata.http.bodies import METADATA_MAX_BYTES, METADATA_MAX_DEPTH, Metadata
from khata.http.problems import DAILY_LIMIT, MEDIA_TYPE, kind_of
from khata.http.routes import ANY_KEY, ANYONE, Route

Json: TypeAlias = dict[str, Any]

_REPLAYED: Final[Json] = {
    "description": "`true` where this is the first answer to that key, given again.",
    "schema": {"type": "string", "enum": ["true"]},
}
EVENT_STREAM: Final = "text/event-stream"
# One event of a stream, as schemas of such media mean it.
_EVENT: Final[Json] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string"},
        "retry": {"type": "integer"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
_LAST_EVENT_ID: Final[Json] = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The id of the last event that was seen: what follows it is sent first.",
    "schema": {"type": "string", "pattern": r"^([0-9]{1,18}(\.[0-9]{1,18})?)?$"},
}
_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for each operation, the same for its retries.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{6,120}$"},
    "example": "order-1042-line-3",
}
_PROBLEM: Final[Json] = {
    "title": "Problem",
    "description": "RFC 9457; the facts of its code stand beside these members.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "description": "With VALIDATION_FAILED: what to mend.",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}


def openapi_document(
    routes: Sequence[Route], *, title: str, version: str, description: str
) -> Json:
    """Every route with its types, answers and problems."""
    paths: defaultdict[str, Json] = defaultdict(dict)
    for route in routes:
        paths[route.template][route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": dict(paths),
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "components": {
            "schemas": {**_components(routes), "Problem": _PROBLEM},
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, `khk_...`.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "khata_session",
                    "description": "Who is signed in. What changes anything wants the header"
                    " X-CSRF-Token too, as GET /v1/session gives it.",
                },
            },
        },
    }


def _components(routes: Iterable[Route]) -> Json:
    """The named schemas that bodies and answers refer to."""
    wanted = [kind for route in routes for kind in (route.body, route.answer) if kind is not None]
    return _described(wanted)[1]


def _described(wanted: Sequence[Any]) -> tuple[Sequence[Json], Json]:
    shown, components = msgspec.json.schema_components(
        wanted, schema_hook=_metadata_schema, ref_template="#/components/schemas/{name}"
    )
    return shown, components


def _schema(wanted: Any) -> Json:
    return _described([wanted])[0][0]


def _metadata_schema(wanted: type) -> Json:
    if wanted is not Metadata:
        raise TypeError(f"{wanted} has no JSON schema")
    limits = (
        f"At most {METADATA_MAX_BYTES} bytes as JSON, nested at most {METADATA_MAX_DEPTH} deep."
    )
    return {"type": "object", "description": limits}


def _operation(route: Route) -> Json:
    summary, _, description = route.text.partition("\n")
    operation: Json = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": summary.removesuffix("."),
        "description": description.strip(),
        "parameters": [*_path(route), *_query(route), *_headers(route)],
        "responses": {**_answers(route), **_problems(route)},
        "security": [{"apiKey": []}, {"session": []}] if route.scope else [],
    }
    if route.scope not in {ANYONE, ANY_KEY}:
        operation["x-required-scope"] = route.scope
    if route.audit:
        operation["x-audit"] = list(route.audit)
    if route.unaudited:
        operation["x-unaudited"] = route.unaudited
    if route.body is not None:
        operation["requestBody"] = _body(route)
    return operation


def _path(route: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _schema(wanted)}
        for name, wanted in route.path.items()
    ]


def _query(route: Route) -> list[Json]:
    if route.query is None:
        return []
    struct = _described([route.query])[1][route.query.__name__]
    required = struct.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "allowEmptyValue": name not in required,
            "schema": _never_null(schema),
        }
        for name, schema in struct["properties"].items()
    ]


def _headers(route: Route) -> list[Json]:
    resumed = [_LAST_EVENT_ID] if EVENT_STREAM in route.media else []
    return [*resumed, *([_KEY] if route.key else [])]


def _never_null(schema: Json) -> Json:
    """A query can leave a parameter out, but has no way to say null."""
    rest = {name: value for name, value in schema.items() if (name, value) != ("default", None)}
    if options := rest.pop("anyOf", None):
        given = [option for option in options if option != {"type": "null"}]
        return {**rest, **given[0]} if len(given) == 1 else {**rest, "anyOf": given}
    if isinstance(rest.get("enum"), list):
        rest["enum"] = [value for value in rest["enum"] if value is not None]
    return rest


def _body(route: Route) -> Json:
    content: Json = {"schema": _schema(route.body)}
    if route.example is not None:
        content["example"] = route.example
    return {"required": not route.body_optional, "content": {"application/json": content}}


def _answers(route: Route) -> Json:
    content: Json = {media: {"schema": _text_or_file(media)} for media in route.media}
    if route.answer is not None:
        content["application/json"] = {"schema": _schema(route.answer)}
    answers: Json = {}
    for status in route.statuses:
        answers[str(status)] = {"description": HTTPStatus(status).phrase}
        if not 300 <= status < 400:
            answers[str(status)]["content"] = content
        if route.key:
            answers[str(status)]["headers"] = {"Idempotent-Replayed": _REPLAYED}
    return answers


def _text_or_file(media: str) -> Json:
    if media == EVENT_STREAM:
        return _EVENT
    return {"type": "string", **({} if media.startswith("text/") else {"contentMediaType": media})}


def _problems(route: Route) -> Json:
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys((*_layer_codes(route), *route.problems)):
        by_status[kind_of(code).status].append(code)
    return {str(status): _problem(codes) for status, codes in sorted(by_status.items())}


def _problem(codes: Sequence[str]) -> Json:
    named = {"properties": {"code": _code(codes)}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, named]}
    return {
        "description": ", ".join(map(_written, codes)),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


def _written(code: str) -> str:
    return f"{code}_<CAP>" if code == DAILY_LIMIT else code


def _code(codes: Sequence[str]) -> Json:
    """One of these; of the daily limits there is one code for each cap."""
    plain = [code for code in codes if code != DAILY_LIMIT]
    capped = [{"pattern": f"^{DAILY_LIMIT}_[A-Z][A-Z0-9_]*$"}] if DAILY_LIMIT in codes else []
    listed = [{"enum": plain}] if plain else []
    return {"type": "string", "anyOf": [*listed, *capped]} if capped else {"enum": plain}


def _layer_codes(route: Route) -> Iterator[str]:
    """What the layer itself may answer on this route."""
    if route.scope:
        yield from ("UNAUTHENTICATED", "FORBIDDEN")
        if route.method != "GET":
            yield "CSRF_FAILED"
    if route.key:
        yield from ("IDEMPOTENCY_KEY_REQUIRED", "INVALID_IDEMPOTENCY_KEY")
    if route.body is not None:
        yield from ("MALFORMED_JSON", "REQUEST_TIMEOUT")
        yield from ("PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
    yield from ("VALIDATION_FAILED", "UNAVAILABLE")
