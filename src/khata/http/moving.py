"""What the routes that move credits have in common: the engine's answer as a status and a body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from khata.app.anothers_limits import own_replay
from khata.domain import ledger
from khata.domain.commands import Command, Extended, Recorded, Settled
from khata.engine.batch import Answer
from khata.http.call import Call
from khata.http.refused import refusal_problem
from khata.http.schemas.moves import granted, hold_extended, hold_moved, moved
from khata.http.schemas.payouts import payout_moved

_REPLAYED: Final = ((b"idempotent-replayed", b"true"),)


class OnWallet(Protocol):
    """A body that asks for something on a wallet."""

    def command(self, wallet_id: str, key: str) -> Command:
        """What is asked of the engine. 422 where it can't be."""
        ...


class OnHold(Protocol):
    """A body that asks for something on a hold."""

    def command(self, wallet_id: str, key: str, hold_id: str) -> Command:
        """What is asked of the engine. 422 where it can't be."""
        ...


class Operation(NamedTuple):
    """How an operation that succeeds is answered."""

    status: int
    body: Callable[[ledger.Transaction], bytes]


CONSUME: Final = Operation(200, moved)
OPEN: Final = Operation(201, hold_moved)
CAPTURE: Final = Operation(200, hold_moved)
RELEASE: Final = Operation(200, hold_moved)
EXTEND: Final = Operation(200, hold_moved)
GRANT: Final = Operation(201, granted)
REFUND: Final = Operation(201, moved)
TRANSFER: Final = Operation(201, moved)
PAYOUT_HOLD: Final = Operation(201, payout_moved)
PAYOUT_RELEASE: Final = Operation(200, payout_moved)


def body_of(answer: Answer, operation: Operation, wallet_id: str) -> bytes:
    """The body of an answer. Raises the problem where it is a refusal."""
    outcome = answer.outcome
    if isinstance(outcome, Recorded):
        return operation.body(outcome.transaction)
    if isinstance(outcome, Extended):
        return hold_extended(wallet_id, outcome)
    assert not isinstance(outcome, Settled), "nobody asks to settle by HTTP"
    refusal = own_replay(outcome) if answer.replayed else outcome
    raise refusal_problem(refusal, replayed=answer.replayed, refusal_id=answer.refusal_id)


async def respond(call: Call[Any], answer: Answer, operation: Operation, wallet_id: str) -> None:
    """Answer a call with what the engine decided."""
    body = body_of(answer, operation, wallet_id)
    await call.answer(operation.status, body, _REPLAYED if answer.replayed else ())
