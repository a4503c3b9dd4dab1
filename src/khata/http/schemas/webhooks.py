"""Endpoints of webhooks and what was sent to them, as the API takes and shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct, field
from msgspec.structs import asdict

from khata.app.events.told import TYPES
from khata.app.shown.endpoints import WebhookEndpoint, endpoint_shown
from khata.app.webhooks.endpoints import MOST_OVERLAP_HOURS, EndpointWish
from khata.app.webhooks.log import LoggedDelivery, SentAgain, Standing, WholeDelivery
from khata.app.webhooks.sender import TEST_EVENT
from khata.domain.times import rfc3339
from khata.domain.web_address import LONGEST
from khata.http.problems import invalid
from khata.http.schemas.common import AnyId, Cursor, Instant, Limit, Time, microseconds_of
from khata.http.schemas.wallets import OrganizationIdText
from khata.postgres.delivery_log import Delivery, DeliveryFilter, Figures, LastAttempt
from khata.postgres.webhook_endpoints import Endpoint

Url = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
EventType = Annotated[str, Meta(extra_json_schema={"enum": list(TYPES)})]
SentType = Annotated[str, Meta(extra_json_schema={"enum": [*TYPES, TEST_EVENT]})]
EventTypes = Annotated[list[EventType], Meta(max_length=len(TYPES))]
Description = Annotated[str, Meta(max_length=500)]
OverlapHours = Annotated[int, Meta(ge=0, le=MOST_OVERLAP_HOURS)]
State = Literal["pending", "delivered", "failed"]

_LONGEST_DAYS = 30


class WebhookEndpointBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where to be told. Without `event_types` all of them are sent."""

    url: Url
    event_types: EventTypes = []
    description: Description = ""
    organization_id: OrganizationIdText | None = None

    def wish(self) -> EndpointWish:
        """What is to be set."""
        types = tuple(self.event_types)
        return EndpointWish(url=self.url, event_types=types, description=self.description)


