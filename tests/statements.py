"""Every SQL statement of the project: the constants of khata.postgres that are SQL."""

import importlib
import pkgutil
import re

import khata.postgres

_BEGINS = re.compile(r"\s*(select|insert|update|delete|with|merge)\s", re.IGNORECASE)


def all_statements() -> dict[str, str]:
    """The statements by `module.NAME`, with parameters as `$1` and templates filled in."""
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(khata.postgres.__path__):
        for name, value in vars(importlib.import_module(f"khata.postgres.{module.name}")).items():
            if name.lstrip("_").isupper() and isinstance(value, str) and _BEGINS.match(value):
                found[f"{module.name}.{name}"] = _filled(value)
    return found


def _filled(statement: str) -> str:
    numbers = iter(range(1, 100))
    filled = statement.replace("{first}", "0").replace("{last}", "255")
    return re.sub(r"%s", lambda _: f"${next(numbers)}", filled)
