"""Which role somebody has whom a provider of identities (OpenID Connect) vouches for.

In ``.streamlit/secrets.toml``, beside Streamlit's own table ``[auth]``::

    [access]
    trainer = ["ada@example.org", "group:staff"]
    annotator = ["group:course-2026"]
    visitor = ["@example.org"]          # everyone with an address there; "*" is everyone who can sign in
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yolodash.serving import settings
from yolodash.serving.roles import Role


def configured() -> bool:
    """Whether a provider is set up.

    Raises:
        WorkspaceError: the secrets cannot be read.
    """
    return bool(settings.table("auth"))


def role_of(claims: Mapping[str, Any], rules: Mapping[str, Any]) -> Role | None:
    """The highest role whose rule fits.

    Args:
        claims: what the provider says: ``email``, ``email_verified``, ``groups``.
        rules: a list of rules by the role's name: an address, ``@domain``, ``group:NAME`` or ``*``.
    """
    names = {"*"}
    email = claims.get("email")
    if isinstance(email, str) and "@" in email and claims.get("email_verified") is not False:
        names |= {email.lower(), "@" + email.lower().rpartition("@")[2]}
    groups = claims.get("groups")
    if isinstance(groups, list | tuple):
        names |= {f"group:{group}".lower() for group in groups}
    for role in sorted(Role, reverse=True):
        told = rules.get(role.word)
        if isinstance(told, list) and any(str(rule).lower() in names for rule in told):
            return role
    return None
