"""Credits that expire one day: the lots that still have some."""

from khata.domain.ids import WalletId, bucket_of
from khata.domain.wallet import Lot
from khata.postgres import rows
from khata.postgres.asking import Connection, ask
from khata.postgres.rows import LOT_COLUMNS

EXPIRING_LOTS = f"""
select {LOT_COLUMNS} from grants
where bucket = $1 and wallet_id = $2 and live and expires_at < 'infinity'"""


async def expiring_lots(connection: Connection, wallet_id: WalletId) -> list[Lot]:
    """The wallet's lots that are not empty and will expire, or have just done so."""
    found = await ask(connection, EXPIRING_LOTS, bucket_of(wallet_id), wallet_id)
    return [rows.lot(row) for row in found]
