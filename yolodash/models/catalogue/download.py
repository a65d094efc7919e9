"""Fetch one file over HTTP so that it is either there whole and right, or not there at all.

What has come lies in ``.NAME.part`` beside its place; the next try asks for the rest. The file gets its name only
after its size and, where one is known, its SHA-256 were found right.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from yolodash import __version__, workspace
from yolodash.errors import N_, DownloadError
from yolodash.models.catalogue.records import Progress
from yolodash.models.catalogue.store import sha256_of

CHUNK = 256 * 1024
TRIES = 3
REDIRECTS = 5
AGAIN = N_("try again: it goes on where it stopped")


@dataclass(frozen=True)
class Expected:
    """What the file must be.

    Attributes:
        sizes: in bytes, one of these.
        sha256: one of these hashes; with none known, the size alone decides.
    """

    sizes: tuple[int, ...]
    sha256: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server: seconds to connect, seconds of silence, and the slowest pace worth waiting for.

    A server that keeps sending, but fewer than ``bytes`` in ``window`` seconds, is given up too.
    """

    connect: float = 8.0
    silence: float = 20.0
    window: float = 60.0
    bytes: int = 64 * 1024


class _Cut(Exception):  # noqa: N818 - not an error that leaves this module
    """The connection ended before the file did."""


def download(
    url: str,
    destination: Path,
    expected: Expected,
    *,
    progress: Progress | None = None,
    session: requests.Session | None = None,
    patience: Patience | None = None,
) -> str:
    """Fetch ``url`` to ``destination``; a cut connection is taken up again, here and on the next call.

    Returns:
        the SHA-256 of the file.

    Raises:
        DownloadError: with a sentence for each way in which that can fail.
        WorkspaceError: the disk is full or read-only.
    """
    refuse_other_schemes(url)
    workspace.make_folder(destination.parent)
    part = destination.with_name(f".{destination.name}.part")
    with workspace.locked(destination.with_name(f".{destination.name}.lock"), wait=False) as ours:
        if not ours:
            raise _error(N_("This file is being fetched already"), url, N_("wait until it is there"))
        if not expected.sha256:
            part.unlink(missing_ok=True)  # nothing could tell whether two halves belong together
        with contextlib.nullcontext(session) if session else polite_session() as client:
            _fetch(client, url, part, expected, progress or _silent, patience or Patience())
        found = _checked(url, part, expected)
        os.replace(part, destination)
        workspace.flush_folder(destination.parent)
    return found


def refuse_other_schemes(url: str) -> None:
    """Only http and https are followed."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise _error(N_("This address is neither http nor https"), url, N_("use another source"))


def polite_session() -> requests.Session:
    """A session that says who asks: some publishers refuse the default name of an HTTP library."""
    session = requests.Session()
    session.max_redirects = REDIRECTS
    session.headers.update({"User-Agent": f"YoloDash/{__version__}", "Accept-Encoding": "identity"})
    return session


def _silent(received: int, total: int | None) -> None:
    """No progress to show."""


def _fetch(
    client: requests.Session, url: str, part: Path, expected: Expected, progress: Progress, patience: Patience
) -> None:
    """Ask until the part is complete; a try that brings nothing new is the last."""
    for attempt in range(TRIES):
        before = _size(part)
        if before in expected.sizes and expected.sha256:
            return
        try:
            with _answer(client, url, before, patience) as response:
                _receive(response, url, part, expected, progress, patience)
            return
        except _Cut as cut:
            if attempt == TRIES - 1 or _size(part) <= before:
                raise _error(
                    N_("The connection ended after {received} of {total} bytes"),
                    url,
                    AGAIN,
                    received=_size(part),
                    total=max(expected.sizes),
                ) from cut


@contextlib.contextmanager
def _answer(client: requests.Session, url: str, offset: int, patience: Patience) -> Iterator[requests.Response]:
    """The server's answer to a request for the bytes from ``offset`` on, its status checked."""
    headers = {"Range": f"bytes={offset}-"} if offset else {}
    with _network_sentences(url):
        response = client.get(url, headers=headers, stream=True, timeout=(patience.connect, patience.silence))
    with response:
        if url.startswith("https:") and not response.url.startswith("https:"):
            raise _error(N_("The server leads from https to plain http"), url, N_("use another source"))
        _refuse_status(response, url)
        yield response


