"""A Streamlit client without a browser: the protocol of the page's own websocket, and a server on loopback to speak to.

A thousand of these take less than one Chromium. Nothing here leaves this machine: the address is always 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

REPOSITORY = Path(__file__).parents[1]
LARGEST_MESSAGE = 64 * 2**20


@dataclass
class Server:
    """A server that we started: its process, port and workspace."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path

    def resident(self) -> int:
        """Bytes of memory that it takes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def processor(self) -> float:
        """Seconds of processor that it has used, all threads together."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def healthy(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=5):
                return True
        except OSError:
            return False


def start(home: Path, port: int | None = None, **environment: str) -> Server:
    """The app on a free port of 127.0.0.1; returns when it answers."""
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
    words = ["-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    process = subprocess.Popen(
        [sys.executable, *words, "--server.address=127.0.0.1"],
        cwd=REPOSITORY,
        env={**os.environ, "YOLODASH_HOME": str(home), **environment},
        stdout=subprocess.DEVNULL,
    )
    server = Server(process, port, home)
    end = time.monotonic() + 60
    while not server.healthy():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("the server did not start")
        time.sleep(0.1)
    return server


@contextmanager
def served(home: Path, **environment: str) -> Iterator[Server]:
    """A server for the length of the block."""
    server = start(home, **environment)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(timeout=20)


@dataclass
class Shown:
    """What a run of a page brought.

    Attributes:
        seconds: from the question to the last message.
        errors: what the page says went wrong.
        widgets: the sliders and rows of choices on it.
        texts: its Markdown.
    """

    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)
    widgets: list[object] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


class Visitor:
    """One tab: opens pages and moves what is on them."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._pages: dict[str, str] = {}
        self._states: dict[str, WidgetState] = {}
        self._page = ""
        self.session = ""

    async def open(self, page: str = "", query: str = "") -> Shown:
        """Go to a page by its address."""
        self._states.clear()
        message = BackMsg()
        message.rerun_script.query_string = query
        if page in self._pages:
            message.rerun_script.page_script_hash = self._pages[page]
        else:
            message.rerun_script.page_name = page
        self._page = page
        return await self._answer(message)

    async def set(self, state: WidgetState) -> Shown:
        """Give a widget a value."""
        self._states[state.id] = state
        return await self.again()

    async def again(self) -> Shown:
        """Run the page once more."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self._pages.get(self._page, "")
        message.rerun_script.widget_states.widgets.extend(self._states.values())
        return await self._answer(message)

    async def _answer(self, message: BackMsg) -> Shown:
        start = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        shown, began = Shown(), False
        while True:
            received = ForwardMsg.FromString(bytes(await asyncio.wait_for(self._socket.recv(), 120)))  # type: ignore[arg-type]
            kind = received.WhichOneof("type")
            if kind == "new_session":
                began, self.session = True, received.new_session.initialize.session_id or self.session
                shown = Shown()  # a run that was begun anew by st.rerun counts from the first question on
            elif kind == "navigation":
                self._pages = {page.url_pathname: page.page_script_hash for page in received.navigation.app_pages}
            elif kind == "delta":
                _take(received, shown)
            elif kind == "script_finished" and began and received.script_finished == received.FINISHED_SUCCESSFULLY:
                shown.seconds = time.perf_counter() - start
                return shown


def _take(message: ForwardMsg, shown: Shown) -> None:
    """Note what matters of a new element."""
    if message.delta.WhichOneof("type") != "new_element":
        return
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "exception":
        shown.errors.append(element.exception.message)
    elif kind == "alert" and element.alert.format == element.alert.ERROR:
        shown.errors.append(element.alert.body)
    elif kind in ("slider", "button_group", "file_uploader"):
        shown.widgets.append(getattr(element, kind))
    elif kind == "markdown":
        shown.texts.append(element.markdown.body)


def address(port: int) -> str:
    """The websocket of a server on this machine."""
    return f"ws://127.0.0.1:{port}/_stcore/stream"


def joined(port: int) -> connect:
    """A connection to a server on this machine, as a browser makes it."""
    return connect(
        address(port), origin=f"http://127.0.0.1:{port}", subprotocols=["streamlit"], max_size=LARGEST_MESSAGE
    )
