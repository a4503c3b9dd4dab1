"""What operators set, and what the doctor tells them."""

import json

import psycopg
import pytest

from khata.cli.opened import khata_of
from khata.config import SettingError, load_settings
from khata.domain.web_address import ReachRules
from khata.postgres.server import Server
from program import run_here
from webhook_rows import GOOD

PORTS = "KHATA_WEBHOOKS_PORTS"


def test_webhooks_go_to_public_https_unless_somebody_says_otherwise() -> None:
    assert khata_of(load_settings({})).reach == ReachRules()
    said = {PORTS: "443, 8443", "KHATA_WEBHOOKS_ALLOW_PRIVATE": "true"}
    reach = khata_of(load_settings(said)).reach
    assert reach == ReachRules(ports=frozenset({443, 8443}), allow_private=True)


@pytest.mark.parametrize("text", ["https", "0", "65536", "443,", "443;80"])
def test_what_is_no_port_is_named(text: str) -> None:
    with pytest.raises(SettingError) as refused:
        load_settings({PORTS: text})
    assert f"{PORTS}={text}" in str(refused.value)
    assert "443,8443" in str(refused.value)


def findings(database: Server) -> list[tuple[str, str]]:
    done = run_here("doctor", "--json", env={"KHATA_DATABASE_URL": database.owner_dsn})
    found = json.loads(done.stdout)["findings"]
    return [(one["verdict"], one["found"]) for one in found if one["subject"] == "webhooks"]


def test_the_doctor_tells_of_what_waits_and_of_endpoints_that_fail(database: Server) -> None:
    assert findings(database) == [("ok", "none is overdue")]
    with psycopg.connect(database.owner_dsn, options="-c search_path=khata") as owner:
        owner.execute(
            "insert into organizations (id, name, created_at) values ('org_1', 'One', now())"
            " on conflict do nothing"
        )
        for table in ("webhook_endpoints", "webhook_lanes"):
            row = GOOD[table]
            columns, values = ", ".join(row), ", ".join(["%s"] * len(row))
            owner.execute(
                f"insert into {table} ({columns}) values ({values})".encode(), list(row.values())
            )
        owner.execute("update webhook_lanes set next_at = now() - interval '2 hours'")
    assert findings(database) == [("warn", "1 wallets' wait, the longest for 120 minutes")]
    with psycopg.connect(database.owner_dsn, options="-c search_path=khata") as owner:
        owner.execute(
            "update webhook_endpoints set failures = 7, resting_until = now() + interval '1 hour',"
            " failing_since = '2026-01-05T10:00:30Z'"
        )
    (first, (verdict, words)) = findings(database)
    assert first == ("ok", "none is overdue")
    assert verdict == "warn"
    assert words.startswith("https://example.com/ accepts nothing: 7 failures since 2026-01-05")
