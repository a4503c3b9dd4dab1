"""Whether a text looks like an attempt at SQL injection.

A sign of abuse and nothing else: every statement is parameterised, so none of these texts could do
harm. It is therefore tuned to leave people alone: a name with an apostrophe, a plural's possessive
before “and”, or words that SQL has borrowed from English are no attack.
"""

import re

LONGEST_SCANNED = 4096

_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
# MySQL carries out what stands in such a comment, so only its beginning and end are taken away.
_VERSIONED_COMMENT = re.compile(r"/\*!\d*")
_COMMENT = re.compile(r"/\*.*?\*/|\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")

# A quote, and the brackets and semicolon with which an attack ends the statement around it.
_QUOTE = r"(['\"`])[\s)]*"
_COMMENT_AFTER_QUOTE = re.compile(rf"{_QUOTE}(?:;\s*)?(?:--|/\*|#\s*$)")
_STATEMENTS = (
    r"drop (?:table|database|schema|view|index|function|user|role)\b",
    r"delete from\b",
    r"insert into\b",
    r"update [\w.\"`]+ set\b",
    r"alter (?:table|user|role|database|schema|system)\b",
    r"create (?:table|user|role|function|database|extension)\b",
    r"truncate (?:table )?\w+ ?(?:;|--|$)",
    r"exec(?:ute)? ?(?:\(|xp_|sp_|immediate\b|master\b)",
    r"shutdown\b",
    r"select (?:\*|[\w.,() ]{1,200} from\b|\w+ ?\()",
)
# In text that was lower-cased, with each comment and run of white space made one space.
_PATTERNS = (
    (
        "a quote and a condition",
        (
            rf"{_QUOTE}(?:or|and|\|\||&&) ?(?:not )?[( ]*"
            r"(?:[\w.'\"`@+-]* ?(?:=|<|>|!=|\blike\b|\bbetween\b|\bis (?:not )?null\b|\brlike\b)"
            r"|\d+ ?(?:--|#|;|$)|true\b|exists ?\(|select\b|\w+\()"
        ),
    ),
    (
        "a union of queries",
        (
            r"\bunion (?:all |distinct )?[( ]*select ?"
            r"(?:[*\d'\"(@]|null\b|\w+ ?[,(]|[\w. ]{1,200}\bfrom\b)"
        ),
    ),
    ("a second statement", rf"; ?(?:{'|'.join(_STATEMENTS)})"),
    ("a second statement", rf"{_QUOTE}; ?(?:drop|delete|insert|update|alter|exec)\b"),
    (
        "a delay",
        (
            r"\bsleep ?\( ?(?:\d+ ?[-),*+]|if\b|select\b|\()|\bpg_sleep(?:_for)? ?\("
            r"|\bwaitfor delay ['\"@]|\bbenchmark ?\( ?\d+ ?,"
        ),
    ),
    (
        "the server's own procedures",
        r"\bxp_cmdshell\b|\binformation_schema ?\.|\bload_file ?\(|\binto (?:out|dump)file\b",
    ),
    ("a tautology", r"(?<![\w.])(\d+) ?= ?\1(?![\w.])"),
    ("a tautology", r"(['\"])(\w*)\1 ?= ?\1\2(?:\1|$)"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)


def injection_in(text: str) -> str | None:
    """What in the text looks like an injection, in a few words; none where nothing does."""
    scanned = _decoded_once(text[:LONGEST_SCANNED]).lower()
    if _breaks_out_into_comment(scanned):
        return "a quote and a comment"
    plain = _SPACE.sub(" ", _COMMENT.sub(" ", _VERSIONED_COMMENT.sub(" ", scanned)))
    return next((name for name, pattern in _COMPILED if pattern.search(plain)), None)


def _decoded_once(text: str) -> str:
    """As a form decodes it: once, so that what was encoded twice stays as the database sees it."""
    if "%" not in text and "+" not in text:
        return text
    spaced = text.replace("+", " ")
    if not _ESCAPE.search(spaced):
        return spaced
    # Escapes are of bytes, so the whole text is decoded as bytes.
    decoded = re.sub(
        rb"%([0-9a-fA-F]{2})",
        lambda escape: bytes.fromhex(escape[1].decode()),
        spaced.encode(errors="replace"),
    )
    return decoded.decode(errors="replace")


def _breaks_out_into_comment(text: str) -> bool:
    """A closed pair of quotes before two dashes is how people write, an open one is an attack."""
    found = _COMMENT_AFTER_QUOTE.finditer(text)
    return any(text.count(match[1], 0, match.end(1)) % 2 for match in found)
