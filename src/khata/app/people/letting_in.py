"""What lets people in stands on: passwords, the pace of attempts, and the sessions that begin."""

from collections.abc import Callable

from khata.app.mail.people_mails import PeopleMails
from khata.app.people.passwords import Passwords
from khata.app.people.sessions import Sessions
from khata.app.people.throttle import Throttle
from khata.app.people.within import beyond_organizations
from khata.domain.sign_in import TooManyAttempts
from khata.engine.ids import UlidMint
from khata.postgres.connect import Pool
from khata.postgres.sign_in import password_hash


class LetsIn:
    """Lets people in, once they have shown who they are."""

    def __init__(
        self,
        pool: Pool,
        passwords: Passwords,
        throttle: Throttle,
        sessions: Sessions,
        mails: PeopleMails,
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._passwords = passwords
        self._throttle = throttle
        self._sessions = sessions
        self._mails = mails
        self._now_us = now_us
        self._mint = UlidMint()

    async def _shown(
        self, user_id: str, email: str, password: str, address: str | None
    ) -> str | TooManyAttempts | None:
        """The hash that the user's password is kept as, if this is the password.

        Each attempt is paid for, and only one that succeeds gets it back. Where there is no such
        user it takes the same time.
        """
        paid = await self._throttle.pay(email, address)
        if isinstance(paid, TooManyAttempts):
            return paid
        async with beyond_organizations(self._pool) as connection:
            hashed = await password_hash(connection, user_id)
        if not await self._passwords.matches(hashed, password):
            return None
        await self._throttle.give_back(paid)
        return hashed
