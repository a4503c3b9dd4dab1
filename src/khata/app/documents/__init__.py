"""Invoices and credit notes on paper: HTML always, PDF where typst is installed."""
