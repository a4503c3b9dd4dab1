"""Where the database is, and how the embedded one is to run."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

OWNER_ROLE = "khata_owner"
APP_ROLE = "khata_app"
TENANT_ROLE = "khata_tenant"
DATABASE = "khata"


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A server of one's own by `url`, or else the embedded one in `data_folder`.

    `binaries` is the folder with `postgres` and `initdb`, looked for when None. `server_user` is
    whom the server runs as when we are root, which PostgreSQL refuses to run as. `tcp_port` opens
    TCP on localhost with passwords; without it only the unix socket is open. `parameters` go over
    our own defaults in postgresql.conf. `start_seconds` is how long a start may take, the recovery
    after a crash included.
    """

    data_folder: Path
    url: str | None = None
    binaries: Path | None = None
    server_user: str | None = None
    tcp_port: int | None = None
    parameters: Mapping[str, str] = {}
    start_seconds: float = 120.0
