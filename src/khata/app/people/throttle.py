"""Throttling of attempts to sign in, by address and by e-mail, before any password is looked at;
and of letters.

An attempt that succeeds gets back what it paid. From an address where the user has signed in
before, an e-mail's attempts are counted apart: strangers who keep trying an e-mail keep strangers
out, and not the user.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from ipaddress import ip_address

from khata.app.people.within import beyond_organizations
from khata.domain.addresses import velocity_group
from khata.domain.ids import OrganizationId
from khata.domain.pace import (
    BY_ADDRESS,
    BY_EMAIL,
    BY_INVITER,
    BY_LETTER,
    FROM_KNOWN_ADDRESS,
    Pace,
    wait_us,
)
from khata.domain.sign_in import KNOWN_ADDRESS_US, TooManyAttempts
from khata.postgres.asking import Connection, across_organizations
from khata.postgres.connect import Pool
from khata.postgres.sessions import known_addresses
from khata.postgres.sign_in import give_back, paid_until, pay_attempt

_SECOND_US = 1_000_000

Paid = Sequence[tuple[str, Pace]]


class Throttle:
    """Takes the price of attempts, across all processes."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us

    async def pay(self, email: str | None, address: str | None) -> Paid | TooManyAttempts:
        """Takes the price of one attempt for that e-mail, in lower case, from that address.

        What was paid is to be given back should the attempt succeed.
        """
        return await self._pay_all(await self._subjects(email, address))

    async def pay_for_letter(self, email: str, address: str | None) -> Paid | TooManyAttempts:
        """Takes the price of a letter to that e-mail, whether somebody has it or not.

        Nobody is flooded with letters, however many addresses they are asked for from.
        """
        subjects = (
            (f"address {_group(address)}", BY_ADDRESS),
            (f"letter {_name(email)}", BY_LETTER),
        )
        return await self._pay_all(subjects)

    async def lets_invite(
        self, connection: Connection, email: str, organization_id: OrganizationId
    ) -> bool:
        """Takes the price of an invitation's letter, within the caller's transaction; whether it
        may go out.

        Nobody is flooded with them, by however many organizations; and no organization floods
        strangers.
        """
        subjects = (
            (f"inviting {organization_id}", BY_INVITER),
            (f"invited {_name(email)}", BY_LETTER),
        )
        now_us = self._now_us()
        async with across_organizations(connection):
            for subject, pace in subjects:
                if not await pay_attempt(connection, subject, pace, now_us):
                    return False
        return True

    async def give_back(self, paid: Paid) -> None:
        """Gives back what an attempt has paid."""
        async with beyond_organizations(self._pool) as connection:
            for subject, pace in paid:
                await give_back(connection, subject, pace)

    async def _pay_all(self, subjects: Paid) -> Paid | TooManyAttempts:
        paid: list[tuple[str, Pace]] = []
        for subject, pace in subjects:
            refused = await self._pay(subject, pace)
            if refused is not None:
                return refused
            paid.append((subject, pace))
        return paid

    async def _pay(self, subject: str, pace: Pace) -> TooManyAttempts | None:
        now_us = self._now_us()
        async with beyond_organizations(self._pool) as connection:
            if await pay_attempt(connection, subject, pace, now_us):
                return None
            until_us = await paid_until(connection, subject)
        return TooManyAttempts(max(1, -(-wait_us(pace, until_us, now_us) // _SECOND_US)))

    async def _subjects(self, email: str | None, address: str | None) -> Paid:
        group = _group(address)
        if email is None:
            return [(f"address {group}", BY_ADDRESS)]
        name = _name(email)
        since_us = self._now_us() - KNOWN_ADDRESS_US
        async with beyond_organizations(self._pool) as connection:
            known = await known_addresses(connection, email, since_us)
        if group in {_group(each) for each in known}:
            return [(f"email {name} {group}", FROM_KNOWN_ADDRESS)]
        return [(f"address {group}", BY_ADDRESS), (f"email {name}", BY_EMAIL)]


def _name(email: str) -> str:
    return sha256(email.encode(errors="replace")).hexdigest()[:32]


def _group(address: str | None) -> str:
    return "unknown" if address is None else velocity_group(ip_address(address))
