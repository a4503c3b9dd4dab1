"""docs/invariants.md names what exists, and leaves no constraint out."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCHEMA = (ROOT / "src/khata/postgres/schema.sql").read_text()
QUOTED = re.compile(r"`([^`]+)`")


def rows() -> list[list[str]]:
    """The cells of all rows: invariant, core, constraint, test."""
    lines = (ROOT / "docs/invariants.md").read_text().splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "|" in line]
    return [row for row in cells if row[0] != "Invariant" and not row[0].startswith("---")]


def quoted(column: int) -> list[str]:
    return sorted({name for row in rows() for name in QUOTED.findall(row[column])})


def named_constraints() -> set[str]:
    """What `schema.sql` names: constraints, unique indexes and triggers."""
    constraints = re.findall(r"\bconstraint (\w+)", SCHEMA)
    indexes = re.findall(r"\bcreate unique index (\w+)", SCHEMA)
    return {*constraints, *indexes, *re.findall(r"\bcreate trigger (\w+)", SCHEMA)}


def unnamed_constraints() -> set[str]:
    """What PostgreSQL names by itself: primary keys, and the check of a single column."""
    tables = re.findall(r"^create table (\w+)", SCHEMA, re.MULTILINE)
    return {f"{table}_pkey" for table in tables} | {"price_lists_version_check"}


def test_every_invariant_has_a_core_and_a_test() -> None:
    assert rows()
    for invariant, core, _, test in rows():
        assert QUOTED.findall(core), invariant
        assert QUOTED.findall(test), invariant


def test_no_constraint_is_missing() -> None:
    assert named_constraints() <= set(quoted(2))


@pytest.mark.parametrize("constraint", quoted(2))
def test_each_named_constraint_is_in_the_schema(constraint: str) -> None:
    assert constraint in named_constraints() | unnamed_constraints()


@pytest.mark.parametrize("core", quoted(1))
def test_each_named_core_exists(core: str) -> None:
    module, _, name = core.rpartition(".")
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("test", quoted(3))
def test_each_named_test_exists(test: str) -> None:
    place, _, name = test.partition("::")
    tree = ast.parse((ROOT / place).read_text())
    functions = (
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert name in {function.name for function in functions}
