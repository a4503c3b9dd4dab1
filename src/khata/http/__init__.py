"""The doors over HTTP: parse, authenticate, ask the engine, map the answer."""
