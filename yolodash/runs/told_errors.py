"""Errors of another process, through a file and back, so that a page can say them in its language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yolodash.errors import DeviceError, YoloDashError


def error_record(error: YoloDashError) -> dict[str, Any]:
    """An error as JSON."""
    return {"what": error.what, "fix": error.fix, "where": error.where, "values": error.values}


def error_from(record: Mapping[str, Any]) -> YoloDashError:
    """The error again, by its texts; of whatever kind it was."""
    values = record.get("values")
    named = {str(name): value for name, value in values.items()} if isinstance(values, Mapping) else {}
    error = DeviceError(str(record.get("what", "")), fix=str(record.get("fix", "")), where=record.get("where", ""))
    error.values = named
    return error
