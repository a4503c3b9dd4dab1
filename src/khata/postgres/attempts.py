"""Attempts to buy, as the rules of risk count them: by wallet, by address, by card or VPA.

An order that is placed is one that was `tried`; each of its payments is one that `failed` or was
`captured`. They are kept for half a year, so “ever” means that long here.
"""

from typing import Literal

from msgspec import Struct

from khata.domain.ids import WalletId, bucket_of
from khata.domain.risk_facts import Attempts
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

Kind = Literal["tried", "captured", "failed"]

_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US
_DAY_US = 24 * _HOUR_US

# A payment that failed may be captured later, and learns only then what it was paid with.
NOTE_ATTEMPT = """
insert into attempts (id, kind, at, wallet_id, amount_paise, address, country, instrument, is_card)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do update set kind = excluded.kind,
  instrument = coalesce(excluded.instrument, attempts.instrument),
  is_card = excluded.is_card or attempts.is_card
where attempts.kind <> 'captured'"""

# $2 to $5 are ten minutes, an hour, two hours and a day ago.
OF_WALLET = """
select
  count(*) filter (where kind = 'tried' and at > $2),
  count(*) filter (where kind = 'tried' and at > $3),
  count(*) filter (where kind <> 'tried' and at > $3),
  count(*) filter (where kind = 'failed' and at > $3),
  count(distinct instrument) filter (where is_card),
  count(distinct instrument) filter (where is_card and amount_paise <= $6 and at > $3),
  coalesce(array_agg(distinct country) filter (where country is not null and at > $4), '{}')
from attempts where wallet_id = $1 and at > $5"""

# $2 and $3 are 30 and 90 days ago.
CAPTURED = """
select count(*), count(*) filter (where at <= $2),
  percentile_disc(0.5) within group (order by amount_paise) filter (where at > $3)
from attempts where wallet_id = $1 and kind = 'captured'"""

# $2 and $3 are ten minutes and an hour ago.
OF_ADDRESS = """
select
  count(*) filter (where kind = 'tried' and at > $2),
  count(*) filter (where kind = 'tried'),
  count(*) filter (where kind <> 'tried'),
  count(*) filter (where kind = 'failed'),
  count(distinct wallet_id) filter (where kind = 'tried' and at > $2)
from attempts where address = $1 and at > $3"""

OF_INSTRUMENT = """
select count(distinct wallet_id) from attempts where instrument = $1 and at > $2"""

DISPUTES = "select count(*) from disputes where bucket = $1 and wallet_id = $2"

PURGE_ATTEMPTS = """
delete from attempts where id in (select id from attempts where at < $1 limit $2)
returning 1"""


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt, by the id of its order or payment.

    `address` is what attempts are counted by, an IPv4 address or the /64 of an IPv6 one, and
    `country` the address's. `instrument` is a keyed digest of the card or VPA, once it is known.
    """

    id: str
    kind: Kind
    at_us: int
    wallet_id: WalletId
    amount_paise: int
    address: str | None = None
    country: str | None = None
    instrument: str | None = None
    is_card: bool = False


class PayerHistory(Struct, frozen=True, kw_only=True):
    """What was seen of a wallet, and of the address and instrument it pays from and with."""

    account: Attempts
    address: Attempts | None
    cards_24h: int
    small_cards_1h: int
    countries_2h: frozenset[str]
    accounts_of_instrument_24h: int | None
    captured: int
    captured_older_than_30_days: int
    median_paise_90_days: int | None
    disputes: int


async def note_attempt(connection: Connection, attempt: Attempt) -> None:
    """Counts an attempt, once; or notes how it ended."""
    a = attempt
    paid = (a.address, a.country, a.instrument, a.is_card)
    await ask(
        connection, NOTE_ATTEMPT, a.id, a.kind, Instant(a.at_us), a.wallet_id, a.amount_paise, *paid
    )


async def payer_history(connection: Connection, attempt: Attempt, small_paise: int) -> PayerHistory:
    """What was seen until this attempt, itself included if it was noted.

    Cards that were tried with `small_paise` or less are counted apart.
    """
    now_us = attempt.at_us
    ago = [Instant(now_us - back) for back in (10 * _MINUTE_US, _HOUR_US, 2 * _HOUR_US, _DAY_US)]
    (own,) = await ask(connection, OF_WALLET, attempt.wallet_id, *ago, small_paise)
    days = [Instant(now_us - back * _DAY_US) for back in (30, 90)]
    (captured,) = await ask(connection, CAPTURED, attempt.wallet_id, *days)
    bucket = bucket_of(attempt.wallet_id)
    (disputes,) = await ask(connection, DISPUTES, bucket, attempt.wallet_id)
    return PayerHistory(
        account=Attempts(*own[:4]),
        address=await _of_address(connection, attempt.address, now_us),
        cards_24h=own[4],
        small_cards_1h=own[5],
        countries_2h=frozenset(own[6]),
        accounts_of_instrument_24h=await _of_instrument(connection, attempt.instrument, now_us),
        captured=captured[0],
        captured_older_than_30_days=captured[1],
        median_paise_90_days=captured[2],
        disputes=disputes[0],
    )


async def purge_attempts(connection: Connection, before_us: int, limit: int) -> int:
    """Clears away up to `limit` attempts older than that; how many it were."""
    return len(await ask(connection, PURGE_ATTEMPTS, Instant(before_us), limit))


async def _of_address(connection: Connection, address: str | None, now_us: int) -> Attempts | None:
    if address is None:
        return None
    ago = [Instant(now_us - back) for back in (10 * _MINUTE_US, _HOUR_US)]
    (counted,) = await ask(connection, OF_ADDRESS, address, *ago)
    return Attempts(*counted)


async def _of_instrument(connection: Connection, instrument: str | None, now_us: int) -> int | None:
    if instrument is None:
        return None
    (counted,) = await ask(connection, OF_INSTRUMENT, instrument, Instant(now_us - _DAY_US))
    return counted[0]
