"""The receipt of a refusal: what was asked for by whom, what it would have cost, and how the wallet
stood at that moment."""

from msgspec import Struct
from msgspec.structs import replace

from khata.domain.budgets import Spender
from khata.domain.commands import CaptureHold, Command, Consume, OpenHold, RefundUsage, Transfer
from khata.domain.pricing import bill, reserve
from khata.domain.rules import Rules
from khata.domain.wallet import Book, Hold


class Circumstances(Struct, frozen=True, gc=False, omit_defaults=True):
    """What was so when a command was refused. `price` is what it would have cost, in credits."""

    operation: str
    available: int
    reserved: int
    sequence: int
    feature: str | None = None
    category: str | None = None
    quantity: int | None = None
    price: int | None = None
    price_version: int | None = None
    member_id: str | None = None
    key_id: str | None = None
    hold_id: str | None = None


def circumstances(
    book: Book, command: Command, spender: Spender, rules: Rules, at_us: int
) -> Circumstances:
    """How things stood for this command, on the book on which it was refused."""
    accounts = book.accounts
    known = Circumstances(
        operation=str(type(command).__struct_config__.tag),
        available=accounts.available,
        reserved=accounts.reserved,
        sequence=accounts.sequence,
        key_id=spender.key_id,
    )
    match command:
        case Consume() | OpenHold():
            return _priced(known, book, command, rules, at_us)
        case CaptureHold():
            return _of_hold(known, book.holds.get(command.hold_id), command)
        case RefundUsage() | Transfer():
            return replace(known, price=command.credits)
        case _:
            return known


def _priced(
    known: Circumstances, book: Book, command: Consume | OpenHold, rules: Rules, at_us: int
) -> Circumstances:
    prices = rules.prices.at(at_us)
    price = prices.features.get(command.feature)
    named = replace(
        known, feature=command.feature, quantity=command.quantity, member_id=command.member_id
    )
    if price is None:
        return named
    if command.quantity is None:
        cost = command.credits
    elif isinstance(command, OpenHold):
        cost = reserve(price, command.quantity)
    else:
        cost = bill(price, command.quantity, book.meters.get(price.feature)).credits
    return replace(named, category=price.category, price=cost, price_version=prices.version)


def _of_hold(known: Circumstances, hold: Hold | None, command: CaptureHold) -> Circumstances:
    named = replace(
        known, hold_id=command.hold_id, quantity=command.quantity, price=command.credits
    )
    if hold is None:
        return named
    return replace(named, feature=hold.feature, category=hold.category, member_id=hold.member_id)
