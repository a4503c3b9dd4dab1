"""Stripe, by its own SDK: the extra `stripe` brings it, and it is loaded when it is first used."""

from khata.payments.stripe_gateway.gateway import StripeGateway
from khata.payments.stripe_gateway.line import StripeOptions

__all__ = ["StripeGateway", "StripeOptions"]
