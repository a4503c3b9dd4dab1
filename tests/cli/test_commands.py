"""Keys, wallets, migrate, verify, doctor, openapi and settings, with their exit statuses."""

import json
from pathlib import Path

import psycopg
import pytest

from khata.postgres.server import open_server
from khata.postgres.settings import DatabaseSettings
from program import Run, Served, run_here, run_khata


def flat(text: str) -> str:
    return " ".join(text.split())


def test_help_and_version_are_there() -> None:
    assert "Exit status: 0 done" in flat(run_khata("--help").stdout)
    assert run_khata("--version").stdout.startswith("khata ")
    assert run_here().returncode == 2
    assert run_here("serv").returncode == 2


def test_a_key_is_made_listed_and_ended(khata: Run) -> None:
    made = khata("keys", "create", "Billing", "--scope", "wallets:read", "--json")
    key = json.loads(made.stdout)
    assert key["scopes"] == ["wallets:read"]
    listed = khata("keys", "list").stdout
    assert key["id"] in listed
    assert key["secret"] not in listed
    assert khata("keys", "revoke", key["id"]).returncode == 0
    again = json.loads(khata("keys", "revoke", key["id"], "--json").stdout)
    assert again["revoked_at"]


def test_a_link_to_sign_in_goes_to_standard_output(khata: Run) -> None:
    made = khata("sign-in", "--email", "OWNER@localhost")
    assert made.stdout.startswith("http://127.0.0.1:8484/sign-in#token=khl_")
    assert len(made.stdout.split()) == 1
    assert khata("sign-in", "--port", "9000").stdout.startswith("http://127.0.0.1:9000/sign-in#")
    told = json.loads(khata("sign-in", "--json").stdout)
    assert told["email"] == "owner@localhost"
    assert khata("sign-in", "--email", "nobody@localhost").returncode == 2


def test_the_secret_alone_goes_to_standard_output(khata: Run) -> None:
    made = khata("keys", "create", "CI", "--owner", "community:delhi")
    assert made.stdout.strip().startswith("khk_")
    assert len(made.stdout.split()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("keys", "create", "x", "--scope", "everything"), "must be * or one of"),
        (("keys", "create", "x", "--owner", "delhi"), "--owner delhi"),
        (("keys", "create", "x", "--organization", "org_none"), "is no organization here"),
        (("keys", "revoke", "key_none"), "keys list"),
        (("wallets", "show", "wal_none"), "wallets list"),
    ],
)
def test_wrong_use_ends_with_2(khata: Run, words: tuple[str, ...], said: str) -> None:
    done = khata(*words)
    assert done.returncode == 2
    assert said in flat(done.stderr)


def test_wallets_are_listed_and_shown(served: Served, khata: Run) -> None:
    wallet = served.make_wallet("shown", 250)
    listed = json.loads(khata("wallets", "list", "--owner", "shown", "--json").stdout)["data"]
    assert [(one["id"], one["available_credits"]) for one in listed] == [(wallet, 250)]
    assert wallet in khata("wallets", "list", "--limit", "500").stdout
    shown = khata("wallets", "show", wallet)
    assert "shown" in shown.stdout
    assert json.loads(khata("wallets", "show", wallet, "--json").stdout)["bonus_credits"] == 250


def test_migrate_says_what_it_did(tmp_path: Path) -> None:
    folder = tmp_path / "khata-data"
    first = run_here("migrate", "--data", folder)
    assert first.returncode == 0, first.stderr
    assert "Applied 0001" in first.stdout
    again = json.loads(run_here("migrate", "--data", folder, "--json").stdout)
    assert again["applied"] == []


def test_verify_is_quiet_about_right_books(told: Path) -> None:
    done = run_here("verify", "--data", told)
    assert done.returncode == 0, done.stdout
    assert "transactions" in done.stdout
    checked = json.loads(run_here("verify", "--data", told, "--json").stdout)
    assert checked["transactions"] > 100
    assert checked["differences"] == []


