"""How much of the server each role may take at a time.

In ``.streamlit/secrets.toml``, where others than these defaults are wanted; ``inf`` takes a limit away::

    [limits.visitor]
    megapixels = 30        # the largest picture
    pictures = 200         # kept for one browser
    network_size = 832     # the largest input of a network, in pixels; a model's own size is always open

    [limits.annotator]
    video_seconds = 1200   # of a video, looked at in one go

Below them lie the bounds that hold for everyone (``data.limits``, ``data.uploads``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from yolodash.errors import N_, ImageError, VideoError, WorkspaceError
from yolodash.serving import settings
from yolodash.serving.roles import Role


@dataclass(frozen=True)
class Allowance:
    """The limits of a role; infinite where it has none of its own.

    Attributes:
        role: whose they are.
        megapixels: of one picture.
        pictures: that are kept for one browser.
        network_size: the largest side of a network's input that one may choose, in pixels.
        video_seconds: of a video, in one go.
    """

    role: Role
    megapixels: float = math.inf
    pictures: float = math.inf
    network_size: float = math.inf
    video_seconds: float = math.inf

    def check_picture(self, name: str, megapixels: float) -> None:
        """Refuse a picture that is larger than this role may bring.

        Raises:
            ImageError: it is.
        """
        if megapixels > self.megapixels:
            raise ImageError(
                N_("This picture has {megapixels} megapixels; the role '{role}' may bring up to {limit}"),
                where=name,
                fix=N_("make it smaller, sign in with a higher role, or ask whoever runs this server"),
                megapixels=f"{megapixels:.3g}",
                role=self.role.word,
                limit=f"{self.megapixels:g}",
            )

    def check_count(self, name: str, kept: int) -> None:
        """Refuse one picture more than this role may keep.

        Raises:
            ImageError: as many are there.
        """
        if kept >= self.pictures:
            raise ImageError(
                N_("The role '{role}' may keep up to {limit} pictures, and as many are here"),
                where=name,
                fix=N_("delete uploads that are no longer needed, or sign in with a higher role"),
                role=self.role.word,
                limit=f"{self.pictures:g}",
            )

    def check_video(self, name: str, seconds: float) -> None:
        """Refuse a longer part of a video than this role may have looked at in one go.

        Raises:
            VideoError: it is longer.
        """
        if seconds > self.video_seconds:
            raise VideoError(
                N_("This is {seconds} s of video; the role '{role}' may have up to {limit} s looked at in one go"),
                where=name,
                fix=N_("choose a shorter part by its start and end, or sign in with a higher role"),
                seconds=math.ceil(seconds),
                role=self.role.word,
                limit=f"{self.video_seconds:g}",
            )


USUAL = {
    Role.VISITOR: Allowance(Role.VISITOR, megapixels=30, pictures=200, network_size=832, video_seconds=60),
    Role.ANNOTATOR: Allowance(Role.ANNOTATOR, video_seconds=1200),
    Role.TRAINER: Allowance(Role.TRAINER),
}
"""Without a word of the owner's."""


def allowance(role: Role) -> Allowance:
    """The limits of a role, as the owner set them.

    Raises:
        WorkspaceError: what the owner wrote cannot be read.
    """
    return allowed(role, settings.table("limits"))


def allowed(role: Role, written: Mapping[str, Any]) -> Allowance:
    """The usual limits with those of a table in their place.

    Args:
        written: limits by their names, by the role's name.

    Raises:
        WorkspaceError: one of them has no such name, or is no positive number.
    """
    own = written.get(role.word, {})
    names = [field.name for field in fields(Allowance) if field.name != "role"]
    for name, value in own.items() if isinstance(own, dict) else [(role.word, own)]:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if name not in names or not number or not value > 0:
            raise WorkspaceError(
                N_("The server's limit '{name}' cannot be used"),
                where=f"{settings.SECRETS.name}: limits.{role.word}",
                fix=N_("the limits are {known}, each a number above 0"),
                name=name,
                known=", ".join(names),
            )
    return replace(USUAL[role], **own)
