"""Roles: what a person may do in an organization, and whom they may raise or remove.

A role is a set of the scopes that API keys have too. No role brings what only the platform may do,
such as giving credits away or publishing prices.
"""

from collections.abc import Collection, Mapping
from typing import ClassVar, Final, Literal

from msgspec import Struct

from khata.domain.refusals import Refusal

Role = Literal["owner", "admin", "billing", "member", "viewer", "auditor"]

ROLES: Final[tuple[Role, ...]] = ("owner", "admin", "billing", "member", "viewer", "auditor")

_VIEWER = frozenset({"wallets:read", "pricing:read", "members:read", "budgets:read"})
_MEMBER = _VIEWER | {"wallets:consume"}
_AUDITOR = _VIEWER | {"payments:read", "reports:read", "webhooks:read", "audit:read"}
_BILLING = _VIEWER | {
    "wallets:write",
    "payments:read",
    "payments:write",
    "payouts:write",
    "reports:read",
    "budgets:write",
}
_ADMIN = (_MEMBER | _AUDITOR | _BILLING) - {"payouts:write"} | {
    "wallets:transfer",
    "members:write",
    "keys:write",
    "webhooks:write",
}
_OWNER = _ADMIN | {"payouts:write", "organizations:write"}

SCOPES_OF: Final[Mapping[Role, frozenset[str]]] = {
    "owner": _OWNER,
    "admin": _ADMIN,
    "billing": _BILLING,
    "member": _MEMBER,
    "viewer": _VIEWER,
    "auditor": _AUDITOR,
}

PLATFORM_SCOPES: Final = frozenset(
    {
        "wallets:grant",
        "wallets:refund",
        "payments:refund",
        "payments:review",
        "pricing:write",
        "metrics:read",
    }
)
"""What no role brings: an operator has it beside the own role."""


class Standing(Struct, frozen=True, gc=False):
    """What counts of a member when roles are given and taken: whether it can sign in at all."""

    member_id: str
    role: Role
    signs_in: bool


class Giver(Struct, frozen=True, gc=False):
    """Who gives and takes roles: of which role itself, and all that it may do, which for a key may
    be less. Nobody makes of those who can sign in more than that."""

    role: Role
    scopes: frozenset[str]


class LastOwner(Refusal, frozen=True, gc=False, tag="last_owner"):
    code: ClassVar[str] = "LAST_OWNER"
    decided: ClassVar[bool] = False
    member_id: str

    @property
    def detail(self) -> str:
        return "This is the organization's last owner: make somebody else an owner first."


class RoleOutOfReach(Refusal, frozen=True, gc=False, tag="role_out_of_reach"):
    code: ClassVar[str] = "ROLE_OUT_OF_REACH"
    decided: ClassVar[bool] = False
    role: Role

    @property
    def detail(self) -> str:
        if self.role == "owner":
            return "Only an owner gives or takes the role owner."
        return f"Only who may do all that the role {self.role} brings gives it to who can sign in."


def give_role(giver: Giver, wished: Role, *, signs_in: bool) -> RoleOutOfReach | None:
    """Whether the giver may make somebody else what is wished, who can sign in then or can not."""
    may = _takes(giver, wished) and (not signs_in or SCOPES_OF[wished] <= giver.scopes)
    return None if may else RoleOutOfReach(wished)


def change_role(
    giver: Giver, member: Standing, wished: Role | None, owners: Collection[Standing]
) -> RoleOutOfReach | LastOwner | None:
    """Whether the giver may give the member another role, or with none remove it.

    `owners` are all of the organization. One who can sign in must be left where one is there now.
    """
    if not _takes(giver, member.role):
        return RoleOutOfReach(member.role)
    given = None if wished == member.role else wished
    if given is not None and (refused := give_role(giver, given, signs_in=member.signs_in)):
        return refused
    if member.role != "owner" or wished == "owner":
        return None
    others = [owner for owner in owners if owner.member_id != member.member_id]
    if any(owner.signs_in or not member.signs_in for owner in others):
        return None
    return LastOwner(member.member_id)


def _takes(giver: Giver, role: Role) -> bool:
    return giver.role == "owner" or (giver.role == "admin" and role != "owner")
