"""Two wallets in whose books there is everything that moves credits or rupees."""

from msgspec.structs import replace

from desk import Clock, Desk
from khata.app.runtime import Khata
from khata.domain.commands import (
    CaptureHold,
    Clawback,
    GrantCredits,
    LockPurchase,
    Purchase,
    RefundUsage,
    RestoreRefund,
    Transfer,
    UnlockPurchase,
)
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.inr import DisputeMoney, RefundMoney
from khata.domain.money_journal import (
    Occasion,
    dispute_withdrawn,
    payment_settled,
    refund_processed,
    refund_settled,
)
from khata.domain.wallet import Wallet
from khata.engine.ids import UlidMint
from khata.postgres.asking import borrowed
from khata.postgres.money_journal import post_money

NASTY = 'naïve "quotes" \\ back; semi|pipe\nnew line, ₹ और हिन्दी (paren) =1+1'


class Bookkeeper:
    """Lets things happen in two wallets, by a clock that is turned."""

    def __init__(self, khata: Khata, clock: Clock, asha: Wallet, ravi: Wallet) -> None:
        self.khata = khata
        self.clock = clock
        self.asha = Desk(khata, asha, clock)
        self.ravi = Desk(khata, ravi, clock)
        self._mint = UlidMint()

    def pack(self, wallet_id: WalletId, payment_id: str, key: str) -> Purchase:
        """The 500 pack, bought within the State."""
        return Purchase(
            wallet_id=wallet_id,
            idempotency_key=key,
            credits=5_000,
            bonus_credits=500,
            price_paise=50_000,
            fee_paise=1_017,
            cgst_paise=4_592,
            sgst_paise=4_592,
            round_off_paise=-1,
            payable_paise=60_200,
            payment_id=payment_id,
            order_id="ord_1",
            gateway="simulator",
        )

    def occasion(self, wallet: Wallet) -> Occasion:
        return Occasion(
            id="mny_" + self._mint.for_wallet(wallet.id),
            wallet_id=wallet.id,
            organization_id=OrganizationId(wallet.organization_id),
            at_us=self.clock(),
            gateway="simulator",
        )

    async def first_day(self) -> None:
        """Bought, used, held, given, refunded and expired."""
        asha, ravi = self.asha, self.ravi
        await asha.do(self.pack(asha.wallet.id, "pay_1", asha.key))
        await asha.grant(50, expires_at_us=self.clock() + 3_600_000_000)
        await asha.do(
            GrantCredits(
                wallet_id=asha.wallet.id,
                idempotency_key=asha.key,
                kind="promo",
                credits=10,
                note=NASTY,
            )
        )
        used = await asha.consume("AI_SUMMARY", 40)
        await asha.consume("EMAIL_SEND", 33)
        await asha.do(
            RefundUsage(
                wallet_id=asha.wallet.id,
                idempotency_key=asha.key,
                transaction_id=used.id,
                reason=NASTY,
                credits=100,
            )
        )
        held = await asha.hold(90)
        await asha.do(
            CaptureHold(
                wallet_id=asha.wallet.id, idempotency_key=asha.key, hold_id=held.id, credits=31
            )
        )
        await asha.hold(20, ttl_seconds=86_400)
        await asha.do(
            Transfer(
                wallet_id=asha.wallet.id,
                idempotency_key=asha.key,
                to_wallet_id=ravi.wallet.id,
                credits=700,
                note=NASTY,
            )
        )

    async def second_day(self) -> None:
        """Refunded, settled, disputed, lost, and a debt paid."""
        asha, ravi = self.asha, self.ravi
        self.clock.turn(days=1)
        refund = RefundMoney("rfnd_1", 11_800, cgst_paise=900, sgst_paise=900)
        taken = Clawback(
            wallet_id=asha.wallet.id,
            payment_id="pay_1",
            reach="unspent",
            credits=1_000,
            refund=refund,
        )
        failed = await asha.do(replace(taken, idempotency_key=asha.key))
        await asha.do(
            RestoreRefund(
                wallet_id=asha.wallet.id,
                idempotency_key=asha.key,
                transaction_id=failed.id,
                payment_id="pay_1",
            )
        )
        again = replace(refund, refund_id="rfnd_2")
        await asha.do(replace(taken, idempotency_key=asha.key, refund=again))
        await ravi.do(self.pack(ravi.wallet.id, "pay_2", ravi.key))
        await ravi.consume("AI_SUMMARY", 100)
        dispute = DisputeMoney("disp_1", "simulator", 60_200)
        lock = LockPurchase(wallet_id=ravi.wallet.id, payment_id="pay_2", dispute=dispute)
        await ravi.do(replace(lock, idempotency_key=ravi.key))
        unlock = UnlockPurchase(wallet_id=ravi.wallet.id, payment_id="pay_2", dispute=dispute)
        await ravi.do(replace(unlock, idempotency_key=ravi.key))
        await ravi.do(replace(lock, idempotency_key=ravi.key))
        lost = Clawback(
            wallet_id=ravi.wallet.id, payment_id="pay_2", reach="whole", dispute=dispute
        )
        await ravi.do(replace(lost, idempotency_key=ravi.key))
        await ravi.do(self.pack(ravi.wallet.id, "pay_3", ravi.key))
        async with borrowed(self.khata.registries) as connection:
            for posting in (
                payment_settled(self.occasion(asha.wallet), "pay_1", 60_200, 1_421, 217),
                payment_settled(self.occasion(ravi.wallet), "pay_2", 60_200, 1_421, 217),
                dispute_withdrawn(self.occasion(ravi.wallet), "disp_1", 60_200),
                refund_processed(self.occasion(asha.wallet), "rfnd_2", 11_800),
                refund_settled(self.occasion(asha.wallet), "rfnd_2", 11_800),
            ):
                assert await post_money(connection, posting)
        await self.khata.sweeper.sweep_once()

    async def clawed_back_to_debt(self) -> None:
        """Ravi uses what he has, and his last payment is called back."""
        ravi = self.ravi
        await ravi.consume("EMAIL_SEND", 4_000)
        await ravi.do(
            Clawback(
                wallet_id=ravi.wallet.id,
                idempotency_key=ravi.key,
                payment_id="pay_3",
                reach="whole",
            )
        )


async def bookkeeper_of(khata: Khata, clock: Clock) -> Bookkeeper:
    """The two wallets after two days."""
    asha, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
    ravi, _, _ = await khata.wallets.create(None, "user", "ravi", "Ravi")
    bookkeeper = Bookkeeper(khata, clock, asha, ravi)
    await bookkeeper.first_day()
    await bookkeeper.second_day()
    return bookkeeper
