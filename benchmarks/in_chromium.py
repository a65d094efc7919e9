"""For benchmarks of pages: a server, a browser, and a clock from a movement to its picture."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WATCH = """root => {
    root.times = [];
    let moved = null;
    const note = (event) => { if (event.type === "input" || event.buttons) moved = event.timeStamp; };
    for (const kind of ["input", "pointermove", "pointerdown"]) root.addEventListener(kind, note, true);
    root.addEventListener("drawn", () => {
        const start = moved;
        moved = null;
        if (start !== null) requestAnimationFrame(() => root.times.push(performance.now() - start));
    });
}"""
"""Keeps on an element how long each movement took, from the browser's time stamp to the frame after the drawing."""


@contextmanager
def served(app: Path) -> Iterator[str]:
    """A file as a Streamlit app on a free port; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={port}", "--server.headless=true"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def tab() -> Iterator[tuple[Any, Any]]:
    """A page of 1280 × 720 in Chromium, and the session that tells what work it has."""
    from playwright.sync_api import sync_playwright

    path = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 720}, locale="en-GB")
        tracer = page.context.new_cdp_session(page)
        tracer.send("Performance.enable", {"timeDomain": "threadTicks"})
        yield page, tracer
        chromium.close()


def work_milliseconds(tracer: Any) -> float:
    """Processor time of the page's main thread so far: what is left of the noise when the machine is busy."""
    metrics = {metric["name"]: metric["value"] for metric in tracer.send("Performance.getMetrics")["metrics"]}
    return 1000 * float(metrics["TaskDuration"])
