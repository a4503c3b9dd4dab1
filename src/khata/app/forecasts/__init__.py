"""Forecasts of a wallet's usage: made by a program of statistics beside the worker, kept, read."""
