"""The command line: reads the settings, opens what a command needs, and says what came of it."""

from khata.cli.program import app, main

__all__ = ["app", "main"]
