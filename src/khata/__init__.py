"""A credit economy in one install: wallets, one billing engine and a ledger that proves itself."""

__version__ = "0.1.0"
