"""What a replay says in the end."""

from collections.abc import Iterator, Sequence
from typing import Any

from khata.cli.output import console, print_json, say, table, whole
from khata.cli.replay.tally import Tally
from khata.cli.replay.trace import Trace
from khata.cli.replay.whole import Outcome


def show(outcome: Outcome, traces: Sequence[Trace], seconds: float, *, as_json: bool) -> None:
    """Prints the tables, or the document."""
    if as_json:
        print_json(document(outcome, traces, seconds))
        return
    tally = outcome.tally
    numbers = ("requests", "tokens", "credits", "credits now")
    rows = [
        (feature, total.charges, total.quantity, total.credits, total.credits_now)
        for feature, total in tally.features.items()
    ]
    console.print(table(("feature", *numbers), rows, numbers=numbers))
    if tally.refusals:
        refusals = tally.refusals.most_common()
        console.print(table(("refusal", "times"), refusals, numbers=("times",)))
    for sentence in _sentences(outcome, traces, seconds):
        say(sentence)


def document(outcome: Outcome, traces: Sequence[Trace], seconds: float) -> dict[str, Any]:
    """The same for programs."""
    tally = outcome.tally
    return {
        "files": [str(trace.path) for trace in traces],
        "requests": tally.requests,
        "metered_now": tally.fresh,
        "metered_before": _before(tally),
        "refused": tally.refused,
        "refusals": dict(tally.refusals),
        "broken_rows": sum(len(trace.broken) for trace in traces),
        "features": tally.features,
        "credits": sum(total.credits for total in tally.features.values()),
        "credits_now": sum(total.credits_now for total in tally.features.values()),
        "available_before": outcome.before.available_credits,
        "available_after": outcome.after.available_credits,
        "seconds": round(seconds, 3),
    }


def _sentences(outcome: Outcome, traces: Sequence[Trace], seconds: float) -> Iterator[str]:
    tally = outcome.tally
    credits = sum(total.credits_now for total in tally.features.values())
    yield (
        f"{whole(tally.requests)} requests in {seconds:.1f} s: {whole(tally.fresh)} metered now,"
        f" {whole(_before(tally))} before, {whole(tally.refused)} refused."
    )
    if not tally.moved_now:
        yield "Every one had its decision before: nothing changed."
    if tally.otherwise:
        yield (
            f"{whole(tally.otherwise)} of them stand already by another map, price list or way of"
            " metering, and stay as they are."
        )
    if skipped := sum(len(trace.broken) for trace in traces):
        yield f"{whole(skipped)} broken rows were left out."
    before, after = outcome.before.available_credits, outcome.after.available_credits
    yield (
        f"{outcome.after.name}: {whole(credits)} credits charged now;"
        f" {whole(before)} were available, {whole(after)} are."
    )


def _before(tally: Tally) -> int:
    return max(tally.requests - tally.fresh - tally.refused, 0)
