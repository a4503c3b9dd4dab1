"""Rows of the tables of people: one of each as it should be, and what is wrong with more."""

from collections.abc import Mapping

Row = Mapping[str, object]

TIME = "2026-01-05T00:00:00Z"
LATER = "2026-01-06T00:00:00Z"
TIMES: Row = {"created_at": TIME, "updated_at": TIME}
WITHIN: Row = {"organization_id": "org_1"}

GOOD: Mapping[str, Row] = {
    "users": {
        **TIMES,
        "id": "usr_1",
        "email": "asha@delhi.example",
        "name": "Asha",
        "is_operator": False,
    },
    "teams": {**WITHIN, "id": "tea_1", "name": "Support", "created_at": TIME},
    "members": {
        **WITHIN,
        **TIMES,
        "id": "mem_1",
        "user_id": "usr_1",
        "external_id": "user-1",
        "name": "Asha",
        "role": "owner",
        "team_id": "tea_1",
        "state": "active",
    },
    "sessions": {
        **WITHIN,
        "id": "ses_1",
        "token_hash": b"1",
        "user_id": "usr_1",
        "created_at": TIME,
        "seen_at": TIME,
        "expires_at": LATER,
    },
    "invitations": {
        **WITHIN,
        "id": "ivt_1",
        "token_hash": b"1",
        "email": "ravi@delhi.example",
        "name": "Ravi",
        "role": "member",
        "invited_by": "usr_1",
        "created_at": TIME,
        "expires_at": LATER,
    },
    "sign_in_links": {
        "token_hash": b"1",
        "user_id": "usr_1",
        "may_rename": False,
        "created_at": TIME,
        "expires_at": LATER,
    },
    "identities": {
        "issuer": "https://id.example",
        "subject": "1",
        "user_id": "usr_1",
        "created_at": TIME,
    },
    "sign_in_attempts": {"subject": "address 192.0.2.1", "paid_until": TIME},
}

OTHER_MEMBER: Row = {"id": "mem_2", "user_id": None, "external_id": None}
OTHER_SESSION: Row = {"id": "ses_2", "token_hash": b"2"}
OTHER_INVITATION: Row = {"id": "ivt_2", "token_hash": b"2", "email": "zoya@delhi.example"}

PLANTED: list[tuple[str, str, Row]] = [
    ("users_email", "users", {"id": "usr_2"}),
    ("users_email_form", "users", {"id": "usr_2", "email": "Asha@delhi.example"}),
    ("users_email_form", "users", {"id": "usr_2", "email": "@delhi.example"}),
    ("teams_name", "teams", {"id": "tea_2"}),
    ("members_user", "members", {"id": "mem_2", "external_id": "user-2"}),
    ("members_external_id", "members", {"id": "mem_2", "user_id": None}),
    ("members_external_id_form", "members", {**OTHER_MEMBER, "external_id": "mem_3"}),
    ("members_role", "members", {**OTHER_MEMBER, "role": "king"}),
    ("members_state", "members", {**OTHER_MEMBER, "state": "lost"}),
    ("sessions_token", "sessions", {"id": "ses_2"}),
    ("sessions_times", "sessions", {**OTHER_SESSION, "expires_at": TIME}),
    ("sessions_times", "sessions", {**OTHER_SESSION, "seen_at": "2026-01-04T00:00:00Z"}),
    ("invitations_token", "invitations", {"id": "ivt_2", "email": "zoya@delhi.example"}),
    ("invitations_email_form", "invitations", {**OTHER_INVITATION, "email": "nobody"}),
    ("invitations_role", "invitations", {**OTHER_INVITATION, "role": "king"}),
    (
        "invitations_ended_once",
        "invitations",
        {**OTHER_INVITATION, "accepted_at": TIME, "revoked_at": TIME},
    ),
    ("invitations_times", "invitations", {**OTHER_INVITATION, "expires_at": TIME}),
    (
        "invitations_one_open",
        "invitations",
        {**OTHER_INVITATION, "email": "ravi@delhi.example"},
    ),
    ("identities_pkey", "identities", {}),
    ("sign_in_links_times", "sign_in_links", {"token_hash": b"2", "expires_at": TIME}),
]
