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
        return f"Only an owner gives or takes the role {self.role}."


def give_role(giver: Role, wished: Role) -> RoleOutOfReach | None:
    """Whether somebody of the role `giver` may make somebody else what is wished."""
    return None if _reaches(giver, wished) else RoleOutOfReach(wished)


def change_role(
    giver: Role, member: Standing, wished: Role | None, owners: Collection[Standing]
) -> RoleOutOfReach | LastOwner | None:
    """Whether the giver may give the member another role, or with none remove it.

    `owners` are all of the organization. One who can sign in must be left where one is there now.
    """
    for role in (member.role, wished):
        if role is not None and not _reaches(giver, role):
            return RoleOutOfReach(role)
    if member.role != "owner" or wished == "owner":
        return None
    others = [owner for owner in owners if owner.member_id != member.member_id]
    if any(owner.signs_in or not member.signs_in for owner in others):
        return None
    return LastOwner(member.member_id)


def _reaches(giver: Role, role: Role) -> bool:
    return giver == "owner" or (giver == "admin" and role != "owner")
