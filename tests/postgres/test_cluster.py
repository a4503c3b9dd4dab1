"""The cluster's folder: whole or not at all, and of a version that can be read."""

import os
from pathlib import Path

import psycopg
import pytest

from khata.postgres.embedded import EmbeddedServer
from khata.postgres.errors import MajorDiffers, StartFailed
from khata.postgres.server import open_server
from khata.postgres.settings import DatabaseSettings


def test_half_made_data_is_dropped_and_made_anew(data_folder: Path) -> None:
    half = data_folder / "postgres.new-1"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with open_server(DatabaseSettings(data_folder=data_folder)) as server:
        psycopg.connect(server.owner_dsn).close()
    assert not half.exists()


def test_data_of_another_major_version_is_told_and_left_alone(data_folder: Path) -> None:
    settings = DatabaseSettings(data_folder=data_folder)
    open_server(settings).close()
    version = data_folder / "postgres/PG_VERSION"
    version.write_text("9\n")
    with pytest.raises(MajorDiffers, match=r"written by PostgreSQL 9, .*khata doctor"):
        open_server(settings)
    assert version.read_text() == "9\n"


def test_a_strangers_folder_is_not_taken(data_folder: Path) -> None:
    theirs = data_folder / "postgres"
    theirs.mkdir(parents=True)
    (theirs / "letters.txt").write_text("dear")
    with pytest.raises(StartFailed, match="no data of PostgreSQL"):
        open_server(DatabaseSettings(data_folder=data_folder))
    assert [path.name for path in theirs.iterdir()] == ["letters.txt"]


def test_configuration_is_never_written_through_a_link(data_folder: Path, tmp_path: Path) -> None:
    settings = DatabaseSettings(data_folder=data_folder)
    open_server(settings).close()
    precious = tmp_path / "precious"
    precious.write_text("mine")
    for name in ("pg_hba.conf", "pg_hba.conf.new"):
        (data_folder / "postgres" / name).unlink(missing_ok=True)
        os.symlink(precious, data_folder / "postgres" / name)
    open_server(settings).close()
    assert precious.read_text() == "mine"


def test_a_file_in_the_place_of_the_data_folder_is_told(tmp_path: Path) -> None:
    file = tmp_path / "khata"
    file.write_text("")
    with pytest.raises(StartFailed, match="can't be made"):
        EmbeddedServer(DatabaseSettings(data_folder=file))


def test_an_unknown_user_for_the_server_is_told(data_folder: Path) -> None:
    settings = DatabaseSettings(data_folder=data_folder, server_user="no-such-user")
    with pytest.raises(StartFailed, match="no-such-user"):
        EmbeddedServer(settings)
