"""Everything that can go wrong, as one family: each error says what is wrong, where, and what to do.

    YoloDashError
    ├── InputError              something that the user gave cannot be used
    │   ├── ImageError          a picture that is none, or is broken or too large
    │   ├── VideoError          a video that is none, or of which nothing can be decoded
    │   ├── ModelFileError      a model file that cannot be read or is of another kind
    │   ├── DatasetError        labels, splits or archives
    │   └── OptionError         an option with a value that makes no sense
    ├── DownloadError           a file that could not be fetched
    ├── WorkspaceError          the disk: full, read-only, a name taken
    └── DeviceError             a device or engine that is missing, busy or out of memory

Texts are gettext message ids with ``{placeholders}``; their values are given beside them, so that the page can
translate the sentence and the command line can print it as it is. What is worth telling and no error is a ``Note``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Number
from typing import Any


def N_(message: str) -> str:  # noqa: N802 - gettext's name
    """Mark a text for translation and give it back unchanged (gettext's usual name for this)."""
    return message


@dataclass(frozen=True)
class Note:
    """One sentence that is no error: a gettext message id and what its placeholders stand for."""

    text: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in English."""
        return self.text.format(**self.values)


class YoloDashError(Exception):
    """Something went wrong that a sentence can explain.

    Args:
        what: what is wrong, a whole sentence without its full stop; may hold ``{placeholders}``.
        fix: what to do about it, likewise.
        where: the file, line or option; shown as it is, never translated.
        values: what the placeholders of ``what`` and ``fix`` stand for.
    """

    def __init__(self, what: str, *, fix: str, where: object = "", **values: object) -> None:
        self.what = what
        self.fix = fix
        self.where = one_line(str(where))
        self.values = {
            name: value if isinstance(value, Number) else one_line(str(value)) for name, value in values.items()
        }
        super().__init__(what)

    def __reduce__(self) -> tuple[Any, ...]:
        """How to send the error to another process; the usual way forgets what is given by keyword."""
        return _again, (type(self), self.what, self.fix, self.where, self.values)

    def __str__(self) -> str:
        """``WHAT — WHERE — WHAT TO DO``, on one line."""
        parts = (self.what.format(**self.values), self.where, self.fix.format(**self.values))
        return " — ".join(part for part in parts if part)


class InputError(YoloDashError):
    """Something that the user gave cannot be used."""


class ImageError(InputError):
    """A picture that is none, or is broken or too large."""


class VideoError(InputError):
    """A video that is none, is a list of other files, or of which nothing can be decoded."""


class ModelFileError(InputError):
    """A model file that cannot be read or is of another kind than its name says."""


class DatasetError(InputError):
    """Labels, splits or archives that cannot be used."""


class OptionError(InputError):
    """An option with a value that makes no sense."""


class DownloadError(YoloDashError):
    """A file that could not be fetched, or is not the one that was asked for."""


class WorkspaceError(YoloDashError):
    """The disk: full, read-only, a name taken, another's lock."""


class DeviceError(YoloDashError):
    """A device or engine that is missing, busy or out of memory."""


def _again(kind: type[YoloDashError], what: str, fix: str, where: str, values: dict[str, Any]) -> YoloDashError:
    return kind(what, fix=fix, where=where, **values)


def one_line(text: str, limit: int = 200) -> str:
    """A text from outside, made fit to stand inside a sentence: control characters escaped, long ones cut."""
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return escaped if len(escaped) <= limit else escaped[: limit - 1] + "…"
