"""Load, decide, write: the one way credits move."""
