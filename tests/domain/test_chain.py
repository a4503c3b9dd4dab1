"""The hash chain against another implementation: json and hashlib, from the documented form."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from khata.domain import chain
from khata.domain.commands import Consume, GrantCredits
from khata.domain.ledger import Transaction
from khata.domain.pricing import Price
from khata.testing import NEW_YEAR_US, decided, empty_book, price_list, rules

METERED = rules(price_list(Price("TOKENS", "AI", 3, per=1000, cap="AI")), caps={"AI": 5})
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


def independent_hash(t: Transaction, previous: bytes) -> str:
    told = [chain.VERSION, previous.hex()]
    told += [
        [list(draw_of) for draw_of in drawn(t)] if f == "draws" else getattr(t, f)
        for f in chain.FIELDS
    ]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def drawn(t: Transaction) -> list[tuple[str, int]]:
    return [(draw.grant_id, draw.credits) for draw in t.draws]


@given(member=st.none() | TEXT, metadata=st.none() | TEXT, note=TEXT, key=TEXT)
def test_whoever_has_the_rows_can_compute_the_hashes(
    member: str | None, metadata: str | None, note: str, key: str
) -> None:
    wallet_id = empty_book().wallet.id
    granted = decided(
        empty_book(),
        GrantCredits(wallet_id=wallet_id, idempotency_key=key, kind="bonus", credits=9, note=note),
    )
    consume = Consume(
        wallet_id=wallet_id,
        idempotency_key=key + "2",
        feature="TOKENS",
        quantity=2500,
        member_id=member,
        metadata=metadata,
    )
    charged = decided(granted.book, consume, NEW_YEAR_US + 1, METERED)
    previous = bytes(32)
    for t in (*granted.transactions, *charged.transactions):
        assert t.previous_hash == previous
        assert t.hash.hex() == independent_hash(t, previous)
        previous = t.hash
    assert charged.book.accounts.head == previous


def test_the_canonical_form_has_not_changed() -> None:
    """A golden hash. A new form is a new version beside this one, never a change of it."""
    fields = (
        "wal_X", 1, "txn_X", "USAGE_DEDUCTION", 1767225600000000, -15, 0, 0, "consumed.AI", 15,
        85, 0, 0, "AI_SUMMARY", "AI", 1, 1, "mem-é\n\x1f", None, None, "key-1", '{"a":1}',
        (), None, 0,
    )  # fmt: skip
    assert len(fields) == len(chain.FIELDS)
    text = (
        '[1,"' + "00" * 32 + '","wal_X",1,"txn_X","USAGE_DEDUCTION",1767225600000000,-15,0,0,'
        '"consumed.AI",15,85,0,0,"AI_SUMMARY","AI",1,1,"mem-é\\n\\u001f",null,null,"key-1",'
        '"{\\"a\\":1}",[],null,0]'
    )
    assert chain.digest(bytes(32), fields) == hashlib.sha256(text.encode()).digest()


def test_every_field_of_a_row_that_matters_is_in_the_hash() -> None:
    not_hashed = {
        "organization_id",  # the wallet's, which is in it
        "facts",  # its text is
        "previous_hash",  # stands before the fields
        "hash",
        "fingerprint",  # of a request, not of the ledger
        "hash_version",  # the first element
    }
    assert set(Transaction.__struct_fields__) == not_hashed | set(chain.FIELDS)
