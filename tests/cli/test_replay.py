"""Replay: totals against an exact computation over the file, and a second run changes nothing."""

import csv
import json
import signal
import subprocess
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from program import KHATA, OWNER_KEY, ROOT, Run, Served, environment, run_here
from program import PRICES as PRICE_FILE

REAL = ROOT.parent / "shared/data/llm-requests"
PRICES = {"ContextTokens": Fraction(3, 1000), "GeneratedTokens": Fraction(15, 1000)}
FEATURES = {"ContextTokens": "LLM_INPUT", "GeneratedTokens": "LLM_OUTPUT"}
SEEDED_ROWS = "1500"
PLENTY = 10**7
owners = (f"replay-{number}" for number in count(1))


def real_or_seeded(kind: str, folder: Path) -> Path:
    real = REAL / f"{kind}.csv"
    return real if real.exists() else seeded(kind, folder)


def seeded(kind: str, folder: Path) -> Path:
    file = folder / f"{kind}.csv"
    words = ("demo", "--trace", file, "--trace-kind", kind, "--trace-rows", SEEDED_ROWS)
    assert run_here(*words).returncode == 0
    return file


def exact(file: Path) -> tuple[int, dict[str, tuple[int, int]]]:
    """Rows, and for each feature its tokens and the whole credits they come to, by fractions."""
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    tokens = {column: sum(int(row[column]) for row in rows) for column in PRICES}
    return len(rows), {
        FEATURES[column]: (tokens[column], int(tokens[column] * price))
        for column, price in PRICES.items()
    }


def tokens_of(file: Path) -> int:
    return sum(tokens for tokens, _ in exact(file)[1].values())


def replayed(done: subprocess.CompletedProcess[str], status: int = 0) -> Any:
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def demand_exact(outcome: Any, file: Path) -> int:
    rows, features = exact(file)
    assert outcome["requests"] == rows
    assert outcome["refused"] == 0
    found = {name: (one["quantity"], one["credits"]) for name, one in outcome["features"].items()}
    assert found == features
    return sum(credits for _, credits in features.values())


@pytest.mark.parametrize(("kind", "way"), [("code", ()), ("conv", ("--hold",))])
def test_each_token_is_charged_once_and_exactly(
    served: Served, program: Run, tmp_path: Path, kind: str, way: tuple[str, ...]
) -> None:
    trace = real_or_seeded(kind, tmp_path)
    wallet = served.make_wallet(next(owners), PLENTY)
    words = ("replay", trace, "--wallet", wallet, *way, "--json")
    credits = demand_exact(replayed(program(*words)), trace)
    after = served.ask(f"/v1/wallets/{wallet}")
    assert after["available_credits"] == PLENTY - credits
    assert after["reserved_credits"] == 0
    assert after["lifetime_used_credits"] == credits

    # Under the prices that hold it would have cost what it cost, to the credit and the token.
    trial = replayed(program("pricing", "simulate", PRICE_FILE, "--wallet", wallet, "--json"))
    assert (trial["actual_credits"], trial["runs_dry_count"]) == (credits, 0)
    for each in trial["features"]:
        assert each["proposed_credits"] == each["actual_credits"]
    assert sum(each["quantity"] for each in trial["features"]) == tokens_of(trace)

    again = replayed(program(*words))
    assert demand_exact(again, trace) == credits
    assert (again["credits_now"], again["metered_now"]) == (0, 0)
    assert again["metered_before"] == again["requests"]
    assert served.ask(f"/v1/wallets/{wallet}")["updated_at"] == after["updated_at"]
    assert served.ask(f"/v1/wallets/{wallet}")["available_credits"] == PLENTY - credits


def test_the_books_are_right_afterwards(program: Run) -> None:
    done = program("verify")
    assert done.returncode == 0, done.stdout
    assert "The books are right" in done.stdout


