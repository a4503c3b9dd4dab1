"""Signing in: how long what lets somebody in is good for, and why somebody is kept out."""

from typing import ClassVar, Final

from msgspec import Struct

from khata.domain.refusals import Refusal

_MINUTE_US: Final = 60_000_000
_HOUR_US: Final = 60 * _MINUTE_US
_DAY_US: Final = 24 * _HOUR_US

SESSION_IDLE_US: Final = 24 * _HOUR_US
SESSION_US: Final = 30 * _DAY_US
SEEN_EVERY_US: Final = _MINUTE_US
LINK_US: Final = 15 * _MINUTE_US
INVITATION_US: Final = 7 * _DAY_US
KNOWN_ADDRESS_US: Final = 90 * _DAY_US


class SessionTimes(Struct, frozen=True, gc=False):
    """When a session was last seen, when it ends at the latest, and when it was revoked."""

    seen_at_us: int
    expires_at_us: int
    revoked_at_us: int | None


def is_live(times: SessionTimes, at_us: int) -> bool:
    """Whether the session still lets its user in: neither revoked, nor idle, nor old."""
    ends_at_us = min(times.expires_at_us, times.seen_at_us + SESSION_IDLE_US)
    return times.revoked_at_us is None and at_us < ends_at_us


class SignInRefused(Refusal, frozen=True, gc=False, tag="sign_in_refused"):
    """The same for an e-mail nobody has, for a wrong password, and for a user without one."""

    code: ClassVar[str] = "SIGN_IN_REFUSED"
    decided: ClassVar[bool] = False

    @property
    def detail(self) -> str:
        return "No user has this e-mail and password."


class LinkRefused(Refusal, frozen=True, gc=False, tag="link_refused"):
    code: ClassVar[str] = "SIGN_IN_LINK_REFUSED"
    decided: ClassVar[bool] = False

    @property
    def detail(self) -> str:
        return "This link was used already, or its time is over. `khata sign-in` makes another."


class NoLettersHere(Refusal, frozen=True, gc=False, tag="no_letters_here"):
    code: ClassVar[str] = "PASSWORD_RESET_OFF"
    decided: ClassVar[bool] = False

    @property
    def detail(self) -> str:
        return "No e-mail goes out here: whoever runs Khata makes a link, by `khata sign-in`."


class WrongPassword(Refusal, frozen=True, gc=False, tag="wrong_password"):
    code: ClassVar[str] = "WRONG_PASSWORD"
    decided: ClassVar[bool] = False

    @property
    def detail(self) -> str:
        return "The current password is another one."


class TooManyAttempts(Refusal, frozen=True, gc=False, tag="too_many_attempts"):
    code: ClassVar[str] = "RATE_LIMITED"
    decided: ClassVar[bool] = False
    retry_after_seconds: int

    @property
    def detail(self) -> str:
        return f"Too many attempts. Try again in {self.retry_after_seconds} s."


class InvitationNotFound(Refusal, frozen=True, gc=False, tag="invitation_not_found"):
    code: ClassVar[str] = "INVITATION_NOT_FOUND"
    decided: ClassVar[bool] = False

    @property
    def detail(self) -> str:
        return "There is no such invitation."


class InvitationNotOpen(Refusal, frozen=True, gc=False, tag="invitation_not_open"):
    code: ClassVar[str] = "INVITATION_NOT_OPEN"
    decided: ClassVar[bool] = False
    state: str

    @property
    def detail(self) -> str:
        return f"This invitation is {self.state}. Ask for another."


SignInFault = SignInRefused | LinkRefused | NoLettersHere | WrongPassword | TooManyAttempts
InvitationFault = InvitationNotFound | InvitationNotOpen
