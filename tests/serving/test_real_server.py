"""One real server, spoken to as browsers and as strangers speak to it; no browser is needed."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from benchmarks.without_browser import LARGEST_MESSAGE, Server, Shown, Visitor, joined, served

Told = TypeVar("Told")


def run(speaking: Coroutine[Any, Any, Told]) -> Told:
    """Do it in a thread of its own: Playwright, which other tests drive, keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, speaking).result()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("workspace")) as running:
        yield running


async def opened(server: Server, page: str, **headers: str) -> Shown:
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    async with connect(
        address, additional_headers=headers, subprotocols=["streamlit"], max_size=LARGEST_MESSAGE
    ) as socket:
        return await Visitor(socket).open(page)


def test_a_page_comes_whole_over_a_websocket_and_is_timed(server: Server) -> None:
    async def both() -> Shown:
        async with joined(server.port) as socket:
            return await Visitor(socket).open("learn_convolution")

    shown = run(both())
    assert shown.errors == []
    assert shown.texts
    end, metrics = time.monotonic() + 30, server.home / "metrics.prom"
    while time.monotonic() < end and (not metrics.exists() or "page_seconds_count" not in metrics.read_text()):
        time.sleep(0.2)
    assert 'yolodash_page_seconds{quantile="0.95"}' in metrics.read_text(encoding="utf-8")


def test_what_a_proxy_passes_on_sees_one_sentence_and_no_page(server: Server) -> None:
    shown = run(opened(server, "train", **{"X-Forwarded-For": "203.0.113.9"}))
    assert len(shown.texts) == 1
    assert "has no password yet" in shown.texts[0]
    assert shown.widgets == []


@pytest.mark.parametrize("place", ["Host", "Origin"])
def test_another_name_or_another_page_gets_no_websocket(server: Server, place: str) -> None:
    """DNS rebinding, and pages of others that open a websocket here."""
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    foreign = {"origin": "http://evil.example"} if place == "Origin" else {}

    async def joining() -> None:
        uri = address if place == "Origin" else address.replace("127.0.0.1", "evil.example")
        async with connect(uri, host="127.0.0.1", port=server.port, subprotocols=["streamlit"], **foreign):  # type: ignore[arg-type]
            pass

    with pytest.raises(InvalidStatus, match="403"):
        run(joining())


def test_a_file_is_not_taken_without_the_token_that_only_our_own_page_knows(server: Server) -> None:
    """Cross-site request forgery."""
    address = f"http://127.0.0.1:{server.port}/_stcore/upload_file/a/b"
    request = urllib.request.Request(address, b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=20)


@pytest.mark.parametrize(
    "path", ["/app.py", "/../app.py", "/%2e%2e/app.py", "/workspace/access/passwords.json", "/.streamlit/config.toml"]
)
def test_no_file_of_the_server_can_be_fetched(server: Server, path: str) -> None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=20) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    assert b"entrance.navigation" not in body
    assert b"scrypt" not in body
    assert b"allowedHosts" not in body


def test_garbage_on_the_websocket_ends_that_connection_and_nothing_else(server: Server, tmp_path: Path) -> None:
    async def thrown() -> str:
        async with joined(server.port) as socket:
            await socket.send(b"\xff\x00garbage")
            await asyncio.wait_for(socket.wait_closed(), 20)
            return socket.close_reason or ""

    assert "/" not in run(thrown())  # no path of this machine
    assert server.healthy()
