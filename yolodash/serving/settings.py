"""What the server's owner wrote down: environment variables, and ``.streamlit/secrets.toml`` beside ``app.py``."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from yolodash.data.limits import is_on
from yolodash.errors import N_, WorkspaceError

SECRETS = Path(".streamlit") / "secrets.toml"
OPEN = "YOLODASH_OPEN"


def open_to_all() -> bool:
    """Whether the owner said in so many words that everyone who reaches the server may do everything."""
    return is_on(os.environ.get(OPEN))


def secrets() -> dict[str, Any]:
    """The secrets file's tables; none where there is no file.

    Raises:
        WorkspaceError: it is there and cannot be read; then nobody is let in.
    """
    try:
        return tomllib.loads(SECRETS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise WorkspaceError(
            N_("The server's secrets cannot be read, so nobody is let in"),
            where=SECRETS.name,
            fix=N_("correct the file on the server, then reload"),
        ) from error


def table(name: str) -> dict[str, Any]:
    """One table of the secrets; empty where it is missing.

    Raises:
        WorkspaceError: the file cannot be read.
    """
    found = secrets().get(name)
    return found if isinstance(found, dict) else {}
