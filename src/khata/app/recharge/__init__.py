"""Wallets that recharge themselves: settings, payment methods, and the steps of a recharge."""
