"""Files that a browser's session keeps in a folder: each under the SHA-256 of its bytes.

The name that a file had on the user's machine stands only in the JSON beside it, never in a path.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from yolodash import workspace

_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Record:
    """What the JSON beside a file says.

    Attributes:
        id: SHA-256 of its bytes, in hexadecimal.
        name: what the file was called on the user's machine.
        form: its format, by content.
        size: in bytes.
        added: when it came, in seconds since 1970.
    """

    id: str
    name: str
    form: str
    size: int
    added: float


@dataclass(frozen=True)
class Drawer:
    """A folder of such files.

    Attributes:
        key: under which the JSON names the form.
        endings: of the files, by form; others are not looked at.
    """

    folder: Path
    key: str
    endings: Mapping[str, str]

    def place(self, record: Record) -> Path:
        """Where the bytes lie."""
        return self.folder / f"{record.id}{self.endings[record.form]}"

    def note(self, record: Record) -> None:
        """Say that the bytes are in their place: from now on the file is kept.

        Raises:
            WorkspaceError: the disk.
        """
        about = {"name": record.name, self.key: record.form, "size": record.size, "added": record.added}
        workspace.write_json(self.folder / f"{record.id}.json", about)

    def records(self) -> list[Record]:
        """All files, the oldest first; one that is not complete is left out."""
        os.utime(self.folder)  # a session in use is not swept
        found = (self._read(path) for path in self.folder.glob("*.json"))
        return sorted((one for one in found if one is not None), key=lambda one: (one.added, one.id))

    def find(self, wanted: str) -> Record | None:
        """One by its id, which may be anything that a browser sent; None where there is none."""
        return self._read(self.folder / f"{wanted}.json") if _ID.fullmatch(wanted) else None

    def forget(self, wanted: str) -> None:
        """Remove one; one that is not there is no error."""
        if _ID.fullmatch(wanted):
            with self.locked():
                for path in self.folder.glob(f"{wanted}.*"):
                    path.unlink(missing_ok=True)

    def sizes(self) -> dict[str, int]:
        """Bytes of every file by its id, also of one whose JSON is not there yet."""
        entries = (entry for entry in os.scandir(self.folder) if not entry.name.startswith("."))
        return {entry.name.split(".")[0]: entry.stat().st_size for entry in entries if not entry.name.endswith(".json")}

    def locked(self) -> AbstractContextManager[bool]:
        """Be the only one that changes the folder."""
        return workspace.locked(self.folder / ".lock")

    def _read(self, path: Path) -> Record | None:
        """What a JSON says; None where it or its file is missing, or not ours."""
        try:
            about = json.loads(path.read_bytes())
            form = str(about[self.key])
            record = Record(path.stem, str(about["name"]), form, int(about["size"]), float(about["added"]))
            return record if form in self.endings and self.place(record).is_file() else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
