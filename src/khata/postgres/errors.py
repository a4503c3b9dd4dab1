"""What can keep PostgreSQL from us. Every message says what to do about it."""


class PostgresUnavailable(Exception):
    """There is no PostgreSQL to work with; the message says what to do."""


class BinariesMissing(PostgresUnavailable):
    """No PostgreSQL of a version we know is installed where we look."""


class MajorDiffers(PostgresUnavailable):
    """The data was written by another major version than any PostgreSQL found here."""


class StartFailed(PostgresUnavailable):
    """PostgreSQL is there but would not start, or did not answer in time."""


class MigrationFailed(Exception):
    """The database can't be brought to this version of Khata; the message says why."""


class ChecksumDiffers(MigrationFailed):
    """A migration that was applied long ago reads differently today."""


class DatabaseNewer(MigrationFailed):
    """The database was made by a newer Khata than this one."""
