"""Documents as PDF, by typst: the same bytes for the same document, on any machine.

Only the fonts beside this file and those of typst itself are used, so that no machine's own fonts
change a page. What a buyer wrote reaches the template as values, and is never read as markup.
"""

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec
import structlog

from khata.app.documents.printed import Copy, printed
from khata.domain.invoice import InvoiceDocument

_log = structlog.get_logger()

_HERE: Final = Path(__file__).parent
_TEMPLATE: Final = _HERE / "document.typ"
_FONTS: Final = _HERE / "fonts"
# For archives: everything needed to show the page is inside.
_STANDARD: Final = "a-2b"
_SECOND_US: Final = 1_000_000


class PdfUnavailable(Exception):
    """PDF needs typst, which is not installed. The message says how to get it."""

    def __init__(self) -> None:
        super().__init__(
            "PDF documents need typst: pip install 'khata[pdf]'. HTML documents need nothing."
        )


def is_pdf_available() -> bool:
    """Whether documents can be rendered as PDF here."""
    return find_spec("typst") is not None


def document_pdf(
    document: InvoiceDocument, copy: Copy = "original", *, fonts: Path | None = None
) -> bytes:
    """The PDF of a copy; some milliseconds of a thread's time.

    `fonts` is a folder with further fonts, for scripts that the page's own has not; the Noto Sans
    of a script is found by its name. Raises `PdfUnavailable` where typst is not installed.
    """
    try:
        import typst  # noqa: PLC0415 - an extra, and it takes a moment
    except ImportError as error:
        raise PdfUnavailable from error
    page = msgspec.json.encode(printed(document, copy)).decode()
    render = partial(
        typst.compile,
        _TEMPLATE,
        root=_HERE,
        font_paths=[_FONTS, fonts] if fonts else [_FONTS],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"page": page},
        timestamp=document.issued_at_us // _SECOND_US,
    )
    try:
        return render(pdf_standards=_STANDARD)
    except typst.TypstError as error:
        # The standard wants a glyph for every character; without one, the page shows a box there.
        _log.warning("document_glyph_missing", number=document.number, reason=str(error))
        return render()