def test_verify_names_the_row_that_was_changed(tmp_path: Path) -> None:
    told = tmp_path / "khata-data"
    assert run_here("demo", "--days", "1", "--data", told).returncode == 0
    with (
        open_server(DatabaseSettings(data_folder=told)) as server,
        psycopg.connect(server.owner_dsn) as owner,
    ):
        owner.execute("set search_path = khata")
        owner.execute("alter table transactions disable trigger all")
        changed = owner.execute(
            "update transactions set member_id = 'nobody'"
            " where sequence = 1 and wallet_id = (select min(wallet_id) from transactions)"
            " returning wallet_id, sequence, member_id"
        ).fetchone()
        owner.execute("alter table transactions enable always trigger transactions_append_only")
    assert changed is not None
    done = run_khata("verify", "--data", told)
    assert done.returncode == 1
    assert f"transactions {changed[0]} sequence {changed[1]}: hash" in done.stdout


def test_verify_has_nothing_to_check_where_there_are_no_books(tmp_path: Path) -> None:
    done = run_here("verify", "--data", tmp_path / "none")
    assert done.returncode == 1
    assert "There are no books" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_statement_is_verified_with_no_server(served: Served, tmp_path: Path) -> None:
    wallet = served.make_wallet("stated", 75)
    statement = served.ask(f"/v1/wallets/{wallet}/statement")
    file = tmp_path / "statement.json"
    file.write_text(json.dumps(statement))
    assert run_here("verify", file).returncode == 0
    assert run_here("verify", file, "--signed-by", "0" * 16).returncode == 1
    statement["transactions"][0]["credits"] = 750
    file.write_text(json.dumps(statement))
    done = run_here("verify", file)
    assert done.returncode == 1
    assert wallet in done.stdout
    file.write_text("{}")
    assert run_here("verify", file).returncode == 2


def test_doctor_finds_all_well(khata: Run) -> None:
    done = khata("doctor", "--json")
    findings = {one["subject"]: one for one in json.loads(done.stdout)["findings"]}
    assert done.returncode == 0, done.stdout
    assert findings["fsync"]["found"] == "on"
    for subject in ("synchronous_commit", "migrations", "ledger", "clock", "disk", "API keys"):
        assert findings[subject]["verdict"] == "ok", findings[subject]


def test_doctor_tells_of_a_geoip_file_that_will_not_do(tmp_path: Path) -> None:
    none = run_here("doctor", "--data", tmp_path / "none")
    assert "rules that ask for a payer's country abstain" in flat(none.stdout)
    done = run_here("doctor", env={"KHATA_GEOIP_MMDB": str(tmp_path / "gone.mmdb")})
    assert done.returncode == 1
    assert "gone.mmdb can't be read" in flat(done.stdout)


def test_doctor_tells_of_a_list_that_will_not_do(tmp_path: Path) -> None:
    file = tmp_path / "networks"
    file.write_text("10.0.0.0/8\nnowhere\n")
    done = run_here("doctor", "--json", env={"KHATA_HOSTING_NETWORKS": str(file)})
    assert done.returncode == 1
    assert f"{file}, line 2: 'nowhere' is no network." in {
        one["found"] for one in json.loads(done.stdout)["findings"]
    }


def test_doctor_makes_nothing(tmp_path: Path) -> None:
    done = run_here("doctor", "--data", tmp_path / "none")
    assert done.returncode == 0
    assert "`khata serve` makes it" in done.stdout
    assert not (tmp_path / "none").exists()


