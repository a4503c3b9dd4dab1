"""Payout accounts: where a wallet's money would go. Their numbers come here sealed."""

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

_COLUMNS = (
    "wallet_id, organization_id, holder_name, bank_name, ifsc, sealed_number, last_digits,"
    " verified_at, updated_at"
)

# It changes nothing where somebody else changed the account since it was read.
PUT_PAYOUT_ACCOUNT = f"""
insert into payout_accounts (bucket, {_COLUMNS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (bucket, wallet_id) do update set
  holder_name = excluded.holder_name, bank_name = excluded.bank_name, ifsc = excluded.ifsc,
  sealed_number = excluded.sealed_number, last_digits = excluded.last_digits,
  verified_at = excluded.verified_at, updated_at = excluded.updated_at
where payout_accounts.updated_at = $11
returning wallet_id"""

PAYOUT_ACCOUNT = f"select {_COLUMNS} from payout_accounts where bucket = $1 and wallet_id = $2"


class PayoutAccount(Struct, frozen=True, kw_only=True):
    """A bank account as it is kept. Only its last digits can be read."""

    wallet_id: WalletId
    organization_id: OrganizationId
    holder_name: str
    bank_name: str
    ifsc: str
    sealed_number: bytes
    last_digits: str
    verified_at_us: int | None
    updated_at_us: int


async def payout_account(connection: Connection, wallet_id: WalletId) -> PayoutAccount | None:
    """The wallet's account, if it has one."""
    found = await ask(connection, PAYOUT_ACCOUNT, bucket_of(wallet_id), wallet_id)
    return _account(found[0]) if found else None


async def put_payout_account(
    connection: Connection, account: PayoutAccount, before: PayoutAccount | None
) -> bool:
    """Sets the wallet's account, unless it is not the one from `before` any more."""
    a = account
    verified_at = None if a.verified_at_us is None else Instant(a.verified_at_us)
    done = await ask(
        connection,
        PUT_PAYOUT_ACCOUNT,
        *(bucket_of(a.wallet_id), a.wallet_id, a.organization_id, a.holder_name, a.bank_name),
        *(a.ifsc, a.sealed_number, a.last_digits, verified_at, Instant(a.updated_at_us)),
        None if before is None else Instant(before.updated_at_us),
    )
    return bool(done)


def _account(row: Row) -> PayoutAccount:
    wallet_id, organization_id, holder, bank, ifsc, sealed, digits, verified, updated = row
    return PayoutAccount(
        wallet_id=wallet_id,
        organization_id=organization_id,
        holder_name=holder,
        bank_name=bank,
        ifsc=ifsc,
        sealed_number=sealed,
        last_digits=digits,
        verified_at_us=verified,
        updated_at_us=updated,
    )