def test_a_replay_that_was_killed_goes_on(served: Served, khata: Run, tmp_path: Path) -> None:
    file = seeded("conv", tmp_path)
    wallet = served.make_wallet(next(owners), PLENTY)
    words = ("replay", file, "--wallet", wallet, "--hold", "--rows", "10", "--connections", "1")
    variables = {"KHATA_URL": served.url, "KHATA_OWNER_KEY": OWNER_KEY}
    first = subprocess.Popen([KHATA, *words], env=environment(**variables))
    while served.ask(f"/v1/wallets/{wallet}")["lifetime_used_credits"] == 0:
        assert first.poll() is None
    first.send_signal(signal.SIGKILL)
    first.wait()

    outcome = replayed(khata(*words, "--json"))
    credits = demand_exact(outcome, file)
    assert outcome["metered_before"] > 0
    assert 0 < outcome["credits_now"] < credits
    assert served.ask(f"/v1/wallets/{wallet}")["available_credits"] == PLENTY - credits


def test_another_way_charges_nothing_twice(served: Served, khata: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "TIMESTAMP,ContextTokens,GeneratedTokens", *[f"{T},900,90"] * 5)
    wallet = served.make_wallet(next(owners), 1000)
    words = ("replay", file, "--wallet", wallet)
    replayed(khata(*words, "--json"))
    left = served.ask(f"/v1/wallets/{wallet}")["available_credits"]
    held = khata(*words, "--hold")
    assert held.returncode == 0
    assert "5 of them stand already by another" in held.stdout
    after = served.ask(f"/v1/wallets/{wallet}")
    assert (after["available_credits"], after["reserved_credits"]) == (left, 0)
    # A run of its own name is another usage.
    replayed(khata(*words, "--hold", "--run", "second", "--json"))
    assert served.ask(f"/v1/wallets/{wallet}")["available_credits"] < left


def test_what_the_wallet_cannot_pay_is_refused_and_said(
    served: Served, khata: Run, tmp_path: Path
) -> None:
    file = written(tmp_path, "ContextTokens,GeneratedTokens", *["1000,0"] * 10)
    wallet = served.make_wallet(next(owners), 10)
    outcome = replayed(khata("replay", file, "--wallet", wallet, "--json"), status=1)
    assert outcome["refusals"] == {"INSUFFICIENT_CREDITS": 7}
    assert (outcome["refused"], outcome["credits"]) == (7, 9)


def test_zero_output_releases_its_hold(served: Served, khata: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "ContextTokens,GeneratedTokens", "2000,0", "0,2000")
    wallet = served.make_wallet(next(owners), 100)
    words = ("replay", file, "--wallet", wallet, "--hold", "--max-output", "100", "--json")
    outcome = replayed(khata(*words))
    assert outcome["credits"] == 6 + 30
    after = served.ask(f"/v1/wallets/{wallet}")
    assert (after["available_credits"], after["reserved_credits"]) == (64, 0)


def test_a_speed_keeps_the_order_of_time(served: Served, khata: Run, tmp_path: Path) -> None:
    times = ("2023-11-16 18:15:46.6805900", "2023-11-16 18:16:46", "2023-11-16T18:17:46Z")
    lines = [f"{time},100,{10 * place + 10}" for place, time in enumerate(times)]
    file = written(tmp_path, "TIMESTAMP,ContextTokens,GeneratedTokens", *lines)
    wallet = served.make_wallet(next(owners), 100)
    words = ("replay", file, "--wallet", wallet, "--hold", "--speed", "400", "--json")
    outcome = replayed(khata(*words))
    assert outcome["requests"] == 3
    assert outcome["seconds"] >= 120 / 400


def test_every_row_can_be_an_operation(served: Served, khata: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "name", "a", "b", "c")
    wallet = served.make_wallet(next(owners), 100)
    words = ("replay", file, "--wallet", wallet, "--feature-map", "*=API_HEAVY_QUERY")
    done = khata(*words)
    assert done.returncode == 0, done.stderr
    assert "API_HEAVY_QUERY" in done.stdout
    assert "3 metered now" in done.stdout
    assert "nothing changed" in khata(*words).stdout


T = "2023-11-16 18:17:03.9799600"
HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens"
GOOD = f"{T},100,10"


