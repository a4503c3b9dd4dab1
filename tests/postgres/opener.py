"""Opens the embedded server of a folder, says so, and keeps it open until its input ends."""

import sys
from pathlib import Path

from khata.postgres.embedded import EmbeddedServer
from khata.postgres.settings import OWNER_ROLE, DatabaseSettings


def main(folder: str, binaries: str = "") -> None:
    named = Path(binaries) if binaries else None
    server = EmbeddedServer(DatabaseSettings(data_folder=Path(folder), binaries=named))
    server.start()
    dsn = server.conninfo(OWNER_ROLE, "postgres")
    sys.stdout.write(f"{server.server_id or 0}\t{dsn}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
