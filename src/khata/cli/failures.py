"""How a command ends: 0 done, 1 a check found something or it could not be done, 2 wrong use."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

from khata.config import SettingError

FOUND = 1
WRONG_USE = 2


class Failed(Exception):
    """The command could not be done; the message says what to do."""

    status = FOUND


class WronglyUsed(Failed):
    """What was asked for can't be meant; the message says what would do."""

    status = WRONG_USE


@contextmanager
def explained() -> Generator[None]:
    """Ends the program with one clear sentence where we know what went wrong."""
    try:
        yield
    except SettingError as wrong:
        end(str(wrong), WRONG_USE)
    except Failed as failed:
        end(str(failed), failed.status)
    except Exception as error:
        if (status := _known_status(error)) is None:
            raise
        end(str(error), status)


def end(message: str, status: int) -> NoReturn:
    """Says it on standard error and ends the program."""
    from khata.cli.output import errors, say

    say(f"khata: {message}", "red", errors)
    sys.exit(status)


def _known_status(error: Exception) -> int | None:
    from khata.app.geoip import GeoipUnusable
    from khata.app.invalid import Invalid
    from khata.app.people.oidc import OidcUnusable
    from khata.app.sealing import SealingKeyUnusable
    from khata.app.signing import SigningKeyUnusable
    from khata.app.suspects import ListUnusable
    from khata.engine.books import Unavailable
    from khata.payments.gateway import GatewayNotInstalled
    from khata.postgres.errors import MigrationFailed, PostgresUnavailable

    if isinstance(error, Invalid):
        return WRONG_USE
    unable = Unavailable | MigrationFailed | PostgresUnavailable | SigningKeyUnusable
    files = SealingKeyUnusable | GeoipUnusable | ListUnusable | OidcUnusable
    if isinstance(error, unable | files | GatewayNotInstalled):
        return FOUND
    # A driver's refusal to connect comes with its own words.
    return FOUND if type(error).__module__.startswith("psycopg") else None
