"""Numbers of documents: one series a kind and financial year, at most 16 characters."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

DocumentKind = Literal["invoice", "credit_note"]

SERIES: dict[DocumentKind, str] = {"invoice": "CR", "credit_note": "CN"}
MAX_SERIAL = 9_999_999

# India Standard Time has had no change of clocks since 1945.
_INDIA = timedelta(hours=5, minutes=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_APRIL = 4


def series_of(kind: DocumentKind) -> str:
    """The letters before the year: CR for invoices, CN for credit notes."""
    return SERIES[kind]


def issue_date(at_us: int) -> date:
    """The day in India."""
    return (_EPOCH + timedelta(microseconds=at_us) + _INDIA).date()


def financial_year(at_us: int) -> str:
    """The Indian financial year, April to March, as ``26-27``."""
    day = issue_date(at_us)
    begins = day.year if day.month >= _APRIL else day.year - 1
    return f"{begins % 100:02}-{(begins + 1) % 100:02}"


def document_number(kind: DocumentKind, year: str, serial: int) -> str:
    """``CR/26-27/0000001``. Raises `ValueError` for a serial that would not fit the 16
    characters that the law allows."""
    if not 1 <= serial <= MAX_SERIAL:
        raise ValueError(f"the serial {serial} does not fit into a document's number")
    return f"{series_of(kind)}/{year}/{serial:07}"
