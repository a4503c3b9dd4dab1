"""What the documents tell to type, to read and to look up is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from khata.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))

FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
ASSIGNMENT = re.compile(r"\w+=")
SHELL_WORDS = {"|", "||", "&", "&&", ";", ">", ">>", "<"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands_in(text: str) -> Iterator[list[str]]:
    """The simple commands of all fenced lines, as words, without assignments before them."""
    for fence in FENCE.finditer(text):
        for line in fence[3].replace("\\\n", " ").splitlines():
            words = shell_words(line.strip().removeprefix("$ "))
            while words:
                end = next((i for i, word in enumerate(words) if word in SHELL_WORDS), len(words))
                yield without_assignments(words[:end])
                words = words[end + 1 :]


def shell_words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:  # prose or a quotation over several lines: no command of ours
        return []


def without_assignments(words: list[str]) -> list[str]:
    while words and ASSIGNMENT.match(words[0]):
        words = words[1:]
    return words


def told_to_type(program: str) -> list[tuple[str, ...]]:
    commands = [tuple(words) for path in DOCUMENTS for words in commands_in(path.read_text())]
    return sorted({words[1:] for words in commands if words[:1] == (program,)})


def without_fences(text: str) -> str:
    return FENCE.sub("", text)


def anchors(path: Path) -> set[str]:
    """The anchors a forge gives to a document's headings."""
    headings = HEADING.findall(without_fences(path.read_text()))
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def is_missing(document: Path, link: str) -> bool:
    place, _, anchor = link.partition("#")
    target = (document.parent / place).resolve() if place else document
    if not target.exists():
        return True
    return bool(anchor) and anchor not in anchors(target)


def test_commands_are_found_in_fences() -> None:
    text = "```sh\n$ KHATA_DATA=x khata serve --port 1 &\nmake \\\n  test | tail\n```\nkhata no\n"
    assert list(commands_in(text)) == [
        ["khata", "serve", "--port", "1"],
        ["make", "test"],
        ["tail"],
    ]


def test_each_make_target_told_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = {word for words in told_to_type("make") for word in words if "=" not in word}
    assert told <= targets


def test_each_khata_command_told_exists() -> None:
    for words in told_to_type("khata"):
        answer = CliRunner().invoke(app, [*words, "--help"])
        assert answer.exit_code == 0, (words, answer.output)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    links = LINK.findall(without_fences(document.read_text()))
    inside = [link for link in links if not re.match(r"\w+:", link)]
    assert not [link for link in inside if is_missing(document, link)]


def test_the_changelog_has_a_place_for_what_is_next() -> None:
    _, heading, rest = (ROOT / "CHANGELOG.md").read_text().partition("\n## Unreleased\n")
    assert heading
    assert rest.partition("\n## ")[0].strip()


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("decision", DECISIONS, ids=name_of)
def test_a_decision_says_why_and_what_enforces_it(decision: Path) -> None:
    headings = re.findall(r"^## (.+)$", decision.read_text(), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "What enforces it"]
