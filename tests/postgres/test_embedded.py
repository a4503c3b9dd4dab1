"""The embedded server: started, private, durable by default, stopped."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from khata.postgres import place
from khata.postgres.embedded import EmbeddedServer
from khata.postgres.errors import StartFailed
from khata.postgres.leftovers import workers
from khata.postgres.server import Server, open_server
from khata.postgres.settings import DatabaseSettings


def shown(dsn: str, name: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select current_setting(%s)", [name]).fetchone()
    assert row
    return str(row[0])


def test_starts_keeps_what_was_written_and_stops(data_folder: Path) -> None:
    settings = DatabaseSettings(data_folder=data_folder)
    with open_server(settings) as server, psycopg.connect(server.owner_dsn) as owner:
        owner.execute("create table kept as select 42 as answer")
    assert workers(data_folder / "postgres") == []
    with open_server(settings) as server, psycopg.connect(server.owner_dsn) as owner:
        assert owner.execute("select answer from kept").fetchone() == (42,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.owner_dsn)


def test_is_durable_and_checks_its_pages_unless_told_otherwise(data_folder: Path) -> None:
    with open_server(DatabaseSettings(data_folder=data_folder)) as server:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert shown(server.owner_dsn, name) == "on", name
        assert shown(server.owner_dsn, "shared_buffers") == "256MB"
        assert shown(server.owner_dsn, "jit") == "off"


def test_the_settings_parameters_go_over_our_own(server: Server) -> None:
    assert shown(server.owner_dsn, "fsync") == "off"
    assert shown(server.owner_dsn, "max_connections") == "100"


def test_what_the_operator_sets_in_the_server_stays(data_folder: Path) -> None:
    settings = DatabaseSettings(data_folder=data_folder)
    with (
        open_server(settings) as server,
        psycopg.connect(server.owner_dsn, autocommit=True) as owner,
    ):
        owner.execute("alter system set work_mem = '17MB'")
    with open_server(settings) as server:
        assert shown(server.owner_dsn, "work_mem") == "17MB"


def test_listens_on_a_private_socket_only(data_folder: Path) -> None:
    server = EmbeddedServer(DatabaseSettings(data_folder=data_folder))
    server.start()
    sockets = server.place.sockets
    assert sockets.stat().st_mode & 0o777 == 0o700
    assert shown(server.conninfo("khata_owner", "postgres"), "listen_addresses") == ""
    server.close()
    assert not sockets.exists()


def test_tcp_is_opened_when_asked_and_wants_a_password(data_folder: Path, unused_port: int) -> None:
    settings = DatabaseSettings(data_folder=data_folder, tcp_port=unused_port)
    with open_server(settings) as server:
        assert shown(server.owner_dsn, "port") == str(unused_port)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"host=127.0.0.1 port={unused_port} user=khata_owner dbname=khata")


def test_knows_two_roles_and_no_other(server: Server) -> None:
    refused = make_conninfo(server.owner_dsn, user="postgres")
    with pytest.raises(psycopg.OperationalError, match="pg_hba"):
        psycopg.connect(refused)


def test_does_not_run_as_root(data_folder: Path) -> None:
    server = EmbeddedServer(DatabaseSettings(data_folder=data_folder))
    server.start()
    assert os.stat(f"/proc/{server.server_id}").st_uid == server.place.account.uid != 0
    server.close()


def test_the_data_folder_is_nobody_elses(data_folder: Path) -> None:
    with open_server(DatabaseSettings(data_folder=data_folder)):
        assert data_folder.stat().st_mode & 0o077 == 0
        assert data_folder.stat().st_uid == os.geteuid()


def test_a_long_path_is_no_trouble(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30) / ("longer" * 20)
    with open_server(DatabaseSettings(data_folder=deep)) as server:
        assert shown(server.owner_dsn, "fsync") == "on"


def test_takes_no_socket_folder_that_others_can_enter(data_folder: Path) -> None:
    server = EmbeddedServer(DatabaseSettings(data_folder=data_folder))
    server.place.sockets.mkdir(mode=0o777)
    server.place.sockets.chmod(0o777)
    with pytest.raises(StartFailed, match="private"):
        server.start()
    server.place.sockets.rmdir()


def test_a_refused_setting_is_told_in_the_servers_words(data_folder: Path) -> None:
    settings = DatabaseSettings(data_folder=data_folder, parameters={"shared_buffers": "lots"})
    with pytest.raises(StartFailed, match="shared_buffers"):
        open_server(settings)


def test_the_log_is_cut_before_it_grows_for_ever(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "LONGEST_LOG_BYTES", 20_000)
    monkeypatch.setattr(place, "KEPT_LOG_BYTES", 1_000)
    here = place.place_of(DatabaseSettings(data_folder=data_folder))
    os.close(here.open_log())
    here.log.write_text("old\n" * 10_000 + "the last words")
    here.cut_log()
    assert here.log.stat().st_size == 1_000
    assert here.log_end(1) == "the last words"


def test_a_server_that_dies_is_started_again(
    data_folder: Path, until: Callable[[Callable[[], bool]], None], caplog: pytest.LogCaptureFixture
) -> None:
    server = EmbeddedServer(DatabaseSettings(data_folder=data_folder))
    server.start()
    dsn = server.conninfo("khata_owner", "postgres")
    with psycopg.connect(dsn) as owner:
        owner.execute("create table kept as select 42 as answer")
    dead = server.server_id
    assert dead
    with caplog.at_level(logging.ERROR):
        os.kill(dead, 9)
        until(lambda: server.server_id != dead and is_there(dsn))
    assert "started again" in caplog.text
    with psycopg.connect(dsn) as owner:
        assert owner.execute("select answer from kept").fetchone() == (42,)
    server.close()
    assert workers(data_folder / "postgres") == []


def is_there(dsn: str) -> bool:
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True
