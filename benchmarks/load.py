"""How many people one server bears, and how long they wait.

    python -m benchmarks.load --sessions 50 --seconds 600

Starts the app on a free port of 127.0.0.1 with an empty workspace. Each session opens pages of the lecture and goes
from step to step on them, thinking four seconds in between, and once in twenty seconds opens a picture at a size of
its own, for which the bundled network has to run. The sessions have no browser (``without_browser.py``); they share
this machine's cores with the server, so that the times are upper bounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.without_browser import Server, Shown, Visitor, joined, served

PAGES = ("learn_pixels", "learn_convolution", "learn_metrics", "learn_loss", "learn_yolo", "models")
SAMPLES = ("scene", "coffee", "astronaut", "cat", "horse", "coins")
SIZES = (320, 416, 512, 608, 640)
THINKING = 4.0
DETECTING = 20.0
SETTLING = 0.2
"""Share of the time after which memory should no longer grow."""
MINUTE = 120
"""Readings of memory, two a second."""


class Tally:
    """What the sessions saw."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []

    def take(self, what: str, shown: Shown) -> None:
        self.seconds[what].append(shown.seconds)
        self.errors += shown.errors


async def session(server: Server, number: int, end: float, tally: Tally, every: float) -> None:
    """One person until the end."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, THINKING))
    detected = time.monotonic() - chance.uniform(0, every)
    try:
        async with joined(server.port) as socket:
            visitor = Visitor(socket)
            while time.monotonic() < end:
                if every and time.monotonic() - detected > every:
                    detected = time.monotonic()
                    tally.take("detect", await detect(server, chance))
                else:
                    await learn(visitor, chance, tally)
                await asyncio.sleep(chance.uniform(0.5, 1.5) * THINKING)
    except (OSError, TimeoutError, EOFError) as error:
        tally.errors.append(f"session {number}: {type(error).__name__} {error}")


async def learn(visitor: Visitor, chance: random.Random, tally: Tally) -> None:
    """Open a page, and go to another of its steps."""
    shown = await visitor.open(chance.choice(PAGES))
    tally.take("open a page", shown)
    await asyncio.sleep(THINKING / 4)
    choices = [widget for widget in shown.widgets if isinstance(widget, ButtonGroup) and "language" not in widget.id]
    if choices:
        steps = choices[0]
        state = WidgetState(id=steps.id)
        state.string_array_value.data.append(chance.choice(steps.options).content)
        tally.take("move on it", await visitor.set(state))


async def detect(server: Server, chance: random.Random) -> Shown:
    """Open a link to a picture at some size in a tab of its own, and wait until the network has looked."""
    query = f"sample={chance.choice(SAMPLES)}&size={chance.choice(SIZES)}&score={chance.uniform(0.1, 0.6):.3f}"
    async with joined(server.port) as socket:
        visitor = Visitor(socket)
        first = await visitor.open("detect_image", query)
        second = await visitor.again()  # the run after the first paint
        return Shown(first.seconds + second.seconds, first.errors + second.errors)


async def watch(server: Server, end: float) -> list[tuple[float, int]]:
    """The server's memory, twice a second."""
    start, seen = time.monotonic(), []
    while time.monotonic() < end:
        seen.append((time.monotonic() - start, server.resident()))
        await asyncio.sleep(0.5)
    return seen


async def run(server: Server, sessions: int, seconds: float, every: float) -> tuple[Tally, list[tuple[float, int]]]:
    """All sessions at once."""
    tally, end = Tally(), time.monotonic() + seconds
    tasks = [session(server, number, end, tally, every) for number in range(sessions)]
    memory, *_ = await asyncio.gather(watch(server, end), *tasks)
    return tally, memory


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def table(tally: Tally, memory: list[tuple[float, int]], told: dict[str, object]) -> None:
    """What was seen."""
    print(f"{'end to end':<14}{'times':>7}{'p50 ms':>9}{'p95 ms':>9}{'most':>9}")
    for what, seconds in tally.seconds.items():
        half, most = quantile(seconds, 0.5), quantile(seconds, 0.95)
        print(f"{what:<14}{len(seconds):>7}{1000 * half:>9.0f}{1000 * most:>9.0f}{1000 * max(seconds):>9.0f}")
    print(f"on the server, all pages, last ten minutes: {told}")
    course = [size / 1e6 for number, (_, size) in enumerate(memory) if number % 60 == 0]
    print(f"memory every 30 seconds, MB: {' '.join(f'{size:.0f}' for size in course)}")
    settled = [size / 1e6 for when, size in memory if when > SETTLING * memory[-1][0]]
    first, last = statistics.mean(settled[:MINUTE]), statistics.mean(settled[-MINUTE:])
    print(f"memory: {first:.0f} MB in the first minute after it settled, {last:.0f} MB in the last one")
    print(f"errors: {len(tally.errors)}", *sorted(set(tally.errors))[:10], sep="\n  " if tally.errors else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--detect-every", type=float, default=DETECTING, help="seconds; 0: no session ever detects")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        asyncio.run(warm(server))
        before = server.processor()
        tally, memory = asyncio.run(run(server, options.sessions, options.seconds, options.detect_every))
        used = server.processor() - before
        time.sleep(6)  # until the server has written its status once more
        told = json.loads((server.home / "status.json").read_text(encoding="utf-8"))["times"]
    pages = sum(map(len, tally.seconds.values()))
    print(f"processor time of the server: {1000 * used / pages:.0f} ms for each of {pages} answers")
    print(f"load average of this machine: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
    table(tally, memory, told)


async def warm(server: Server) -> None:
    """The first visitor pays for what is loaded once: not counted."""
    await detect(server, random.Random(0))
    async with joined(server.port) as socket:
        for page in PAGES:
            await Visitor(socket).open(page)


if __name__ == "__main__":
    main()
