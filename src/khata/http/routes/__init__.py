"""Routes as typed functions, declared once: the server and the OpenAPI document read the same.

    class WalletRoutes:
        routes = Routes("Wallets")

        @routes.on("POST /v1/wallets/{wallet_id}/consume", scope="wallets:consume", key=True)
        async def consume(self, call: Call[Key], wallet_id: str, body: Consume) -> Consumed:
            '''Charge a wallet for one operation.'''

Declared in a class, they serve once `of` an instance; plain functions serve as they are.

`call`, `body` and `query` are given by name and only if asked for; every other parameter is a
path parameter of that name. A body of `T | None` may be left out. The answer is a struct, a
`Reply` of one (for another status or headers), or a Starlette response (files, streams). A
refusal is a raised `Problem`. The docstring is the operation's text in the document.

Whatever is not a GET says what the audit log tells of it (`audit`), or why nothing (`unaudited`).
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import NoneType, UnionType
from typing import (
    Any,
    Final,
    Generic,
    Required,
    TypedDict,
    TypeVar,
    Union,
    Unpack,
    get_args,
    get_origin,
    get_type_hints,
)

from starlette.responses import Response
from starlette.types import ASGIApp

from khata.http.bodies import DEFAULT_MAX_BODY
from khata.http.call import Limits

ANYONE: Final = ""
"""The scope of a route that needs no key."""
ANY_KEY: Final = "*"
"""The scope of a route that every valid key may use."""
IN_THE_LEDGER: Final = "The ledger itself tells of it, for ever."
"""Why the audit log says nothing of what is used up."""
MOVES_NOTHING: Final = "It changes nothing."
"""Why it says nothing of a question that is asked with a body."""

T = TypeVar("T")
Run = Callable[..., Awaitable[object]]
R = TypeVar("R", bound=Run)
A = TypeVar("A", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """An answer with a status or headers of its own; bytes are sent as they are, as JSON."""

    body: T | bytes
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Terms(TypedDict, total=False):
    """What a route asks and answers beside its types."""

    scope: Required[str]  # ANYONE, ANY_KEY, or the scope a key must have
    key: bool  # whether Idempotency-Key is required
    statuses: tuple[int, ...]  # of its answers, the usual one first; (200,) if not said
    problems: tuple[str, ...]  # codes of its own; those of the layer are added
    max_body: int  # bytes
    limits: Limits  # of time, where the server's are not right
    unattended: bool  # whether programs ask it by themselves: no use of a person's session
    media: tuple[str, ...]  # media types it answers with beside or instead of JSON
    example: object  # of a body
    audit: tuple[str, ...]  # the actions by which the audit log tells of what it changed
    unaudited: str  # or why it tells nothing of it


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation, as the server and the document need it."""

    method: str
    template: str
    tag: str
    declared: Run | ASGIApp  # a typed function, or (hot) an ASGI callable
    hot: bool = False
    path: Mapping[str, Any]
    query: type[Any] | None = None
    body: type[Any] | None = None
    body_optional: bool = False
    answer: Any
    scope: str
    key: bool = False
    statuses: tuple[int, ...] = (200,)
    problems: tuple[str, ...] = ()
    max_body: int = DEFAULT_MAX_BODY
    limits: Limits | None = None
    unattended: bool = False
    media: tuple[str, ...] = ()
    example: object = None
    audit: tuple[str, ...] = ()
    unaudited: str = ""

    @property
    def name(self) -> str:
        return getattr(self.declared, "__name__", type(self.declared).__name__).lower()

    @property
    def text(self) -> str:
        return inspect.getdoc(self.declared) or ""


class Routes(list[Route]):
    """Routes under one heading of the document."""

    def __init__(self, tag: str) -> None:
        super().__init__()
        self.tag = tag

    def of(self, owner: object) -> list[Route]:
        """The routes that were declared in the owner's class, as its methods."""
        return [replace(each, declared=getattr(owner, each.name)) for each in self]

    def on(self, address: str, **terms: Unpack[Terms]) -> Callable[[R], R]:
        """Declare a typed function as the answer to `address` ("GET /v1/wallets/{wallet_id}")."""

        def declare(run: R) -> R:
            self.append(_typed(address, run, self.tag, terms))
            return run

        return declare

    def hot(
        self,
        address: str,
        *,
        answer: type[Any],
        body: type[Any] | None = None,
        body_optional: bool = False,
        query: type[Any] | None = None,
        **terms: Unpack[Terms],
    ) -> Callable[[A], A]:
        """Declare a plain ASGI callable; it is entered with the caller and the key checked.

        Its body, and its query where it has one, are its own to read.
        """

        def declare(app: A) -> A:
            method, template = address.split(" ")
            path = dict.fromkeys(_names(template), str)
            self.append(
                Route(
                    method=method,
                    template=template,
                    tag=self.tag,
                    declared=app,
                    hot=True,
                    path=path,
                    query=query,
                    body=body,
                    body_optional=body_optional,
                    answer=answer,
                    **terms,
                )
            )
            return app

        return declare


def _typed(address: str, run: Run, tag: str, terms: Terms) -> Route:
    method, template = address.split(" ")
    hints = get_type_hints(run, include_extras=True)
    given = {name: hints[name] for name in inspect.signature(run).parameters if name != "self"}
    given.pop("call", None)
    query, body = given.pop("query", None), given.pop("body", None)
    if set(given) != set(_names(template)):
        raise ValueError(f"{address}: its parameters are {list(given)}")
    return Route(
        method=method,
        template=template,
        tag=tag,
        declared=run,
        path=given,
        query=query,
        body=_without_none(body),
        body_optional=NoneType in get_args(body),
        answer=_answer(hints["return"]),
        **terms,
    )


def _names(template: str) -> list[str]:
    """Of the parameters, one a segment at most; what follows one is the ending it must have."""
    return [each[1:].partition("}")[0] for each in template.split("/") if each.startswith("{")]


def _without_none(body: Any) -> Any:
    options = [option for option in _options(body) if option is not NoneType]
    return options[0] if len(options) == 1 else body


def _options(annotation: Any) -> tuple[Any, ...]:
    union = get_origin(annotation) in {Union, UnionType}
    return get_args(annotation) if union else (annotation,)


def _answer(annotation: Any) -> Any:
    """The struct in a return annotation; None where there is no JSON."""
    for option in _options(annotation):
        if get_origin(option) is Reply:
            return get_args(option)[0]
        if option is not NoneType and option is not Response:
            return option
    return None