@contextlib.contextmanager
def _network_sentences(url: str) -> Iterator[None]:
    """What went wrong on the way, as a sentence."""
    try:
        yield
    except requests.TooManyRedirects as error:
        raise _error(N_("The server leads in circles"), url, N_("use another source")) from error
    except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL) as error:
        raise _error(N_("The server leads to an address that is not http"), url, N_("use another source")) from error
    except requests.Timeout as error:
        raise _error(N_("The server did not answer in time"), url, N_("try again later")) from error
    except requests.exceptions.SSLError as error:
        raise _error(
            N_("The server could not prove who it is (its certificate was not accepted)"),
            url,
            N_("check this computer's clock and certificates"),
        ) from error
    except requests.RequestException as error:
        raise _error(
            N_("The server could not be reached"), url, N_("check the connection to the internet, then try again")
        ) from error


_STATUS = {
    401: N_("The server asks for a password"),
    403: N_("The server refuses to give the file (403)"),
    404: N_("The file is not at this address (404)"),
    410: N_("The file is no longer at this address (410)"),
    429: N_("The server is asked too often (429)"),
}


def _refuse_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status in (200, 206, 416):
        return
    what = _STATUS.get(status, N_("The server answered with status {status}"))
    raise _error(what, url, N_("try again later, or use another source"), status=status)


def _receive(
    response: requests.Response, url: str, part: Path, expected: Expected, progress: Progress, patience: Patience
) -> None:
    """Write what comes into the part, from where the server really starts."""
    if response.status_code == 416:  # the part is longer than the file: not a part of it
        part.unlink(missing_ok=True)
        raise _error(N_("What was fetched earlier does not fit this file; it was thrown away"), url, N_("try again"))
    offset = _offset(response, _size(part))
    _refuse_size(response, url, offset, expected)
    try:
        with open(part, "r+b" if offset else "wb") as file:
            file.seek(offset)
            file.truncate()
            _copy(response, url, file, offset, expected, progress, patience)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise workspace.disk_error(error, part) from error


def _offset(response: requests.Response, wanted: int) -> int:
    """Where in the file the answer begins: 0 where the server ignored our wish for the rest."""
    if response.status_code != 206:
        return 0
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return wanted if match and int(match[1]) == wanted else _mismatched_range(response)


def _mismatched_range(response: requests.Response) -> int:
    raise _error(N_("The server sent another part of the file than was asked for"), response.url, N_("try again"))


def _refuse_size(response: requests.Response, url: str, offset: int, expected: Expected) -> None:
    """A file that is announced with another size is not fetched at all."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and offset + int(announced) not in expected.sizes:
        raise _wrong_size(url, offset + int(announced), expected)


def _copy(
    response: requests.Response,
    url: str,
    file: Any,
    received: int,
    expected: Expected,
    progress: Progress,
    patience: Patience,
) -> None:
    """From the network to the file, watching size and pace."""
    largest, window, arrived = max(expected.sizes), time.monotonic(), 0
    progress(received, largest)
    while chunk := _chunk(response):
        received += len(chunk)
        arrived += len(chunk)
        if received > largest:
            raise _wrong_size(url, received, expected)
        file.write(chunk)
        progress(received, largest)
        if time.monotonic() - window > patience.window:
            if arrived < patience.bytes:
                raise _error(N_("The server sends too slowly"), url, AGAIN)
            window, arrived = time.monotonic(), 0
    if received < min(expected.sizes) and "Content-Length" not in response.headers:
        raise _Cut


def _chunk(response: requests.Response) -> bytes:
    """What the network has now, at most ``CHUNK`` bytes; empty at the end."""
    try:
        data: bytes = response.raw.read1(CHUNK)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise _Cut from error
    return data


def _checked(url: str, part: Path, expected: Expected) -> str:
    """The hash of a complete part; a wrong part is thrown away."""
    size, found = _size(part), sha256_of(part)
    if size in expected.sizes and (found in expected.sha256 or not expected.sha256):
        return found
    part.unlink(missing_ok=True)
    if size not in expected.sizes:
        raise _wrong_size(url, size, expected)
    raise _error(
        N_("This is not the published file: its SHA-256 begins with {found}; it was thrown away"),
        url,
        N_("try again, or use another source"),
        found=found[:12],
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _wrong_size(url: str, size: int, expected: Expected) -> DownloadError:
    return _error(
        N_("This is not the published file: it has {size} bytes or more instead of {expected}"),
        url,
        N_("try again later, or use another source"),
        size=size,
        expected=expected.sizes[0],
    )


def _error(what: str, url: str, fix: str, **values: object) -> DownloadError:
    return DownloadError(what, where=without_credentials(url), fix=fix, **values)


def without_credentials(url: str) -> str:
    """An address that can be shown: no user name, no password, no query (it may hold a key)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
