"""Published price lists. Rows are added and never changed."""

from collections.abc import Iterable, Sequence

import msgspec

from khata.domain.pricing import Price, PriceList
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

PRICE_LISTS_AFTER = """
select version, effective_at, features, published_at from price_lists
where version > $1 order by version"""

INSERT_PRICE_LIST = """
insert into price_lists (version, effective_at, published_at, features)
select coalesce(max(version), 0) + 1, $1, $2, $3 from price_lists
on conflict (version) do nothing
returning version"""

_features = msgspec.json.Decoder(list[Price]).decode
_encode = msgspec.json.Encoder().encode


async def price_lists_after(connection: Connection, version: int) -> list[PriceList]:
    """The versions above this one, oldest first."""
    found = await ask(connection, PRICE_LISTS_AFTER, version)
    return [
        PriceList(number, effective, by_feature(_features(features)), published)
        for number, effective, features, published in found
    ]


async def insert_price_list(
    connection: Connection, features: Sequence[Price], effective_at_us: int, at_us: int
) -> int:
    """Adds the next version and returns its number. Of two at once, one is the next but one."""
    text = _encode(features).decode()
    while True:
        made = await ask(
            connection, INSERT_PRICE_LIST, Instant(effective_at_us), Instant(at_us), text
        )
        if made:
            return made[0][0]


def by_feature(features: Iterable[Price]) -> dict[str, Price]:
    """Prices by the feature that each is for, in their order."""
    return {price.feature: price for price in features}
