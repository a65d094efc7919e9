"""For tests that drive a real browser: a fresh server a test, Chromium, and a watch over its console."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

REPOSITORY = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera that shows a clock; a test says whether its page may use it
]
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
START_SECONDS = 60
expect.set_options(timeout=30_000)  # generous: two slow cores run server, browser and tests


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, one for all tests; a test opens pages of its own."""
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Error as error:
            reason = f"no Chromium to drive: {str(error).splitlines()[0]}"
            if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
                pytest.fail(f"missing in CI: {reason}")
            pytest.skip(reason)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """``open_page(url, **context)``: a page in a context of its own; whatever its console complains of is a failure.

    ``known`` is the one error that a test may say it knows of and does not mean.
    """
    complaints: list[str] = []
    contexts = []

    def open_(url: str, *, known: str = "", **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, "locale": "en-GB", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)

        def complain(text: str) -> None:
            if not known or known not in text:
                complaints.append(text)

        page.on("console", lambda line: complain(told(line)) if is_complaint(line) else None)
        page.on("pageerror", lambda error: complain(str(error)))
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def told(line: ConsoleMessage) -> str:
    """What the console said, and of which address."""
    return f"{line.text} {line.location.get('url', '')}"


def is_complaint(line: ConsoleMessage) -> bool:
    """Whether the console says that something is wrong.

    Two things are not: below a deep link Streamlit's own probes miss at first; and a picture that the next one replaces
    while it is still being fetched is no longer there.
    """
    return line.type == "error" and not any(part in told(line) for part in ("/_stcore/", "/media/"))


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """``start_app(script)``: a fresh server for a script's text or path, on a free port; gives its address."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(script: str | Path) -> str:
        path = script if isinstance(script, Path) else tmp_path / "script.py"
        if isinstance(script, str):
            path.write_text(script, encoding="utf-8")
        port = free_port()
        log = tmp_path / "server.log"
        with log.open("wb") as stream:
            servers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "streamlit", "run", str(path), f"--server.port={port}", *OPTIONS],
                    cwd=REPOSITORY if isinstance(script, Path) else tmp_path,
                    env={**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}"},
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                )
            )
        wait_until_healthy(port, servers[-1], log)
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


OPTIONS = (
    "--server.headless=true",
    "--server.address=127.0.0.1",
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
    "--server.showEmailPrompt=false",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
