"""What becomes of the server when things go wrong: each fault made for real, on this machine, and what then happened.

    python -m benchmarks.faults

Starts the app on a free port of 127.0.0.1 with an empty workspace; a table is printed. Some two minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.FileUploader_pb2 import FileUploader
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection

from benchmarks.without_browser import Server, Visitor, joined, start
from yolodash.data.uploads import list_uploads, new_token, save_upload, upload_path
from yolodash.errors import YoloDashError

IDLE = 1000
BOMBS = 10


def reloads(server: Server, times: int = 5) -> str:
    """How long a page takes now."""

    async def opened() -> list[float]:
        found = []
        for _ in range(times):
            async with joined(server.port) as tab:
                shown = await Visitor(tab).open("learn_convolution")
                assert not shown.errors, shown.errors
                found.append(shown.seconds)
        return found

    found = sorted(asyncio.run(opened()))
    return f"a page takes {1000 * found[len(found) // 2]:.0f} ms (most {1000 * found[-1]:.0f})"


def killed(server: Server) -> str:
    """kill -9 with a tab in the middle of a page, and a start on the same port."""
    token, picture = new_token(), bomb(64)
    kept = save_upload(token, "kept.png", picture)

    async def tabs() -> float:
        async with joined(server.port) as tab:
            await Visitor(tab).open("learn_pixels")
            server.process.kill()
            server.process.wait()
        begin = time.monotonic()
        server.process = start(server.home, server.port).process
        return time.monotonic() - begin

    seconds = asyncio.run(tabs())
    same = [upload.id for upload in list_uploads(token)] == [kept.id]
    whole = upload_path(token, kept.id).read_bytes() == picture
    state = "there, whole" if same and whole else "LOST"
    return f"answers again after {seconds:.1f} s; the upload is {state}; {reloads(server)}"


def idle(server: Server) -> str:
    """A thousand connections that say nothing."""
    before = server.resident()

    async def held() -> tuple[int, str, int]:
        waiting = await asyncio.gather(*(joined(server.port) for _ in range(IDLE)), return_exceptions=True)
        tabs = [tab for tab in waiting if not isinstance(tab, BaseException)]
        async with joined(server.port) as one:
            shown = await Visitor(one).open("learn_convolution")
        resident = server.resident()
        await asyncio.gather(*(tab.close() for tab in tabs))
        return len(tabs), f"a page takes {1000 * shown.seconds:.0f} ms", resident

    count, page, resident = asyncio.run(held())
    memory = f"memory {before / 1e6:.0f} → {resident / 1e6:.0f} MB"
    return f"{count} were accepted; {page} beside them; {memory}; after it {reloads(server)}"


def slow_upload(server: Server) -> str:
    """Twenty clients that upload at 1 kB a second."""

    async def all_at_once() -> str:
        sockets = []
        tabs = [await joined(server.port) for _ in range(20)]
        cookie = xsrf(server)
        for tab in tabs:
            visitor = Visitor(tab)
            await visitor.open("learn_pixels")
            place = (await place_for(visitor, tab)).upload_url
            connection = socket.create_connection(("127.0.0.1", server.port))
            head = (
                f"PUT {place} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: _streamlit_xsrf={cookie}\r\n"
                f"X-Xsrftoken: {cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                "Content-Length: 1000000\r\n\r\n"
                '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
            )
            connection.sendall(head.encode())
            sockets.append(connection)
        for _ in range(10):
            for connection in sockets:
                connection.sendall(b"x" * 1000)
            await asyncio.sleep(1)
        async with joined(server.port) as one:
            shown = await Visitor(one).open("learn_convolution")
        for connection in sockets:
            connection.close()
        for tab in tabs:
            await tab.close()
        return f"20 uploads at 1 kB/s for 10 s; beside them a page takes {1000 * shown.seconds:.0f} ms"

    return asyncio.run(all_at_once())


def xsrf(server: Server) -> str:
    """The token that the server's cookie gives to every browser."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/_stcore/health") as answer:
        cookies = answer.headers.get_all("Set-Cookie") or []
    return next(c.partition("=")[2].partition(";")[0] for c in cookies if c.startswith("_streamlit_xsrf="))


async def place_for(visitor: Visitor, tab: ClientConnection) -> FileURLs:
    """Where this tab may put a file."""
    message = BackMsg()
    message.file_urls_request.request_id = "1"
    message.file_urls_request.file_names.append("a.png")
    message.file_urls_request.session_id = visitor.session
    await tab.send(message.SerializeToString())
    while True:
        received = ForwardMsg.FromString(bytes(await tab.recv()))  # type: ignore[arg-type]
        if received.WhichOneof("type") == "file_urls_response":
            return received.file_urls_response.file_urls[0]


