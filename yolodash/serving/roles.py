"""Three roles, and which pages each of them opens."""

from __future__ import annotations

from enum import IntEnum

from yolodash.data.limits import demo
from yolodash.errors import N_, OptionError


class Role(IntEnum):
    """Who somebody is; a higher role may all that the lower ones may.

    A visitor learns and detects, in a session of their own. An annotator works on data sets, and evaluates. A trainer
    starts runs, brings and deletes models, and sees the server's status.
    """

    VISITOR = 1
    ANNOTATOR = 2
    TRAINER = 3

    @property
    def word(self) -> str:
        """The role as it stands in files and on the command line."""
        return self.name.lower()


_VISITOR_PAGES = frozenset({"", "home", "reasoning", "detect_image", "models"})
_ANNOTATOR_PAGES = frozenset({"datasets", "annotate", "augment", "evaluate", "detect_video"})


def role_called(word: str) -> Role:
    """The role of a name.

    Raises:
        OptionError: there is none of this name.
    """
    for role in Role:
        if role.word == word:
            return role
    known = ", ".join(role.word for role in Role)
    raise OptionError(N_("There is no role '{role}'"), fix=N_("use one of these: {known}"), role=word, known=known)


def needed_for(page: str) -> Role:
    """The lowest role that opens a page; one that nobody thought of is the trainer's.

    Args:
        page: its name in the address; empty for Home.
    """
    if page in _VISITOR_PAGES or page.startswith("learn_"):
        return Role.VISITOR
    return Role.ANNOTATOR if page in _ANNOTATOR_PAGES else Role.TRAINER


def highest() -> Role:
    """The most that anybody may be on this server: in demo mode everyone is a visitor."""
    return Role.VISITOR if demo() else Role.TRAINER