def test_doctor_tells_how_to_go_on_from_another_postgresql(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/PG_VERSION").write_text("9\n")
    done = run_here("doctor", "--data", tmp_path)
    assert done.returncode == 1
    assert "written by PostgreSQL 9" in flat(done.stdout)
    assert "pg_dump" in flat(done.stdout)


def test_doctor_finds_a_database_that_does_not_answer(unused_port: int) -> None:
    url = f"postgresql://nobody@127.0.0.1:{unused_port}/khata"
    done = run_here("doctor", env={"KHATA_DATABASE_URL": url, "KHATA_PROT": "1"})
    assert done.returncode == 1
    assert "KHATA_DATABASE_URL" in done.stdout
    assert "Did you mean KHATA_PORT?" in flat(done.stdout)


def test_openapi_is_what_the_server_has(served: Served) -> None:
    printed = json.loads(run_here("openapi").stdout)
    assert printed == served.ask("/openapi.json")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KHATA_LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("KHATA_OWNER_KEY", "secret", "khk_ and then 32 to 128"),
        ("KHATA_CAP_AI", "-1", "0 or more"),
        ("KHATA_OIDC_ISSUER", "http://id.example", "as https://id.example.com"),
        ("KHATA_PUBLIC_URL", "khata.example", "as https://khata.example.com"),
        ("KHATA_OWNER_EMAIL", "nobody", "an e-mail address"),
        ("KHATA_MAX_BATCH", "many", "from 1 to 10000"),
        ("KHATA_RISK_RULES", "R99=counting", "as R5=counting,R8=off"),
        ("KHATA_SEALING_KEY", "secret", "64 hexadecimal digits"),
        ("KHATA_TRUSTED_PROXIES", "*", "never * or a /0"),
        ("KHATA_TRUSTED_PROXIES", "10.0.0.0/8, 0.0.0.0/0", "anybody could claim any address"),
        ("KHATA_TRUSTED_PROXIES", "::/0", "anybody could claim any address"),
        ("KHATA_TRUSTED_PROXIES", "10.0.0.1/8", "as 10.0.0.0/8"),
        ("KHATA_TRUSTED_PROXIES", "localhost", "the networks of your own proxies"),
    ],
)
def test_a_bad_setting_is_named_with_what_would_do(name: str, value: str, said: str) -> None:
    done = run_here("doctor", env={name: value})
    assert done.returncode == 2
    assert name in done.stderr
    assert said in flat(done.stderr)
    assert value not in done.stderr or name not in {"KHATA_OWNER_KEY", "KHATA_SEALING_KEY"}


def test_a_provider_of_identities_is_set_whole() -> None:
    half = run_here("keys", "list", env={"KHATA_OIDC_ISSUER": "https://id.example"})
    assert half.returncode == 2
    assert "set all three, or none" in flat(half.stderr)


def test_settings_come_from_a_file_under_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "khata.toml"
    file.write_text(f'data = "{tmp_path / "filed"}"\nport = 1\n')
    told = flat(run_here("--config", file, "doctor").stdout)
    assert str(tmp_path / "filed") in told
    over = run_here("doctor", env={"KHATA_CONFIG": str(file), "KHATA_DATA": str(tmp_path / "e")})
    assert str(tmp_path / "e") in over.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prt = 1", "Did you mean port?"),
        ("port = 70000", "a port"),
        ('port = "x"', "a port"),
        ("port =", "is no TOML"),
    ],
)
def test_a_bad_settings_file_is_explained(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "khata.toml"
    file.write_text(text)
    done = run_here("--config", file, "doctor")
    assert done.returncode == 2
    assert said in flat(done.stderr)
    assert "khata.toml" in flat(done.stderr)


def test_a_name_can_neither_style_nor_command_the_terminal(served: Served, khata: Run) -> None:
    owner = {"owner_type": "user", "owner_id": "rude", "name": "[bold]\u001b[2J[/x]"}
    wallet = served.ask("/v1/wallets", owner, "POST")["id"]
    listed = khata("wallets", "list", "--owner", "rude")
    assert listed.returncode == 0
    assert "[bold]\ufffd[2J[/x]" in listed.stdout
    assert "\u001b" not in khata("wallets", "show", wallet).stdout
