"""The pictures in the README and the docs, taken from the real app.

    python scripts/screenshots.py

Starts the app on a free port with the workspace that ``YOLODASH_HOME`` names (which should hold yolov3-tiny), opens
pages in Chromium at 1280×720 and writes ``docs/images``. Anyone can repeat it after a change.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextmanager
def app() -> Iterator[str]:
    """The running app's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen([*command, "--server.headless", "true"], cwd=ROOT, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def click_the_cup(page: Page) -> None:
    """Open the glass box of the sample's cup."""
    canvas = page.locator("canvas.boxes").first
    canvas.wait_for(timeout=120_000)
    page.get_by_role("status").filter(has_text="Objects found").wait_for(timeout=120_000)
    page.wait_for_timeout(2000)
    canvas.click(position={"x": 240, "y": 140})
    page.get_by_text("What the network said").first.wait_for(timeout=60_000)


def nothing(page: Page) -> None:
    """Leave the page as it opens."""


SHOTS: dict[str, tuple[str, str, Callable[[Page], None]]] = {
    "detect": ("detect_image", "light", click_the_cup),
    "models": ("models", "dark", nothing),
}


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (path, scheme, act) in SHOTS.items():
            page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=scheme, locale="en-US")
            page.goto(f"{address}/{path}")
            page.locator("h1").first.wait_for(timeout=60_000)
            page.wait_for_timeout(4000)
            act(page)
            page.wait_for_timeout(2000)
            page.screenshot(path=IMAGES / f"{name}.png")
            print(f"docs/images/{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
