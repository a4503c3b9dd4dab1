"""Payment methods as they are asked for and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from khata.app.recharge.methods import NewMethod
from khata.domain.providers import ProviderName
from khata.domain.recharge import MethodState
from khata.domain.times import rfc3339
from khata.http.problems import invalid
from khata.http.schemas.common import Time
from khata.postgres import payment_methods as store

Vpa = Annotated[str, Meta(min_length=3, max_length=100, pattern="^[^@ ]+@[^@ ]+$")]
Token = Annotated[str, Meta(min_length=1, max_length=100, pattern="^[A-Za-z0-9_-]+$")]


class PaymentMethodBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be charged: a UPI address, or a card by the gateway's token. With neither, the
    payer chooses at the gateway's checkout."""

    kind: Literal["upi", "card"]
    provider: ProviderName | None = None
    vpa: Vpa | None = None
    token: Token | None = None

    def wish(self) -> NewMethod:
        """What is asked of the registry. 422 where kind and instrument contradict each other."""
        if self.kind == "card" and self.vpa is not None:
            raise invalid("vpa", "is for the kind upi")
        if self.kind == "upi" and self.token is not None:
            raise invalid("token", "is for the kind card")
        # Sixteen digits in a row are a card's number, whatever they are called.
        if self.token is not None and sum(map(str.isdigit, self.token)) >= len(self.token) - 3:
            raise invalid("token", "must be a token of the gateway, never a card's number")
        return NewMethod(kind=self.kind, provider=self.provider, instrument=self.vpa or self.token)


class PaymentMethod(Struct, frozen=True):
    """A mandate. `label` is what its owner knows it by; `is_instant` where no notice a day ahead is
    needed; `checkout` is what the payer needs to consent while it is `initiated`."""

    id: str
    provider: ProviderName
    kind: Literal["upi", "card"]
    label: str
    state: MethodState
    is_instant: bool
    max_amount: int | None
    currency: str
    checkout: Mapping[str, str | int | None] | None
    created_at: Time


class PaymentMethods(Struct, frozen=True):
    """The payment methods of a wallet."""

    data: Sequence[PaymentMethod]


def method_shown(method: store.PaymentMethod) -> PaymentMethod:
    """The payment method as the API shows it."""
    return PaymentMethod(
        id=method.id,
        provider=method.provider,
        kind=method.kind,
        label=method.label,
        state=method.state,
        is_instant=method.is_instant,
        max_amount=method.max_amount_paise,
        currency="INR",
        checkout=method.checkout,
        created_at=rfc3339(method.created_at_us),
    )
