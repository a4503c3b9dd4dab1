"""The variables of all options, found in the commands themselves."""

from collections.abc import Iterator

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

Told = TyperCommand | TyperGroup


def command_variables() -> frozenset[str]:
    """Each `KHATA_…` variable that an option of some command reads."""
    return frozenset(name for _, command in all_commands() for name in _variables(command))


def all_commands() -> Iterator[tuple[tuple[str, ...], Told]]:
    """The program and each of its commands, with the words that one types for it."""
    from khata.cli.program import app

    top = get_command(app)
    assert isinstance(top, Told)
    yield from _below(("khata",), top)


def _below(words: tuple[str, ...], command: Told) -> Iterator[tuple[tuple[str, ...], Told]]:
    yield words, command
    if isinstance(command, TyperGroup):
        for name, further in command.commands.items():
            assert isinstance(further, Told)
            yield from _below((*words, name), further)


def _variables(command: Told) -> Iterator[str]:
    for parameter in command.params:
        named = parameter.envvar or ()
        yield from (named,) if isinstance(named, str) else named
