"""Payout accounts: set, verified, shown without their numbers, and every change written down.

Whether credits may be paid out at all is the operator's to decide, and by default they may not.
"""

from collections.abc import Callable

from msgspec.structs import replace

from khata.app.audited import Change, note_change
from khata.app.invalid import Invalid
from khata.app.sealing import Place, Sealer, Unsealable
from khata.domain.actor import Actor
from khata.domain.bank_account import (
    BankAccount,
    check_bank_account,
    last_digits,
    masked,
    tidied,
)
from khata.domain.ids import OrganizationId, WalletId
from khata.postgres.asking import borrowed
from khata.postgres.audit_log import Shown
from khata.postgres.connect import Pool
from khata.postgres.payout_accounts import PayoutAccount, payout_account, put_payout_account

WHY_DISABLED = (
    "Payouts are off. To pay credits out as money ends the wallet's standing as a closed system,"
    " which in India takes an authorisation by the Reserve Bank. Operators who have it set"
    " KHATA_PAYOUTS_ENABLED."
)

Changing = Callable[[PayoutAccount | None], PayoutAccount | None]


class Payouts:
    """The payout accounts of wallets. `enabled` is whether credits may be paid out."""

    def __init__(
        self, pool: Pool, sealer: Sealer, now_us: Callable[[], int], *, enabled: bool
    ) -> None:
        self.enabled = enabled
        self._pool = pool
        self._sealer = sealer
        self._now_us = now_us

    async def account(self, wallet_id: WalletId) -> PayoutAccount | None:
        """The wallet's account, if it has one."""
        async with borrowed(self._pool) as connection:
            return await payout_account(connection, wallet_id)

    async def put(
        self, wallet_id: WalletId, organization_id: OrganizationId, wished: BankAccount, by: Actor
    ) -> PayoutAccount:
        """Sets the wallet's account; a new or changed one is not verified. Raises `Invalid`."""
        wished = tidied(wished)
        for wrong in check_bank_account(wished):
            raise Invalid(wrong.field, wrong.message)
        sealed = self._sealer.seal(wished.number.encode(), _place(wallet_id))

        def change(before: PayoutAccount | None) -> PayoutAccount | None:
            if before is not None and self._is_same(before, wished):
                return None
            return PayoutAccount(
                wallet_id=wallet_id,
                organization_id=organization_id,
                holder_name=wished.holder_name,
                bank_name=wished.bank or "",
                ifsc=wished.ifsc,
                sealed_number=sealed,
                last_digits=last_digits(wished.number),
                verified_at_us=None,
                updated_at_us=0,
            )

        account = await self._changed(wallet_id, change, "payout_account.set", by)
        assert account is not None, "it was set"
        return account

    async def verify(self, wallet_id: WalletId, by: Actor) -> PayoutAccount | None:
        """Says that the account was found to be the wallet owner's; none where there is none.

        A second time changes nothing.
        """

        def change(before: PayoutAccount | None) -> PayoutAccount | None:
            if before is None or before.verified_at_us is not None:
                return None
            return replace(before, verified_at_us=self._now_us())

        return await self._changed(wallet_id, change, "payout_account.verified", by)

    async def _changed(
        self, wallet_id: WalletId, changing: Changing, action: str, by: Actor
    ) -> PayoutAccount | None:
        """The account after a change, written down with it; tried again on what others left."""
        while True:
            async with borrowed(self._pool) as connection, connection.transaction():
                before = await payout_account(connection, wallet_id)
                after = changing(before)
                if after is None:
                    return before
                # Strictly later than before, for it tells one state from the next.
                earliest_us = 0 if before is None else before.updated_at_us + 1
                after = replace(after, updated_at_us=max(self._now_us(), earliest_us))
                if await put_payout_account(connection, after, before):
                    change = _change_of(action, before, after)
                    await note_change(connection, by, change, after.updated_at_us)
                    return after

    def _is_same(self, account: PayoutAccount, wished: BankAccount) -> bool:
        own = (account.holder_name, account.bank_name, account.ifsc)
        if own != (wished.holder_name, wished.bank, wished.ifsc):
            return False
        try:
            number = self._sealer.unseal(account.sealed_number, _place(account.wallet_id))
        except Unsealable:  # its key is gone: it is sealed anew
            return False
        is_current = self._sealer.is_sealed_by_newest(account.sealed_number)
        return is_current and number.decode() == wished.number


def _place(wallet_id: WalletId) -> Place:
    return Place("payout_accounts", wallet_id, "account_number")


def _change_of(action: str, before: PayoutAccount | None, after: PayoutAccount) -> Change:
    return Change(
        organization_id=after.organization_id,
        action=action,
        subject=after.wallet_id,
        before=None if before is None else _shown(before),
        after=_shown(after),
    )


def _shown(account: PayoutAccount) -> Shown:
    return {
        "holder_name": account.holder_name,
        "bank_name": account.bank_name,
        "ifsc": account.ifsc,
        "account_number": masked(account.last_digits),
        "verified": account.verified_at_us is not None,
    }
