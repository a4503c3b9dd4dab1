"""One town for all random stories: its database is kept, and each story has new customers."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from khata.postgres.audit import audit
from khata.postgres.server import Server
from town import Town, opened_town


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
async def town(
    new_database: Callable[[], AbstractContextManager[Server]],
    tmp_path_factory: pytest.TempPathFactory,
    patch: pytest.MonkeyPatch,
) -> AsyncIterator[Town]:
    """The town. When all its stories are told, `khata verify` finds nothing in its books."""
    folder: Path = tmp_path_factory.mktemp("town")
    with new_database() as database:
        async with opened_town(database, folder, patch) as opened:
            yield opened
        checked = audit(database.owner_dsn, workers=1)
        assert [difference.sentence for difference in checked.differences] == []
