"""E-mail as one thing: all that the worker and those who write letters need of it."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from khata.app.mail.alert_mails import AlertMails
from khata.app.mail.mails import Mails
from khata.app.mail.people_mails import PeopleMails
from khata.app.mail.smtp import Post, SmtpServer
from khata.app.sealing import Sealer
from khata.app.worker import Step
from khata.postgres.connect import Pool


class Mailing(Struct, frozen=True):
    """The mail of one Khata: letters of all kinds, those about alerts, and those to people."""

    mails: Mails
    alerts: AlertMails
    people: PeopleMails

    @property
    def jobs(self) -> Mapping[str, Step]:
        """What the worker does for mail, by kind."""
        return {**self.mails.jobs, **self.alerts.jobs, **self.people.jobs}


def mailing(
    pool: Pool,
    server: SmtpServer | None,
    public_url: str | None,
    sealer: Sealer,
    now_us: Callable[[], int],
) -> Mailing:
    """Mail by that server, whose links lead to that address; without a server none is written."""
    mails = Mails(pool, None if server is None else Post(server), sealer, now_us)
    people = PeopleMails(pool, mails, public_url, now_us)
    return Mailing(mails, AlertMails(pool, mails), people)
