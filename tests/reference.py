"""The reference of the command line, made from the commands themselves.

python tests/reference.py    writes docs/reference/cli.md anew
"""

from collections.abc import Iterator
from pathlib import Path

from typer.core import TyperGroup, TyperOption

from khata.cli.variables import Told, all_commands
from khata.config import FIELDS, Settings, description_of, variable_of

PAGE = Path(__file__).parents[1] / "docs/reference/cli.md"
HEAD = """# Command line

Written by `python tests/reference.py` from the commands themselves; a test compares it with them.

Exit status: 0 done, 1 a check found something or it could not be done, 2 wrong use. An option goes
over its variable, a variable over the settings file that `khata --config FILE` names.
"""
SETTINGS = """
## Settings

Every setting is a variable, and under its own name a line of the settings file, as `port = 8484`.

| Setting | Variable | Must be | Unless said |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_commands()) + SETTINGS + "".join(_settings())


def _commands() -> Iterator[str]:
    for words, command in all_commands():
        if isinstance(command, TyperGroup) or command.hidden:
            continue
        yield f"\n## {' '.join(words)}\n\n{_text(command)}\n\n"
        yield f"```text\n{' '.join(words)} {' '.join(_usage(command))}\n```\n"
        if rows := list(_options(command)):
            yield "\n| Option | Variable | Meaning | Unless said |\n|---|---|---|---|\n"
            yield from rows


def _text(command: Told) -> str:
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _usage(command: Told) -> Iterator[str]:
    for parameter in command.params:
        if not isinstance(parameter, TyperOption):
            yield str(parameter.metavar or (parameter.name or "").upper())
        elif parameter.required:
            yield f"{parameter.opts[0]} {parameter.metavar or parameter.name}"
    yield "[options]"


def _options(command: Told) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, TyperOption) and not parameter.hidden:
            words = " / ".join([*parameter.opts, *parameter.secondary_opts])
            named = parameter.envvar or []
            variables = [named] if isinstance(named, str) else named
            cells = (
                f"`{words}`",
                " ".join(f"`{name}`" for name in variables),
                " ".join((parameter.help or "").split()).replace("|", "\\|"),
                _default(parameter),
            )
            yield f"| {' | '.join(cells)} |\n"


def _default(option: TyperOption) -> str:
    if isinstance(option.show_default, str):
        return f"`{option.show_default}`"
    default = option.default
    return "" if default is None or isinstance(default, bool) else f"`{default}`"


def _settings() -> Iterator[str]:
    plain = Settings()
    for name in FIELDS:
        value = getattr(plain, name)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        unless = "" if value is None else f"`{text}`"
        told = description_of(name).replace("|", "\\|")
        yield f"| `{name}` | `{variable_of(name)}` | {told} | {unless} |\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
