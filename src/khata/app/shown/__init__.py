"""Shapes that more than one door shows: answers of the API, live streams, webhooks."""
