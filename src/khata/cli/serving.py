"""Serving: open Khata, answer requests, stop without losing an answer.

Several processes share a port by SO_REUSEPORT: the kernel spreads the connections. The first one
opens the database and does what is done beside requests; it serves nothing itself and keeps the
others running. Each of them is a new program, never a fork, and ends when the first one is gone.
"""

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable

from msgspec.structs import replace

from khata.app.runtime import Khata, open_khata
from khata.cli.failures import Failed
from khata.cli.links import link_base, sign_in_link, url_at
from khata.cli.opened import khata_of
from khata.cli.output import console, errors, say
from khata.config import Settings
from khata.http.app import build_app
from khata.http.edge import HttpSettings
from khata.http.live import SeatLimits
from khata.http.server import Server, listen

_READY = b"ready\n"
_RESTART_SECONDS = 1.0


async def serve_alone(settings: Settings) -> None:
    """Serves in this process until asked to stop."""
    _make_room()
    listener = _listener(settings)
    try:
        wanted = khata_of(settings, runs_simulator=True, events_url=_url(settings, listener))
        async with open_khata(replace(wanted, relays=True)) as khata:
            started = _announcing(settings, listener, khata)
            app = build_app(khata, http_of(settings))
            await Server(app, started).run_on(listener)
    finally:
        listener.close()
    say("Khata has stopped.", to=errors)


async def serve_as_child(settings: Settings) -> None:
    """Serves beside others on one port, until asked to stop or until whoever started us is gone."""
    _make_room()
    listener = _listener(settings, share=True)
    async with open_khata(replace(khata_of(settings), sweeps=False, relays=True)) as khata:
        server = Server(build_app(khata, http_of(settings)), _say_ready)
        orphaned = asyncio.create_task(_stop_when_orphaned(server))
        await server.run_on(listener)
        orphaned.cancel()


async def serve_together(settings: Settings) -> None:
    """Keeps several processes serving on one port until asked to stop."""
    if not hasattr(socket, "SO_REUSEPORT"):
        raise Failed("This system can't share a port between processes: leave --processes out.")
    # Bound and never listening: it keeps the port ours and takes no connection.
    with _reserved(settings) as port:
        wanted = khata_of(settings, runs_simulator=True, events_url=_url(settings, port))
        async with open_khata(wanted) as khata:
            stopping = _stop_on_signals()
            number = port.getsockname()[1]
            first = await asyncio.gather(
                *(_started(settings, number) for _ in range(settings.processes))
            )
            _announcing(settings, port, khata)()
            await asyncio.gather(
                *(_keep_serving(child, settings, number, stopping) for child in first)
            )
    say("Khata has stopped.", to=errors)


def http_of(settings: Settings) -> HttpSettings:
    """How requests are answered."""
    return HttpSettings(
        trusted_proxies=settings.trusted_proxies or (),
        public_url=settings.public_url,
        seats=SeatLimits(
            in_all=settings.live_streams,
            of_organization=settings.live_streams_of_organization,
            of_caller=settings.live_streams_of_caller,
        ),
    )


async def work(settings: Settings) -> None:
    """Does what is done beside requests, and serves nothing, until asked to stop."""
    stopping = _stop_on_signals()
    async with open_khata(replace(khata_of(settings), sweeps=True, readers=1)) as khata:
        say("Khata works beside whoever serves.", "bold")
        say(f"Its books are in {_place(settings)}")
        _show_first(khata, link_base(settings))
        console.file.flush()
        await stopping.wait()
    say("Khata has stopped.", to=errors)


def _make_room() -> None:
    """Lets this process have as many connections as the system allows it: each open stream is one,
    and 1,024 is the usual limit of those who do not ask."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):  # some systems name a limit they don't give
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _listener(settings: Settings, *, share: bool = False) -> socket.socket:
    try:
        return listen(settings.host, settings.port, share=share)
    except OSError as refused:
        raise _not_ours(settings, refused) from refused


def _reserved(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as refused:
        bound.close()
        raise _not_ours(settings, refused) from refused
    return bound


def _not_ours(settings: Settings, refused: OSError) -> Failed:
    return Failed(
        f"Can't listen on {settings.host} port {settings.port}: {refused.strerror}."
        " Choose another with --port, or 0 for any free one."
    )


def _announcing(settings: Settings, listener: socket.socket, khata: Khata) -> Callable[[], None]:
    url = _url(settings, listener)

    def announce() -> None:
        say(f"Khata listens on {url}  (documentation: {url}/docs)", "bold")
        say(f"Its books are in {_place(settings)}")
        _show_first(khata, settings.public_url or url)
        console.file.flush()

    return announce


def _place(settings: Settings) -> str:
    return "the database of KHATA_DATABASE_URL" if settings.database_url else str(settings.data)


def _show_first(khata: Khata, base: str) -> None:
    """What a new installation is to be shown of, once."""
    if khata.owner_secret:
        say("\nThe owner's API key, shown this once and kept nowhere:")
        say(f"  export KHATA_OWNER_KEY={khata.owner_secret}\n")
    if khata.sign_in_token:
        say("The owner signs in here, once and within 15 minutes (`khata sign-in` makes another):")
        say(f"  {sign_in_link(base, khata.sign_in_token)}\n")


def _url(settings: Settings, listener: socket.socket) -> str:
    return url_at(settings, listener.getsockname()[1])


def _say_ready() -> None:
    """Tells whoever started us. If nobody is there any more, we are about to learn it and to stop
    in order: requests that found us already are answered."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), _READY)


async def _stop_when_orphaned(server: Server) -> None:
    """Our standard input is a pipe that closes when whoever started us is gone."""
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), gone.set)
    await gone.wait()
    server.stop()


def _stop_on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    return stopping


async def _keep_serving(
    child: Process, settings: Settings, port: int, stopping: asyncio.Event
) -> None:
    while not await _is_over(child, stopping):
        ended = f"A serving process ended with status {child.returncode}; it is replaced."
        say(ended, "yellow", errors)
        await asyncio.sleep(_RESTART_SECONDS)
        child = await _started(settings, port)
    await _stopped(child)


async def _is_over(child: Process, stopping: asyncio.Event) -> bool:
    """Waits for the child's end or ours; whether it is ours."""
    waits = [asyncio.create_task(child.wait()), asyncio.create_task(stopping.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    return stopping.is_set()


async def _started(settings: Settings, port: int) -> Process:
    chosen = {
        "KHATA_DATA": str(settings.data),
        "KHATA_HOST": settings.host,
        "KHATA_PORT": str(port),
        "KHATA_PROCESSES": "1",
    }
    if settings.database_url:
        chosen["KHATA_DATABASE_URL"] = settings.database_url
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "khata.cli", "serve", "--child"),
        env={**os.environ, **chosen},
        stdin=PIPE,
        stdout=PIPE,
        start_new_session=True,  # Ctrl-C is for us; we tell the children
    )
    assert child.stdout
    await child.stdout.readline()
    return child


async def _stopped(child: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    await child.wait()
