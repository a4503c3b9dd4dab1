"""Processes with engines of their own on one database, each told its plan at the same moment."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

import engine_process
from engine_process import Heard, Said
from khata.postgres.server import Server
from stored import Reader

ENGINE = Path(engine_process.__file__)
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"


def told_by_processes(dsn: str, plans: Sequence[Sequence[Said]]) -> list[list[Heard]]:
    """What processes, each with its plan, are answered when all begin at once."""
    processes = [
        subprocess.Popen(
            [sys.executable, str(ENGINE), dsn, f"process {number}", str(1 + number % 2)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(len(plans))
    ]
    try:
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process, plan in zip(processes, plans, strict=True):
            assert process.stdin
            process.stdin.write(msgspec.json.encode(plan).decode() + "\n")
            process.stdin.flush()
        told = [process.communicate()[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * len(plans)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return [msgspec.json.decode(text, type=list[Heard]) for text in told]


def deadlocks(database: Server) -> int:
    """How many deadlocks the database has met."""
    with Reader(database.owner_dsn) as reader:
        return reader.ask(DEADLOCKS)[0][0]
