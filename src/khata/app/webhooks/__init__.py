"""Webhooks out: who wants to be told, what is to be told, and the telling."""
