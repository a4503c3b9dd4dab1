"""The line to receivers: one request to a checked address, and an answer or why there is none.

A receiver's address is a customer's word, so nothing of it is trusted at any attempt. Its URL is
read once, its name is resolved once; if any of the addresses leads inside, nothing is sent. The
connection goes to one of the very addresses that were checked, under the name: Host, SNI and the
certificate are the name's. Redirects are not followed, no proxy of the environment is used, no
connection is kept, and of the answer only the beginning is read.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from ipaddress import ip_address
from typing import Final, cast

import httpcore2
import httpx2
from msgspec import Struct
from typing_extensions import override

from khata.domain.forbidden_addresses import Address, is_forbidden
from khata.domain.web_address import ReachRules, WebAddress, read_web_address

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""The addresses of a name. Raises `OSError` where it has none."""

WHOLE_SECONDS: Final = 20.0
DNS_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 5.0
BODY_SECONDS: Final = 5.0
MOST_READ: Final = 64 * 1024
MOST_KEPT: Final = 1024
_MOST_ADDRESSES: Final = 4
_RESOLVERS: Final = 32


class NoAnswer(Exception):
    """There is no answer; the message is our own and says why."""


class LineAnswer(Struct, frozen=True):
    """What a receiver answered: a status, when to come again, and how its body begins."""

    status: int
    retry_after: str | None
    beginning: bytes


class Line:
    """Posts to receivers within these rules. `resolve` and `tls` are for tests."""

    def __init__(
        self,
        rules: ReachRules,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        self._rules = rules
        # A name server that is slow on purpose takes threads that nobody else waits for.
        self._threads = ThreadPoolExecutor(_RESOLVERS, "khata-webhook-names")
        self._resolve = resolve or self._resolved
        self._tls = tls
        self._whole_seconds = whole_seconds

    def close(self) -> None:
        """Lets go of what resolves names."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> LineAnswer:
        """Posts once. Raises `NoAnswer`, which may mean that the receiver got it nevertheless."""
        address = read_web_address(url, self._rules)
        if isinstance(address, str):
            raise NoAnswer(f"Nothing was sent: the URL {address}.")
        try:
            async with asyncio.timeout(self._whole_seconds):
                checked = await self._checked(address)
                return await self._posted(address, checked, headers, body)
        except TimeoutError:
            seconds = f"{self._whole_seconds:g}"
            raise NoAnswer(f"There was no answer within {seconds} seconds.") from None
        except (httpcore2.TimeoutException, httpcore2.NetworkError) as error:
            raise NoAnswer(_words_of(error)) from None
        except httpcore2.ProtocolError:
            raise NoAnswer("What came back is no HTTP.") from None

    async def _checked(self, address: WebAddress) -> Sequence[Address]:
        """The addresses of the host, all of which may be reached."""
        try:
            async with asyncio.timeout(DNS_SECONDS):
                found = await self._addresses(address)
        except TimeoutError:
            raise NoAnswer(f"Its name was not resolved within {DNS_SECONDS:g} seconds.") from None
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise NoAnswer("Its name has no address.")
        if not self._rules.allow_private and any(map(is_forbidden, found)):
            raise NoAnswer("Nothing was sent: its name leads to an address that is not public.")
        return found[:_MOST_ADDRESSES]

    async def _addresses(self, address: WebAddress) -> Sequence[Address]:
        try:
            return (ip_address(address.host),)
        except ValueError:
            return await self._resolve(address.host, address.port)

    async def _resolved(self, host: str, port: int) -> Sequence[Address]:
        ask = asyncio.get_running_loop().run_in_executor
        told = await ask(self._threads, _names_addresses, host, port)
        return [ip_address(text) for text in told]

    async def _posted(
        self,
        address: WebAddress,
        checked: Sequence[Address],
        headers: Mapping[str, str],
        body: bytes,
    ) -> LineAnswer:
        whole = {**headers, "Host": address.authority, "Content-Length": str(len(body))}
        url = httpcore2.URL(
            scheme=address.scheme.encode(),
            host=address.host.encode(),
            port=address.port,
            target=address.target.encode(),
        )
        async with (
            httpcore2.AsyncConnectionPool(
                ssl_context=self._tls or _trusted(),
                max_keepalive_connections=0,
                network_backend=_Pinned(checked),
            ) as pool,
            pool.stream("POST", url, headers=list(whole.items()), content=body) as answer,
        ):
            told = {name.lower(): value for name, value in answer.headers}
            retry_after = told.get(b"retry-after")
            return LineAnswer(
                answer.status,
                None if retry_after is None else retry_after[:100].decode("latin-1"),
                await _beginning(answer),
            )


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to these addresses, whatever the name may lead to by now."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses
        # Its type is lost on the checker, for it is made up where anyio is missing.
        self._network = cast(
            "httpcore2.AsyncNetworkBackend", cast("object", httpcore2.AnyIOBackend())
        )

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        *further, last = self._addresses
        for address in further:
            try:
                return await self._network.connect_tcp(str(address), port, CONNECT_SECONDS)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._network.connect_tcp(str(last), port, CONNECT_SECONDS)


async def _beginning(answer: httpcore2.Response) -> bytes:
    """How the body begins. A status came, so that a body that never ends takes nothing away."""
    kept, size = b"", 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in answer.aiter_stream():
                kept, size = kept + chunk[: MOST_KEPT - len(kept)], size + len(chunk)
                if size >= MOST_READ:
                    break
    except (TimeoutError, httpcore2.NetworkError, httpcore2.ProtocolError):
        pass
    return kept


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to believe: to read it takes longer than all else here, so it is read once."""
    return httpx2.create_ssl_context()


def _names_addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found))


def _words_of(error: Exception) -> str:
    causes = (error.__cause__, error.__context__)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "Its certificate is not one that can be believed for its name."
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "No encrypted connection came about."
    if isinstance(error, httpcore2.ConnectError | httpcore2.ConnectTimeout):
        return "No connection came about."
    return "The connection ended before there was an answer."
