"""For whose organization a task works. What is confined to one meets nothing of any other: the
engine knows no other's wallets then, and the database shows and takes no other's rows.

The door says it once, right after it knows who asks; what the task starts is confined with it.
What works for the whole platform, as the engine's own lanes, the worker and the command line do,
is confined to nobody.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from khata.domain.ids import OrganizationId

_organization: ContextVar[OrganizationId | None] = ContextVar("khata_confined", default=None)


def confine(organization_id: OrganizationId | None) -> None:
    """From here on this task works for that organization alone; with None, for all of them."""
    _organization.set(organization_id)


@contextmanager
def unconfined() -> Generator[None]:
    """What is done in here works for all: for what belongs to a person and to no organization, such
    as the person's own sessions. Nothing of it may tell of another organization."""
    before = _organization.set(None)
    try:
        yield
    finally:
        _organization.reset(before)


def confined_to() -> OrganizationId | None:
    """The organization that this task works for; None where it is the whole platform."""
    return _organization.get()
