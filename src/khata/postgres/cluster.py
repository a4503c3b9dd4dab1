"""The cluster: PostgreSQL's own folder, made whole or not at all, configured anew each time."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from khata.postgres.account import Account, our_name, reachable
from khata.postgres.binaries import Binaries
from khata.postgres.child import start_child
from khata.postgres.errors import StartFailed
from khata.postgres.leftovers import end_workers
from khata.postgres.place import Place
from khata.postgres.settings import APP_ROLE, OWNER_ROLE

DRAFT = "postgres.new-"

INITDB = (
    *("-U", OWNER_ROLE, "--auth=peer", "--encoding=UTF8", "--locale=C"),
    *("--data-checksums", "--no-instructions"),
)

# Durable first. The rest suits one product on a small machine and is the operator's to change,
# by the settings or by ALTER SYSTEM.
PARAMETERS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "max_connections": "100",
    "jit": "off",  # our statements are short: compiling them costs more than running them
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "default_text_search_config": "pg_catalog.simple",
    "cluster_name": "khata",
    "unix_socket_permissions": "0700",
}


def major_of(cluster: Path) -> int | None:
    """The major version that wrote the cluster; None when there is no cluster yet."""
    try:
        return int((cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def make_cluster(place: Place, binaries: Binaries) -> None:
    """Makes a new cluster under another name and renames it once it is whole.

    Raises StartFailed with initdb's own words.
    """
    _drop_drafts(place)
    draft = place.folder / f"{DRAFT}{os.getpid()}"
    draft.mkdir(mode=0o700)
    place.account.give(draft)
    _initdb(draft, place, binaries)
    _rename_durably(draft, place.cluster)


def _drop_drafts(place: Place) -> None:
    for draft in place.folder.glob(f"{DRAFT}*"):
        end_workers(draft)
        shutil.rmtree(draft)


def _initdb(draft: Path, place: Place, binaries: Binaries) -> None:
    with reachable(draft, place.account) as (path, opened):
        command = [binaries.program("initdb"), "-D", path, *INITDB]
        status = start_child(command, place, opened).wait()
    if status != 0:
        raise StartFailed(
            f"PostgreSQL could not make its data in {place.folder}:\n{place.log_end()}"
        )


def _rename_durably(draft: Path, cluster: Path) -> None:
    try:
        draft.rename(cluster)
    except OSError as refused:
        raise StartFailed(
            f"{cluster} is there, but holds no data of PostgreSQL ({refused.strerror}):"
            " move it away or choose another data folder."
        ) from refused
    parent = os.open(cluster.parent, os.O_RDONLY)
    os.fsync(parent)
    os.close(parent)


def write_configuration(place: Place, parameters: Mapping[str, str], *, tcp: bool) -> None:
    """Writes the three files the server reads when it starts."""
    files = {
        "postgresql.conf": _parameters(parameters),
        "pg_hba.conf": _who_may_enter(tcp=tcp),
        "pg_ident.conf": _who_is_who(place.account),
    }
    for name, text in files.items():
        _write_whole(place.cluster / name, text, place.account)


def _parameters(parameters: Mapping[str, str]) -> str:
    lines = (f"{name} = {_quoted(value)}\n" for name, value in {**PARAMETERS, **parameters}.items())
    return "# What you set by ALTER SYSTEM comes after this and stays.\n" + "".join(lines)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _who_may_enter(*, tcp: bool) -> str:
    local = f"local all {OWNER_ROLE},{APP_ROLE} peer map=khata\n"
    hosts = ("127.0.0.1/32", "::1/128") if tcp else ()
    return local + "".join(f"host all all {host} scram-sha-256\n" for host in hosts)


def _who_is_who(account: Account) -> str:
    # Root may enter any account of the machine anyway; so it may look into a user's books.
    names = dict.fromkeys(("root", account.name, our_name()))
    return "".join(f'khata "{name}" {role}\n' for name in names for role in (OWNER_ROLE, APP_ROLE))


def _write_whole(path: Path, text: str, account: Account) -> None:
    # Never through a name the server's user may have turned into a link to somewhere else.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"# Written by Khata at each start.\n{text}")
    account.give(draft)
    draft.rename(path)
