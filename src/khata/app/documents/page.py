"""Documents as HTML: one page with nothing outside it, made to be read and to be printed."""

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

from khata.app.documents.printed import Copy, Fact, Party, Printed, Row, printed
from khata.domain.invoice import InvoiceDocument


def document_html(document: InvoiceDocument, copy: Copy = "original") -> str:
    """The page of a copy. What a buyer wrote is text on it, whatever it looks like."""
    texts = printed(document, copy)
    title = escape(f"{texts.title} {texts.number}")
    return f"""<!doctype html>
<html lang="en-IN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{_style()}</style>
</head>
<body>
<main>
{_head(texts)}
<dl class="identity">{_facts(texts.identity)}</dl>
<div class="parties">
{_party(texts.seller)}
{_party(texts.buyer)}
</div>
{_table(texts)}
{_end(texts)}
{_statements(texts.statements)}{_terms(texts.terms)}
<footer>{escape(texts.seller.name)} · {title} · {escape(texts.footer)}</footer>
</main>
</body>
</html>
"""


@cache
def _style() -> str:
    return (files("khata.app.documents") / "document.css").read_text("utf-8")


def _head(texts: Printed) -> str:
    test = '<div class="test">TEST MODE</div>' if texts.is_test else ""
    return (
        f'<header><div class="logo">{escape(texts.logo)}</div><div class="kind">'
        f"<h1>{escape(texts.title)}</h1>"
        f'<div class="copy">{escape(texts.copy)}</div>{test}</div></header>'
    )


def _facts(facts: Iterable[Fact]) -> str:
    return "".join(
        f"<div><dt>{escape(fact.label)}</dt><dd>{escape(fact.value)}</dd></div>" for fact in facts
    )


def _pairs(facts: Iterable[Fact]) -> str:
    pairs = (f"<dt>{escape(fact.label)}</dt><dd>{escape(fact.value)}</dd>" for fact in facts)
    return f'<dl class="facts">{"".join(pairs)}</dl>'


def _party(party: Party) -> str:
    lines = "<br>".join(escape(line) for line in party.lines)
    return (
        f"<section><h2>{escape(party.heading)}</h2>"
        f'<div class="name">{escape(party.name)}</div><div class="lines">{lines}</div>'
        f"{_pairs(party.facts)}</section>"
    )


def _table(texts: Printed) -> str:
    names = ("Description", "SAC", *texts.columns)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = "".join(map(_row, texts.rows))
    return (
        f'<div class="table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(row: Row) -> str:
    note = f'<div class="note">{escape(row.note)}</div>' if row.note else ""
    figures = "".join(f"<td>{escape(figure)}</td>" for figure in (row.sac, *row.figures))
    return f"<tr><td>{escape(row.description)}{note}</td>{figures}</tr>"


def _end(texts: Printed) -> str:
    total = texts.total
    return (
        f'<div class="end"><div><h2>{escape(texts.words.label)}</h2>'
        f'<div class="words">{escape(texts.words.value)}</div>{_pairs(texts.references)}</div>'
        f'<dl class="sums">{_facts(texts.sums)}<div class="total">'
        f"<dt>{escape(total.label)}</dt><dd>{escape(total.value)}</dd></div></dl></div>"
    )


def _statements(statements: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(statement)}</li>" for statement in statements)
    return f'<ul class="statements">{items}</ul>' if items else ""


def _terms(terms: Iterable[str]) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in terms)
    return f'<section class="terms"><h2>Terms</h2>{lines}</section>' if lines else ""
