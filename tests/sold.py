"""Orders that are paid without a gateway's answering, for tests of what comes after."""

from billed import SELLER
from khata.app.runtime import Khata
from khata.app.topups.invoices import Invoices
from khata.app.topups.terms import SalesTerms
from khata.domain.commands import Recorded
from khata.domain.disputes import Clawback
from khata.domain.orders import ORDER_LIFE_US
from khata.domain.packs import TopUpTerms
from khata.domain.parties import Buyer
from khata.domain.quotes import Quote, quote
from khata.domain.refund_money import MoneyBack, Standing, money_back
from khata.domain.refund_states import RefundStatus
from khata.domain.risk import RiskAssessment
from khata.domain.tax import tax_lines
from khata.domain.wallet import Wallet
from khata.engine.ids import UlidMint
from khata.payments.gateway import GatewayPayment
from khata.postgres.asking import borrowed
from khata.postgres.gateway_names import Meant, insert_name
from khata.postgres.orders import Order, Recipient, insert_order
from khata.postgres.refunds import Refund, insert_refund

TERMS = SalesTerms(seller=SELLER)
BUYER = Buyer(name="Asha Rao", state_code="29")
mint = UlidMint()


class Till:
    """Sells packs to a wallet of a Khata. What is paid becomes known at once."""

    def __init__(self, khata: Khata, wallet: Wallet) -> None:
        self.khata = khata
        self.wallet = wallet

    @property
    def invoices(self) -> Invoices:
        """Whoever issues the invoices, under a seller who is set up."""
        khata = self.khata
        return Invoices(khata.registries, TERMS, khata.topups.gateways, khata.now_us)

    async def order(self, pack: str = "pro", buyer: Buyer = BUYER) -> Order:
        """An order that the gateway knows."""
        now_us, place = self.khata.now_us(), TERMS.place_of(buyer)
        asked = quote(TopUpTerms(), pack)
        assert isinstance(asked, Quote)
        placed = Order(
            wallet_id=self.wallet.id,
            id="ord_" + mint.for_wallet(self.wallet.id),
            organization_id=self.wallet.organization_id,
            status="created",
            provider="razorpay",
            payment_method="upi",
            quote=asked,
            tax=tax_lines(asked, place.supply),
            recipient=Recipient(buyer, place),
            risk=RiskAssessment(0, "allow"),
            created_at_us=now_us,
            updated_at_us=now_us,
            expires_at_us=now_us + ORDER_LIFE_US,
        )
        async with borrowed(self.khata.registries) as connection:
            await insert_order(connection, placed)
            meant = Meant(placed.wallet_id, placed.id)
            await insert_name(connection, "razorpay", _gateway_name(placed), meant)
        return placed

    async def pay(self, placed: Order) -> Order:
        """The order after its payment was captured."""
        told = GatewayPayment(
            id=f"pay_{placed.id}",
            order_id=_gateway_name(placed),
            amount=placed.quote.payable_paise,
            currency="INR",
            state="captured",
            method="upi",
        )
        paid = await self.khata.topups.captures.book("razorpay", told)
        assert isinstance(paid, Order), paid
        return paid

    async def sell(self, pack: str = "pro") -> Order:
        """A paid order."""
        return await self.pay(await self.order(pack))

    async def refund(
        self, paid: Order, amount_paise: int, status: RefundStatus = "processed"
    ) -> str:
        """The id of a refund of a part of the price, whose credits are gone."""
        refund_id = "rfd_" + mint.for_wallet(paid.wallet_id)
        standing = Standing(0, paid.quote.bonus_credits, paid.quote.base_credits)
        back = money_back(paid.tax, standing, amount_paise)
        assert isinstance(back, MoneyBack), back
        assert paid.payment_id
        taken = await self.khata.engine.submit(
            Clawback(
                wallet_id=paid.wallet_id,
                idempotency_key=f"clawback-{refund_id}",
                payment_id=paid.payment_id,
                reach="unspent",
                credits=back.credits_clawed_back,
            )
        )
        assert isinstance(taken.outcome, Recorded), taken.outcome
        now_us = self.khata.now_us()
        ended = Refund(
            wallet_id=paid.wallet_id,
            id=refund_id,
            organization_id=paid.organization_id,
            order_id=paid.id,
            payment_id=paid.payment_id,
            provider=paid.provider,
            status=status,
            back=back,
            reason="Not needed",
            origin="asked",
            unspent_credits=paid.quote.total_credits,
            created_at_us=now_us,
            updated_at_us=now_us,
            gateway_refund_id=f"rfnd_{refund_id}",
            transaction_id=taken.outcome.transaction.id,
        )
        async with borrowed(self.khata.registries) as connection:
            await insert_refund(connection, ended)
        return refund_id


async def till(khata: Khata, name: str = "asha") -> Till:
    """A till for a new wallet."""
    wallet, _, _ = await khata.wallets.create(None, "user", name, "Asha")
    return Till(khata, wallet)


def _gateway_name(placed: Order) -> str:
    return f"order_{placed.id}"
