"""Roles: what each may do, and who gives which."""

import pytest

from khata.domain.roles import (
    PLATFORM_SCOPES,
    ROLES,
    SCOPES_OF,
    Giver,
    LastOwner,
    Role,
    RoleOutOfReach,
    Standing,
    change_role,
    give_role,
)

READS = ("wallets:read", "pricing:read", "members:read", "budgets:read")
BOOKS = ("payments:read", "reports:read", "webhooks:read", "audit:read")

# The whole table in words: what each role may do beside reading wallets, prices and people.
BESIDE: dict[Role, tuple[str, ...]] = {
    "viewer": (),
    "member": ("wallets:consume",),
    "auditor": BOOKS,
    "billing": (
        *("wallets:write", "payments:read", "payments:write", "payouts:write"),
        *("reports:read", "budgets:write"),
    ),
    "admin": (
        *BOOKS,
        *("wallets:consume", "wallets:write", "wallets:transfer", "payments:write"),
        *("budgets:write", "members:write", "keys:write", "webhooks:write"),
    ),
    "owner": (
        *BOOKS,
        *("wallets:consume", "wallets:write", "wallets:transfer", "payments:write"),
        *("budgets:write", "members:write", "keys:write", "webhooks:write"),
        *("payouts:write", "organizations:write"),
    ),
}


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_do(role: Role) -> None:
    assert SCOPES_OF[role] == {*READS, *BESIDE[role]}


def test_no_role_brings_what_only_the_platform_may_do() -> None:
    for role in ROLES:
        assert not SCOPES_OF[role] & PLATFORM_SCOPES, role


@pytest.mark.parametrize("wished", ROLES)
@pytest.mark.parametrize("giver", ROLES)
def test_who_gives_which_role(giver: Role, wished: Role) -> None:
    may = giver == "owner" or (giver == "admin" and wished != "owner")
    refusal = None if may else RoleOutOfReach(wished)
    assert give_role(of(giver), wished, signs_in=False) == refusal
    # The role billing brings payout accounts, which an admin has not.
    beyond = giver == "admin" and wished == "billing"
    assert give_role(of(giver), wished, signs_in=True) == (
        RoleOutOfReach(wished) if beyond else refusal
    )


@pytest.mark.parametrize("wished", ROLES)
def test_a_key_lets_nobody_in_who_may_do_more_than_itself(wished: Role) -> None:
    key = Giver("owner", SCOPES_OF["member"] | {"members:write"})
    may = wished in {"viewer", "member"}
    assert give_role(key, wished, signs_in=True) == (None if may else RoleOutOfReach(wished))
    assert give_role(key, wished, signs_in=False) is None


def of(role: Role) -> Giver:
    return Giver(role, SCOPES_OF[role])


ASHA = Standing("mem_asha", "owner", True)
RAVI = Standing("mem_ravi", "owner", True)
PAPER = Standing("mem_paper", "owner", False)
ZOYA = Standing("mem_zoya", "member", True)
VIKRAM = Standing("mem_vikram", "billing", True)

# The giver's role, whose role changes, to what (or removed), among which owners, and the refusal.
CHANGES: list[tuple[Role, Standing, Role | None, list[Standing], object]] = [
    ("owner", ASHA, "admin", [ASHA, RAVI], None),
    ("owner", ASHA, None, [ASHA, RAVI], None),
    ("owner", ASHA, "admin", [ASHA], LastOwner("mem_asha")),
    ("owner", ASHA, None, [ASHA], LastOwner("mem_asha")),
    ("owner", ASHA, "owner", [ASHA], None),
    # An owner who can't sign in is no help to those who could.
    ("owner", ASHA, None, [ASHA, PAPER], LastOwner("mem_asha")),
    ("owner", PAPER, None, [ASHA, PAPER], None),
    ("owner", PAPER, None, [PAPER], LastOwner("mem_paper")),
    ("admin", ASHA, "member", [ASHA, RAVI], RoleOutOfReach("owner")),
    ("admin", ASHA, None, [ASHA, RAVI], RoleOutOfReach("owner")),
    ("admin", ZOYA, "owner", [ASHA], RoleOutOfReach("owner")),
    ("admin", ZOYA, "admin", [ASHA], None),
    ("admin", ZOYA, "billing", [ASHA], RoleOutOfReach("billing")),
    ("admin", VIKRAM, "billing", [ASHA], None),
    ("admin", VIKRAM, "viewer", [ASHA], None),
    ("admin", VIKRAM, None, [ASHA], None),
    ("admin", ZOYA, None, [ASHA], None),
    ("billing", ZOYA, "viewer", [ASHA], RoleOutOfReach("member")),
    ("member", ZOYA, None, [ASHA], RoleOutOfReach("member")),
]


@pytest.mark.parametrize(("giver", "member", "wished", "owners", "refusal"), CHANGES)
def test_who_changes_whose_role(
    giver: Role,
    member: Standing,
    wished: Role | None,
    owners: list[Standing],
    refusal: object,
) -> None:
    assert change_role(of(giver), member, wished, owners) == refusal
