"""Streams and charges in different processes on one database, real ones."""

import resource
from pathlib import Path

from listening import Json, Stream
from program import OWNER_KEY, Served

AT_ONCE = 20


def test_a_server_takes_as_many_connections_as_the_system_allows(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    try:
        served = Served(tmp_path / "khata-data")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE) == (before[1],) * 2
    assert served.stop()[0] == 0


def test_a_charge_in_one_process_arrives_on_a_stream_of_another(tmp_path: Path) -> None:
    one = Served(tmp_path / "khata-data")
    other = Served(tmp_path / "khata-data", "--no-worker")
    wallet = one.make_wallet("shared", 1_000)
    with Stream(other.url, f"/v1/wallets/{wallet}/events", OWNER_KEY, "0") as stream:
        assert [event.data["data"]["sequence"] for event in stream.take(2)] == [1, 1]
        told = [
            served.ask(
                f"/v1/wallets/{wallet}/consume",
                {"feature": "EMAIL_SEND"},
                "POST",
                key=f"charge-{number}",
            )["transaction"]
            for number, served in enumerate((one, other) * AT_ONCE)
        ]
        heard: list[Json] = []
        while len(heard) < len(told):
            event = stream.next()
            if event.type == "transaction.created":
                heard.append(event.data["data"])
        assert heard == told
        assert other.stop()[0] == 0
        assert [event.type for event in stream.rest()] in ([], ["wallet.updated"])
    assert one.stop()[0] == 0
