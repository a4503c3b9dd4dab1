"""One start of the server: everything made ready, then `postgres` as our child.

The caller owns the data folder.
"""

from khata.postgres.account import reachable
from khata.postgres.binaries import Binaries, find_binaries
from khata.postgres.child import Child, start_child
from khata.postgres.cluster import major_of, make_cluster, write_configuration
from khata.postgres.leftovers import clear_leftovers
from khata.postgres.place import Place
from khata.postgres.readable import readable_binaries
from khata.postgres.settings import DatabaseSettings
from khata.postgres.sockets import make_private


def launch(place: Place, settings: DatabaseSettings) -> Child:
    """Starts the server, making its data first if there is none; does not wait for an answer.

    Call it from a thread that outlives the server (see `start_child`). Raises a
    PostgresUnavailable that says what is missing.
    """
    make_private(place.sockets, place.account)
    binaries = _binaries(place, settings)
    if major_of(place.cluster) is None:
        make_cluster(place, binaries)
    clear_leftovers(place.cluster, place.sockets)
    write_configuration(place, settings.parameters, tcp=settings.tcp_port is not None)
    return _start(place, binaries, listen="localhost" if settings.tcp_port else "")


def _binaries(place: Place, settings: DatabaseSettings) -> Binaries:
    found = find_binaries(settings.binaries, major=major_of(place.cluster))
    return readable_binaries(found, place.account)


def _start(place: Place, binaries: Binaries, *, listen: str) -> Child:
    with reachable(place.cluster, place.account) as (path, opened):
        command = [
            *(binaries.program("postgres"), "-D", path),
            *("-c", f"unix_socket_directories={place.sockets}"),
            *("-c", f"listen_addresses={listen}"),
            *("-c", f"port={place.port}"),
        ]
        return start_child(command, place, opened)
