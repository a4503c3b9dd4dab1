"""The batch: many operations in one request, decided together and answered one by one.

A body that is not of the right shape is refused whole. What is wrong with one item alone (its
amounts, its wallet, the key's rights) is that item's own problem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from khata.app.runtime import Khata
from khata.domain import acts
from khata.domain.actor import Actor
from khata.domain.commands import Command
from khata.domain.refusals import BatchAborted
from khata.engine.batch import Answer
from khata.engine.batcher import Bug
from khata.engine.books import Unavailable
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.bodies import MIB, decode_body, json_decoder, read_json
from khata.http.call import Call
from khata.http.moving import CAPTURE, CONSUME, GRANT, OPEN, REFUND, RELEASE, Operation, body_of
from khata.http.parameters import demand_key
from khata.http.problems import Problem, invalid
from khata.http.refused import bug, problem_of, refusal_problem
from khata.http.routes import ANY_KEY, Routes
from khata.http.schemas.batch import (
    BatchBody,
    BatchResults,
    CaptureItem,
    ConsumeItem,
    GrantItem,
    HoldItem,
    Item,
    RefundItem,
    ReleaseItem,
    result_of,
    results_of,
)

_MAX_BODY: Final = 16 * MIB
_body: Final = json_decoder(BatchBody)


class _Rule(NamedTuple):
    """What an operation needs and how it is answered."""

    scope: str
    operation: Operation


_RULES: Final[Mapping[type[Item], _Rule]] = {
    ConsumeItem: _Rule("wallets:consume", CONSUME),
    HoldItem: _Rule("wallets:consume", OPEN),
    CaptureItem: _Rule("wallets:consume", CAPTURE),
    ReleaseItem: _Rule("wallets:consume", RELEASE),
    GrantItem: _Rule("wallets:grant", GRANT),
    RefundItem: _Rule("wallets:refund", REFUND),
}

_EXAMPLE: Final = {
    "items": [
        {
            "op": "consume",
            "wallet_id": "wal_01K9Z3NDEKTSV4RRFFQ69G5FAV",
            "idempotency_key": "order-1042-line-1",
            "feature": "EMAIL_SEND",
        }
    ]
}


class BatchRoutes:
    """One route for many operations."""

    routes = Routes("Usage")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._engine = khata.engine
        self._doorkeeper = doorkeeper

    @routes.hot(
        "POST /v1/batch",
        body=BatchBody,
        answer=BatchResults,
        scope=ANY_KEY,
        audit=(acts.GRANTED, acts.TAKEN_BACK, acts.REFUNDED),
        max_body=_MAX_BODY,
        example=_EXAMPLE,
    )
    async def run_batch(self, scope: Scope, receive: Receive, _: Send) -> None:
        """Carry out up to 1,000 operations.

        Each item needs the scope of its operation, and carries its own key. `independent`: each
        stands alone. `atomic`, on one wallet: all or nothing; the item that fails has its code,
        all others `BATCH_ABORTED`. Safe to send again whole.
        """
        call: Call[ApiCaller] = Call.of(scope)
        batch = decode_body(_body, await read_json(call, receive))
        asked = [await self._command(call.caller, item) for item in batch.items]
        if batch.mode == "atomic":
            answers = await self._atomic(batch, asked, actor_of(call))
        else:
            answers = await self._independent(asked, actor_of(call))
        shown = [_result(item, each) for item, each in zip(batch.items, answers, strict=True)]
        await call.answer(200, results_of(shown))

    async def _command(self, caller: ApiCaller, item: Item) -> Command | Problem:
        try:
            caller.demand(_RULES[type(item)].scope)
            key = demand_key(item.idempotency_key)
            if isinstance(item, CaptureItem | ReleaseItem):
                command: Command = item.command(item.wallet_id, key, item.hold_id)
            else:
                command = item.command(item.wallet_id, key)
            await self._doorkeeper.wallet(caller, item.wallet_id)
        except Problem as problem:
            return problem
        return command

    async def _independent(
        self, asked: Sequence[Command | Problem], by: Actor
    ) -> list[Answer | Problem]:
        commands = [each for each in asked if not isinstance(each, Problem)]
        decided = iter(await self._engine.submit_together(commands, by))
        return [each if isinstance(each, Problem) else _known(next(decided)) for each in asked]

    async def _atomic(
        self, batch: BatchBody, asked: Sequence[Command | Problem], by: Actor
    ) -> Sequence[Answer | Problem]:
        _demand_one_wallet(batch)
        for index, each in enumerate(asked):
            if isinstance(each, Problem):
                aborted = refusal_problem(BatchAborted(index))
                return [each if place == index else aborted for place in range(len(asked))]
        commands = [each for each in asked if not isinstance(each, Problem)]
        return await self._engine.submit_atomic(commands, by)


def _demand_one_wallet(batch: BatchBody) -> None:
    for index, item in enumerate(batch.items):
        if item.wallet_id != batch.items[0].wallet_id:
            raise invalid(f"items[{index}].wallet_id", "must be the same in an atomic batch")


def _known(decided: Answer | Unavailable | Bug) -> Answer | Problem:
    """The answer, or the problem of this item alone."""
    if isinstance(decided, Exception):
        return problem_of(decided) or bug()
    return decided


def _result(item: Item, answer: Answer | Problem) -> bytes:
    if isinstance(answer, Problem):
        return answer.body()
    operation = _RULES[type(item)].operation
    try:
        return result_of(operation.status, body_of(answer, operation, item.wallet_id))
    except Problem as problem:
        return problem.body()