def written(folder: Path, *lines: str) -> Path:
    file = folder / "trace.csv"
    file.write_text("\r\n".join(lines))
    return file


@pytest.mark.parametrize(
    ("row", "column", "remedy"),
    [
        (f"{T},-5,10", "ContextTokens", "whole number"),
        (f"{T},1.5,10", "ContextTokens", "whole number"),
        (f"{T},,10", "ContextTokens", "whole number"),
        (f"{T},100,ten", "GeneratedTokens", "whole number"),
        (f"{T},100,\u0661\u0660", "GeneratedTokens", "whole number"),
        (f"{T},100,{10**40}", "GeneratedTokens", "whole number"),
        (f"{T},100,9007199254740993", "GeneratedTokens", "whole number"),
        (f"{T},100", "-", "as many cells"),
        (f"{T},100,10,1", "-", "as many cells"),
        (f'{T},"100,10', "-", "quot"),
        (f"{T},100,1\x000", "GeneratedTokens", "whole number"),
        ("yesterday,100,10", "TIMESTAMP", "2023-11-16"),
    ],
)
def test_a_broken_row_is_named_before_anything_is_sent(
    served: Served, khata: Run, tmp_path: Path, row: str, column: str, remedy: str
) -> None:
    file = written(tmp_path, HEAD, GOOD, GOOD, row)
    wallet = served.make_wallet(next(owners), 1000)
    words = ("replay", file, "--wallet", wallet, "--speed", "1000")
    done = khata(*words)
    assert done.returncode == 2
    line = next(line for line in done.stderr.splitlines() if " 4 " in line)
    assert column in line
    assert remedy in " ".join(done.stderr.split())
    assert served.ask(f"/v1/wallets/{wallet}")["available_credits"] == 1000


def test_broken_rows_can_be_left_out(served: Served, khata: Run, tmp_path: Path) -> None:
    file = written(tmp_path, HEAD, GOOD, f"{T},100", f"{T},ten,10", GOOD)
    wallet = served.make_wallet(next(owners), 1000)
    outcome = replayed(khata("replay", file, "--wallet", wallet, "--skip-broken", "--json"))
    assert (outcome["requests"], outcome["broken_rows"]) == (2, 2)
    assert "2 broken rows" in khata("replay", file, "--wallet", wallet, "--skip-broken").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--feature-map", "ContextTokens"), "write Column=FEATURE"),
        (("--feature-map", "ContextTokens=llm"), "write Column=FEATURE"),
        (("--feature-map", "A=X,A=Y"), "twice"),
        (("--feature-map", "Tokens=LLM_INPUT"), "has no column Tokens"),
        (("--feature-map", "ContextTokens=LLM_IMAGE"), "no LLM_IMAGE"),
        (("--speed", "fast"), "--speed fast"),
        (("--speed", "0"), "--speed 0"),
        (("--run", "a b"), "--run a b"),
        (("--key", "khk_wrong"), "Name a good key"),
        (("--wallet", "wal_none"), "wallets list"),
        (("--url", "nonsense"), "--url nonsense"),
    ],
)
def test_wrong_use_is_named_with_what_would_do(
    served: Served, khata: Run, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    file = written(tmp_path, HEAD, GOOD)
    wallet = served.make_wallet("replay-wrong", 10)
    done = khata("replay", file, "--wallet", wallet, *words)
    assert done.returncode == 2, done.stdout
    assert said in " ".join(done.stderr.split())


def test_a_server_that_is_away_is_said(tmp_path: Path, unused_port: int) -> None:
    file = written(tmp_path, HEAD, GOOD)
    url = f"http://127.0.0.1:{unused_port}"
    words = ("replay", file, "--wallet", "wal_x", "--url", url, "--key", "k", "--patience", "0")
    done = run_here(*words)
    assert done.returncode == 1
    assert "Start it with `khata serve`" in " ".join(done.stderr.split())


def test_a_file_that_is_not_there_is_said(khata: Run, tmp_path: Path) -> None:
    done = khata("replay", tmp_path / "none.csv", "--wallet", "wal_x")
    assert done.returncode == 2
    assert "can't be read" in done.stderr
