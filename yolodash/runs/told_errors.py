"""Errors of another process, through a file and back, so that a page can say them in its language."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from string import Formatter
from typing import Any

from yolodash.errors import N_, DeviceError, YoloDashError


def error_record(error: YoloDashError) -> dict[str, Any]:
    """An error as JSON: its texts as they are before translation, and what their placeholders stand for."""
    values = {name: _as_json(value) for name, value in error.values.items()}
    return {"what": error.what, "fix": error.fix, "where": error.where, "values": values}


def error_from(record: Mapping[str, Any]) -> YoloDashError:
    """The error again, by its texts; of whatever kind it was. Texts that lack a value are said as they stand."""
    values = record.get("values")
    named = {str(name): value for name, value in values.items()} if isinstance(values, Mapping) else {}
    texts = [str(record.get(name) or "") for name in ("what", "fix")]
    what, fix = texts if all(_fits(text, named) for text in texts) else [_literal(text) for text in texts]
    error = DeviceError(what, fix=fix, where=record.get("where") or "")
    error.values = named
    return error


def unforeseen(error: BaseException) -> YoloDashError:
    """An error for what nobody foresaw in a worker."""
    return DeviceError(
        N_("Something went wrong that was not foreseen: {reason}"),
        fix=N_("read the log of the run, then start it again"),
        reason=f"{type(error).__name__}: {error}",
    )


def _as_json(value: object) -> int | float | str:
    """Numbers of NumPy and torch become Python's; others are texts already."""
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)


def _fits(text: str, values: Mapping[str, Any]) -> bool:
    """Whether a text has plain placeholders only, each with a value: what another width or attribute asks for, no one
    of ours wrote.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return False
    return all(name is None or (name in values and not form and not kind) for _, name, form, kind in parts)


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
