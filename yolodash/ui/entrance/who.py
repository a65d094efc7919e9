"""Who is looking at this page, and what they may."""

from __future__ import annotations

import time
from collections.abc import Collection

import streamlit as st

from yolodash.errors import N_, InputError, YoloDashError
from yolodash.serving import allowances, doors, grants, identity, settings
from yolodash.serving.allowances import Allowance
from yolodash.serving.doors import Door, Way
from yolodash.serving.roles import Role, highest, needed_for
from yolodash.ui import session
from yolodash.ui.i18n import _

_DOOR = "entrance_door"
_SECONDS = 1.0


def door() -> Door:
    """How who asks for this page comes in; looked up once for all parts of a run, which takes less than a second.

    Raises:
        WorkspaceError: what says who may what cannot be read.
    """
    looked, found = st.session_state.get(_DOOR, (-_SECONDS, None))
    if not isinstance(found, Door) or time.monotonic() - looked >= _SECONDS:
        found = doors.door(st.get_option("server.address"), st.context.headers.to_dict())
        st.session_state[_DOOR] = (time.monotonic(), found)
    return found


def role() -> Role | None:
    """The role of who looks; None: has to show something first, or may nothing here.

    Raises:
        WorkspaceError: what says who may what cannot be read.
    """
    found = door()
    shown = None
    if found.way is Way.PASSWORD:
        shown = grants.granted(session.token())
    elif found.way is Way.IDENTITY and vouched_for():
        shown = identity.role_of(st.user.to_dict(), settings.table("access"))
    roles = [known for known in (shown, found.unasked) if known is not None]
    return min(max(roles), highest()) if roles else None


def vouched_for() -> bool:
    """Whether the provider of identities says who this is."""
    return getattr(st.user, "is_logged_in", False) is True


def shut() -> bool:
    """Whether nobody comes in at all: nothing says who may what, or what does cannot be read."""
    try:
        return door().way is Way.CLOSED
    except YoloDashError:
        return True


def may(needed: Role) -> bool:
    """Whether who looks has at least this role."""
    found = role()
    return found is not None and found >= needed


def allowance() -> Allowance:
    """How much who looks may take at a time.

    Raises:
        WorkspaceError: what says so cannot be read.
    """
    return allowances.allowance(role() or Role.VISITOR)


def require(needed: Role) -> None:
    """Refuse what this role may not do.

    Raises:
        InputError: who looks has no such role.
    """
    if not may(needed):
        raise InputError(
            N_("This server lets nobody below the role '{role}' do this"),
            fix=N_("sign in with its password, or ask whoever runs this server"),
            role=needed.word,
        )


def require_known(data: str, known: Collection[str]) -> None:
    """Refuse a path to who is no trainer: by it one reads any folder of the server.

    Args:
        data: a name in the workspace or a path.
        known: the names that there are.

    Raises:
        InputError: it is none of them, and who looks is no trainer.
    """
    if data not in known:
        require(Role.TRAINER)


def told_if_closed(page: str) -> str | None:
    """For whom a page is, where that is not who looks; None where it opens.

    Args:
        page: its file's stem.
    """
    needed = needed_for(page)
    return None if may(needed) else _("for the role {role}").format(role=name_of(needed))


def name_of(which: Role) -> str:
    """A role in the page's language."""
    return {Role.VISITOR: _("visitor"), Role.ANNOTATOR: _("annotator"), Role.TRAINER: _("trainer")}[which]
