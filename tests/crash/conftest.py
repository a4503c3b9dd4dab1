"""A port that stays the same across crashes."""

import socket

import pytest


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
