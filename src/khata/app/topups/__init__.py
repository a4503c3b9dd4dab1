"""Top-ups: from a quote to credits, whatever the gateway does in between."""