async def upload(server: Server, data: bytes) -> list[str]:
    """Give a picture to the page Detect as a browser does; gives what the page says went wrong."""
    async with joined(server.port) as tab:
        visitor = Visitor(tab)
        shown = await visitor.open("detect_image")
        widget = next(widget for widget in shown.widgets if isinstance(widget, FileUploader))
        place, cookie = await place_for(visitor, tab), xsrf(server)
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + data + b"\r\n--x--\r\n"
        headers = {
            "Cookie": f"_streamlit_xsrf={cookie}",
            "X-Xsrftoken": cookie,
            "Content-Type": "multipart/form-data; boundary=x",
        }
        address = f"http://127.0.0.1:{server.port}{place.upload_url}"
        request = urllib.request.Request(address, body, headers, method="PUT")
        with await asyncio.to_thread(urllib.request.urlopen, request, timeout=60):
            pass
        state = WidgetState(id=widget.id)
        state.file_uploader_state_value.uploaded_file_info.add(
            file_id=place.file_id, name="a.png", size=len(data), file_urls=place
        )
        return (await visitor.set(state)).errors


def bomb(side: int) -> bytes:
    """A PNG of so many pixels a side, all black: 60,000² are 450 kB that ask for 3.6 GB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    packer, row = zlib.compressobj(9), bytes(1 + (side + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bombs(server: Server) -> str:
    """A decompression bomb every second, each opened on the page Detect."""
    packed = bomb(60_000)
    before, longest, sentences = server.resident(), 0.0, 0
    for _ in range(BOMBS):
        begin = time.monotonic()
        sentences += any("megapixels" in error for error in asyncio.run(upload(server, packed)))
        longest = max(longest, time.monotonic() - begin)
        time.sleep(max(0.0, 1 - (time.monotonic() - begin)))
    grown = server.resident() - before
    return (
        f"{sentences} of {BOMBS} bombs of {len(packed) // 1000} kB ended in a sentence, the slowest after "
        f"{1000 * longest:.0f} ms with the upload; the server grew by {grown / 1e6:.0f} MB; {reloads(server)}"
    )


def corrupt(server: Server) -> str:
    """Garbage in every file that the server reads of itself, and files where folders should be."""
    for name in ("status.json", "metrics.prom"):
        (server.home / name).write_bytes(b"\xff\x00{")
    (server.home / "sessions" / "0").write_bytes(b"no folder")
    (server.home / "devices" / "cpu.queue").mkdir(exist_ok=True)
    (server.home / "devices" / "cpu.queue" / "x.ticket").write_bytes(b"{")
    (server.home / "devices" / "cpu.queue" / "turns.json").write_bytes(b"[]")
    broken = server.home / "runs" / "broken"
    broken.mkdir(parents=True, exist_ok=True)
    for name in ("run.json", "state.json", "metrics.jsonl"):
        (broken / name).write_bytes(b"\x00{[")
    (server.home / "datasets" / "broken").mkdir(parents=True, exist_ok=True)
    (server.home / "datasets" / "broken" / "classes.json").write_bytes(b"[[[")
    (server.home / "models" / "broken.pt").parent.mkdir(exist_ok=True)
    (server.home / "models" / "broken.pt").write_bytes(b"PK")
    pages = ("", "detect_image", "runs", "train", "compare", "evaluate", "models", "status")

    async def opened() -> dict[str, list[str]]:
        found = {}
        for page in pages:
            async with joined(server.port) as tab:
                found[page or "home"] = (await Visitor(tab).open(page)).errors
        return found

    errors = {page: found for page, found in asyncio.run(opened()).items() if found}
    shutil.rmtree(broken)
    return f"{len(pages) - len(errors)} of {len(pages)} pages open as ever; the others say: {errors or 'nothing'}"


def full(server: Server) -> str:
    """A disk with no room: an upload is refused with a sentence and leaves nothing behind."""
    from yolodash.data import room

    least, room.LEAST_FREE = room.LEAST_FREE, 2**62
    token = new_token()
    try:
        save_upload(token, "a.png", bomb(8))
    except YoloDashError as error:
        return f"refused: {error}; {len(list_uploads(token))} files are left; {reloads(server)}"
    finally:
        room.LEAST_FREE = least
    return "ACCEPTED"


def two_servers(server: Server) -> str:
    """A second server on the same workspace."""
    other = start(server.home)
    try:
        first, second = reloads(server), reloads(other)
        time.sleep(6)
        whole = json.loads((server.home / "status.json").read_text(encoding="utf-8"))
        return f"{first}; on the other {second}; the status stays readable ({len(whole)} entries)"
    finally:
        other.process.terminate()
        other.process.wait(timeout=20)


FAULTS: tuple[Callable[[Server], str], ...] = (killed, idle, slow_upload, bombs, full, two_servers, corrupt)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["YOLODASH_HOME"] = folder
        server = start(Path(folder))
        try:
            print(f"before: {reloads(server)}")
            for fault in FAULTS:
                about = (fault.__doc__ or "").rstrip(".")
                print(f"{about}: {fault(server)}; answers: {server.healthy()}", flush=True)
        finally:
            server.process.terminate()
            server.process.wait(timeout=20)


if __name__ == "__main__":
    main()
