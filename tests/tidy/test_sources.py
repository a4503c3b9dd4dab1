"""Habits of the sources that no linter knows: small files, the glossary's names, nothing undone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
PRODUCT = sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in {".py", ".sql"})
GROWN_ELSEWHERE = {"node_modules", "dist", "dist-react", "dashboard_assets", "__pycache__"}

UNFINISHED = re.compile(
    r"\b(TODO|FIXME|XXX|HACK|NotImplementedError|not implemented|stub|placeholder|lorem)\b",
    re.IGNORECASE,
)
SWITCHED_OFF = re.compile(r"\b(pytest|mark)\.(importor)?(skip|x?fail)")
ONE_MACHINE = re.compile(r"(?<![\w.~>-])/(home|Users|root|work|mnt|media)/[\w.]")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def repository_files() -> list[Path]:
    """All texts of the project, told by their places, so that no git is needed."""
    folders = [ROOT / folder for folder in ("src", "tests", "docs", "bench", "web", ".ci")]
    inside = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    top = (ROOT / name for name in ("Makefile", "pyproject.toml", "uv.lock"))
    found = [*top, *ROOT.glob("*.md"), *inside]
    return [path for path in found if not GROWN_ELSEWHERE.intersection(path.parts)]


def breaches(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def glossary_words(heading: str) -> frozenset[str]:
    """The words in backticks listed under a heading of the glossary."""
    _, _, rest = (ROOT / "docs/glossary.md").read_text().partition(f"### {heading}\n")
    words = re.findall(r"`(\w+)`", rest.partition("\n#")[0])
    assert words, f"the glossary lists nothing under “{heading}”"
    return frozenset(words)


def words_of(name: str) -> list[str]:
    """`readWallet_ids` as ["read", "wallet", "ids"]."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def defined_names(path: Path, tree: ast.AST) -> Iterator[str]:
    """The module's own name, and those of all classes and functions in it that it chose itself."""
    yield path.stem
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not any(
            isinstance(decorator, ast.Name) and decorator.id == "override"
            for decorator in node.decorator_list
        ):
            yield node.name


def value_names(tree: ast.AST) -> Iterator[str]:
    """Each name a value is given: variables, fields, attributes and parameters."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.arg(arg=name):
                yield name
            case _:
                pass


def test_words_of_a_name() -> None:
    assert words_of("readWallet_ids") == ["read", "wallet", "ids"]
    assert words_of("HTTPDoor") == ["http", "door"]
    assert words_of("_metadata") == ["metadata"]


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name_of)
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_names_say_what_they_mean(path: Path) -> None:
    empty_ends = glossary_words("Not at the end of a name")
    empty_verbs = glossary_words("Not as a verb")
    bare = glossary_words("Not bare")
    tree = ast.parse(path.read_text())
    split = {name: words_of(name) for name in defined_names(path, tree)}
    found = {name for name, words in split.items() if words and words[-1] in empty_ends}
    found |= {name for name, words in split.items() if words and words[0] in empty_verbs}
    found |= bare.intersection(value_names(tree))
    assert not found, f"words the glossary does not use: {sorted(found)}"


def test_nothing_in_the_product_is_unfinished() -> None:
    assert not breaches(UNFINISHED, PRODUCT)


def test_no_test_is_switched_off() -> None:
    assert not breaches(SWITCHED_OFF, TESTS)


def test_nothing_names_a_path_of_one_machine() -> None:
    assert not breaches(ONE_MACHINE, repository_files())


def test_the_lock_names_public_registries_only() -> None:
    hosts = set(re.findall(r"https?://([^/\"\s]+)", (ROOT / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
