"""By whom and how money comes in: the names that orders, payments and rules share."""

from typing import Literal

ProviderName = Literal["simulator", "razorpay", "stripe"]
PaymentMethod = Literal["upi", "debit", "credit", "netbanking", "wallet"]
