"""The watch over wallets: alerts are raised and end as the ledger goes on."""