class WebhookEndpointChanges(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to change; what is left out stays."""

    url: Url | None = None
    event_types: EventTypes | None = None
    description: Description | None = None

    def wish(self) -> EndpointWish:
        """What is to be set."""
        types = None if self.event_types is None else tuple(self.event_types)
        return EndpointWish(url=self.url, event_types=types, description=self.description)


class NewWebhookEndpoint(WebhookEndpoint, frozen=True, kw_only=True):
    """An endpoint with its new secret, which is shown this once."""

    secret: str


class SumOfAttempts(Struct, frozen=True, kw_only=True):
    """Attempts, how many were accepted, how many deliveries were given up, and how long it took.

    The average and the percentage are null where there was no attempt.
    """

    attempts: int
    accepted: int
    given_up: int
    average_latency_ms: int | None
    accepted_percentage: int | None


class StandingWebhookEndpoint(WebhookEndpoint, frozen=True, kw_only=True):
    """An endpoint with its last 24 hours, and how many deliveries wait (10,000 stands for more)."""

    last_day: SumOfAttempts
    waiting: int


class RotationBody(Struct, frozen=True, forbid_unknown_fields=True):
    """How long the old secret signs beside the new one."""

    overlap_hours: OverlapHours = 24


class EndpointQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of an organization's endpoints, oldest first."""

    organization_id: OrganizationIdText | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class FigureQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A time of up to 30 days; the last 24 hours if nothing is said."""

    since: Instant | None = field(default=None, name="from")
    to: Instant | None = None

    def bounds(self, now_us: int) -> tuple[int, int]:
        """Its begin and end. 422 for more than 30 days, or for less than nothing."""
        day_us = 86_400_000_000
        to_us = now_us if self.to is None else microseconds_of(self.to)
        from_us = to_us - day_us if self.since is None else microseconds_of(self.since)
        if from_us >= to_us:
            raise invalid("from", "must be before to")
        if to_us - from_us > _LONGEST_DAYS * day_us:
            raise invalid("from", f"must be at most {_LONGEST_DAYS} days before to")
        return from_us, to_us


class HourOfAttempts(SumOfAttempts, frozen=True, kw_only=True):
    """What happened in the hour that begins then."""

    at: Time


class EndpointFigures(Struct, frozen=True, kw_only=True):
    """An endpoint's attempts, whole and by the hour; hours without any are there too."""

    since: Time = field(name="from")
    to: Time
    whole: SumOfAttempts
    hours: Sequence[HourOfAttempts]


class DeliveryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which deliveries of the endpoint, newest first; from and to are of when they began."""

    state: State | None = None
    event_type: SentType | None = None
    wallet_id: AnyId | None = None
    since: Instant | None = field(default=None, name="from")
    to: Instant | None = None
    limit: Limit = 50
    cursor: Cursor | None = None

    def chosen(self) -> DeliveryFilter:
        """The same for the store."""
        return DeliveryFilter(
            state=self.state,
            event_type=_known(self.event_type),
            wallet_id=self.wallet_id,
            from_us=None if self.since is None else microseconds_of(self.since),
            to_us=None if self.to is None else microseconds_of(self.to),
        )


class RedeliveryBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which deliveries to send once more: those of that time, and of them the failed ones."""

    since: Instant = field(name="from")
    to: Instant
    state: State | Literal["any"] = "failed"
    event_type: SentType | None = None
    cursor: Cursor | None = None

    def chosen(self) -> DeliveryFilter:
        """The same for the store."""
        return DeliveryFilter(
            state=None if self.state == "any" else self.state,
            event_type=_known(self.event_type),
            from_us=microseconds_of(self.since),
            to_us=microseconds_of(self.to),
        )


class Redelivery(Struct, frozen=True):
    """How many are sent once more; with a cursor there are others, to be asked for with it."""

    redelivered: int
    next_cursor: str | None


class WebhookDelivery(Struct, frozen=True, kw_only=True):
    """One event for one endpoint. `last_status`, `latency_ms` and `error` are of the last attempt;
    an error is why there was no answer."""

    id: str
    endpoint_id: str
    wallet_id: str | None
    event_id: str
    event_type: str
    state: State
    attempts: int
    last_status: int | None
    latency_ms: int | None
    error: str | None
    next_attempt_at: Time | None
    created_at: Time
    ended_at: Time | None


class DeliveryAttempt(Struct, frozen=True, kw_only=True):
    """One try: the headers it was signed with, and what was answered, to its first KiB."""

    number: int
    at: Time
    headers: dict[str, str]
    status: int | None
    error: str | None
    latency_ms: int
    response: str | None


class WholeWebhookDelivery(WebhookDelivery, frozen=True, kw_only=True):
    """A delivery with what is sent, as it is sent, and all attempts in their order."""

    body: str
    timeline: Sequence[DeliveryAttempt]


def new_endpoint_shown(endpoint: Endpoint, secret: str) -> NewWebhookEndpoint:
    """The endpoint with its secret."""
    return NewWebhookEndpoint(**asdict(endpoint_shown(endpoint)), secret=secret)


def standing_shown(endpoint: Endpoint, standing: Standing) -> StandingWebhookEndpoint:
    """The endpoint with how it stands."""
    return StandingWebhookEndpoint(
        **asdict(endpoint_shown(endpoint)),
        last_day=_sum(standing.figures),
        waiting=standing.waiting,
    )


def figures_shown(from_us: int, to_us: int, hours: dict[int, Figures]) -> EndpointFigures:
    """The figures of that time."""
    every = hours.values()
    whole = Figures(
        sum(each.attempts for each in every),
        sum(each.accepted for each in every),
        sum(each.dead for each in every),
        sum(each.latency_ms for each in every),
    )
    return EndpointFigures(
        since=rfc3339(from_us),
        to=rfc3339(to_us),
        whole=_sum(whole),
        hours=[HourOfAttempts(at=rfc3339(at), **asdict(_sum(each))) for at, each in hours.items()],
    )


def delivery_shown(delivery: Delivery, last: LastAttempt | None = None) -> WebhookDelivery:
    """The delivery as the API shows it."""
    return WebhookDelivery(
        id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        wallet_id=delivery.wallet_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        state=delivery.state,
        attempts=delivery.attempts,
        last_status=delivery.last_status,
        latency_ms=None if last is None else last.latency_ms,
        error=None if last is None else last.error,
        next_attempt_at=_time(delivery.next_at_us),
        created_at=rfc3339(delivery.created_at_us),
        ended_at=_time(delivery.ended_at_us),
    )


def logged_shown(logged: LoggedDelivery) -> WebhookDelivery:
    """A delivery of a list."""
    return delivery_shown(logged.delivery, logged.last)


def whole_shown(whole: WholeDelivery) -> WholeWebhookDelivery:
    """The delivery with all that was sent and answered."""
    *_, last = [None, *whole.attempts]
    tried = None if last is None else LastAttempt(last.latency_ms, last.error)
    timeline = [
        DeliveryAttempt(
            number=each.number,
            at=rfc3339(each.at_us),
            headers=each.headers(whole.delivery.event_id),
            status=each.status,
            error=each.error,
            latency_ms=each.latency_ms,
            response=each.response,
        )
        for each in whole.attempts
    ]
    shown = asdict(delivery_shown(whole.delivery, tried))
    return WholeWebhookDelivery(**shown, body=whole.body, timeline=timeline)


def redelivery_shown(sent: SentAgain, next_cursor: str | None) -> Redelivery:
    """How many are sent once more."""
    return Redelivery(sent.count, next_cursor)


def _sum(figures: Figures) -> SumOfAttempts:
    f = figures
    return SumOfAttempts(
        attempts=f.attempts,
        accepted=f.accepted,
        given_up=f.dead,
        average_latency_ms=f.latency_ms // f.attempts if f.attempts else None,
        accepted_percentage=100 * f.accepted // f.attempts if f.attempts else None,
    )


def _known(event_type: str | None) -> str | None:
    if event_type is None or event_type in {*TYPES, TEST_EVENT}:
        return event_type
    raise invalid("event_type", f"must be one of {', '.join(sorted({*TYPES, TEST_EVENT}))}")


def _time(at_us: int | None) -> Time | None:
    return None if at_us is None else rfc3339(at_us)
