"""Which scopes bring which events, by whichever way they are told: live streams and webhooks.

What needs a scope on its own routes needs it here.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from khata.app.events.told import TYPES
from khata.http.auth import ApiCaller

SCOPE: Final = "wallets:read"
"""What is needed for any event."""
SCOPES: Final[Mapping[str, str]] = {
    "order.updated": "payments:read",
    "webhook_endpoint.disabled": "webhooks:read",
}
"""What is needed beside it for some."""


def demand_events(caller: ApiCaller, types: Iterable[str]) -> None:
    """403 unless the caller may have events of all these types."""
    caller.demand(SCOPE)
    for each in sorted(SCOPES.keys() & set(types)):
        caller.demand(SCOPES[each])


def events_for(caller: ApiCaller) -> frozenset[str]:
    """The types of events that the caller may have, if any."""
    return frozenset(each for each in TYPES if each not in SCOPES or SCOPES[each] in caller.scopes)
