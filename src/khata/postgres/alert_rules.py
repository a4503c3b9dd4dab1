"""Alert rules: of which alerts a wallet's people want to hear, and how."""

from collections.abc import Sequence

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.postgres.alerts import AlertType
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant, bools, int8s, texts

_FIELDS = "type, enabled, email, threshold"

RULES = f"select {_FIELDS} from alert_rules where bucket = $1 and wallet_id = $2 order by type"

RULE = f"select {_FIELDS} from alert_rules where bucket = $1 and wallet_id = $2 and type = $3"

PUT_RULES = """
insert into alert_rules (bucket, wallet_id, organization_id, updated_at, type, enabled, email,
  threshold)
select $1, $2, $3, $4, type, enabled, email, threshold
from unnest($5::text[], $6::boolean[], $7::boolean[], $8::bigint[])
  as wanted (type, enabled, email, threshold)
on conflict (bucket, wallet_id, type) do update set enabled = excluded.enabled,
  email = excluded.email, threshold = excluded.threshold, updated_at = excluded.updated_at"""

LAST_RAISED = """
select type, max(raised_at), count(*) filter (where state <> 'resolved') from alerts
where bucket = $1 and wallet_id = $2 group by type"""


class AlertRule(Struct, frozen=True, kw_only=True):
    """Whether alerts of a type are raised, and sent by e-mail; and from where on, where that is no
    setting of the wallet's own."""

    type: AlertType
    enabled: bool = True
    email: bool = True
    threshold: int | None = None


async def rules(connection: Connection, wallet_id: WalletId) -> dict[AlertType, AlertRule]:
    """The rules that the wallet has; all others are as they are made."""
    found = await ask(connection, RULES, bucket_of(wallet_id), wallet_id)
    return {row[0]: _rule(row) for row in found}


async def rule(connection: Connection, wallet_id: WalletId, type: AlertType) -> AlertRule | None:
    """The wallet's rule for alerts of that type, if it has one."""
    found = await ask(connection, RULE, bucket_of(wallet_id), wallet_id, type)
    return _rule(found[0]) if found else None


async def put_rules(
    connection: Connection,
    wallet_id: WalletId,
    organization_id: OrganizationId,
    wanted: Sequence[AlertRule],
    at_us: int,
) -> None:
    """The wallet has these rules from now on, beside those of other types."""
    named = (bucket_of(wallet_id), wallet_id, organization_id, Instant(at_us))
    await ask(
        connection,
        PUT_RULES,
        *named,
        texts([one.type for one in wanted]),
        bools([one.enabled for one in wanted]),
        bools([one.email for one in wanted]),
        int8s([one.threshold for one in wanted]),
    )


async def last_raised(
    connection: Connection, wallet_id: WalletId
) -> dict[AlertType, tuple[int, int]]:
    """By type: when an alert of it was last raised, and how many are not over."""
    found = await ask(connection, LAST_RAISED, bucket_of(wallet_id), wallet_id)
    return {row[0]: (row[1], row[2]) for row in found}


def _rule(row: Row) -> AlertRule:
    return AlertRule(type=row[0], enabled=row[1], email=row[2], threshold=row[3])
