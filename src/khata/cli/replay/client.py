"""HTTP to a running Khata: kept-alive connections, and patience with the same keys."""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

import httpx2
import msgspec
from msgspec import Struct

from khata.cli.failures import Failed, WronglyUsed
from khata.cli.replay.mapping import PriceSeen

T = TypeVar("T")

ANSWER_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_OUR_FAULT = 500


class TransactionSeen(Struct, frozen=True):
    """What a replay needs of a transaction."""

    sequence: int
    credits: int


class HoldSeen(Struct, frozen=True):
    """What a replay needs of a hold."""

    id: str
    captured_credits: int


class Result(Struct, frozen=True):
    """What became of one item: a transaction, or the code of a refusal."""

    status: int
    transaction: TransactionSeen | None = None
    hold: HoldSeen | None = None
    code: str | None = None
    detail: str | None = None


class WalletSeen(Struct, frozen=True):
    """The wallet's name and what it can spend."""

    name: str
    available_credits: int


class _Results(Struct, frozen=True):
    results: list[Result]


class _PriceList(Struct, frozen=True):
    features: list[PriceSeen]


class _Transactions(Struct, frozen=True):
    data: list[TransactionSeen]


class _Told(Struct, frozen=True):
    code: str | None = None
    detail: str | None = None


class Client:
    """A server, asked with a key. `patience_seconds` is how long to ask again when it is away."""

    def __init__(self, url: str, secret: str, *, connections: int, patience_seconds: float) -> None:
        self._url = url
        self._patience = patience_seconds
        self._http = httpx2.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {secret}"},
            timeout=ANSWER_SECONDS,
            limits=httpx2.Limits(max_connections=connections),
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def wallet(self, wallet_id: str) -> WalletSeen:
        return msgspec.json.decode(await self._get(f"/v1/wallets/{wallet_id}"), type=WalletSeen)

    async def prices(self) -> Mapping[str, PriceSeen]:
        listed = msgspec.json.decode(await self._get("/v1/pricing"), type=_PriceList)
        return {price.feature: price for price in listed.features}

    async def last_sequence(self, wallet_id: str) -> int:
        """The sequence of the wallet's last transaction, 0 before there is one."""
        raw = await self._get(f"/v1/wallets/{wallet_id}/transactions?limit=1")
        found = msgspec.json.decode(raw, type=_Transactions).data
        return found[0].sequence if found else 0

    async def batch(self, items: Sequence[object]) -> list[Result]:
        """What became of each item. Asks again until every outcome is known."""
        body = msgspec.json.encode({"items": items})
        headers = {"Content-Type": "application/json"}
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._patience, FIRST_PAUSE_SECONDS
        while True:
            raw = await self._asked("POST", "/v1/batch", content=body, headers=headers)
            results = msgspec.json.decode(raw, type=_Results).results
            unknown = [one for one in results if one.status >= _OUR_FAULT]
            if not unknown:
                return results
            if loop.time() > deadline:
                raise Failed(f"Khata at {self._url} answers: {unknown[0].detail}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _get(self, path: str) -> bytes:
        return await self._asked("GET", path)

    async def _asked(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._patience, FIRST_PAUSE_SECONDS
        while True:
            try:
                answer = await self._http.request(method, path, content=content, headers=headers)
                if answer.status_code not in _TRY_AGAIN:
                    return _body(self._url, answer)
                trouble = f"it answers {answer.status_code}"
            except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
                raise WronglyUsed(f"--url {self._url} will not do: {error}") from error
            except httpx2.TransportError as error:
                trouble = str(error) or type(error).__name__
            if loop.time() > deadline:
                raise Failed(
                    f"Khata at {self._url} can't be asked ({trouble}). Start it with `khata serve`,"
                    " or say where it is with --url. What was metered stays; run this again."
                )
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _body(url: str, answer: httpx2.Response) -> bytes:
    if answer.is_success:
        return answer.content
    try:
        told = msgspec.json.decode(answer.content, type=_Told)
    except (msgspec.DecodeError, msgspec.ValidationError):
        told = _Told(detail="is this a Khata?")
    remedies = {
        401: "Name a good key with --key or KHATA_OWNER_KEY.",
        403: "Use a key with the scopes wallets:read, wallets:consume and pricing:read.",
        404: "`khata wallets list` shows the wallets there are.",
    }
    words = f"Khata at {url} refuses: {told.detail or told.code or answer.status_code}"
    raise WronglyUsed(f"{words} {remedies.get(answer.status_code, '')}".strip())
