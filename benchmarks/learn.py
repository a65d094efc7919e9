"""How quickly the learning pages answer: drags in the browser, and what Python does for a step.

    python -m benchmarks.learn [--only convolution yolo]

Every step of every page is opened. "drag": each slider and each thing to drag on the picture is dragged by the mouse;
from the browser's time stamp of a movement to the frame after its drawing, the slowest control of the step. "server":
the script of a step run again in the same session, nothing changed. "picture": from the browser's time stamp of a click
on the step's name to the frame in which its picture stands; where a step has none of ours, to the end of the script.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.in_chromium import REPOSITORY, WATCH, served, tab

PAGES = ("pixels", "convolution", "network", "yolo", "loss", "metrics", "reasoning")
MOVES, RERUNS = 30, 12
DRAGGED = (
    "input[type=range]", ".box .body", "[data-drag]", "svg.stage [tabindex]", ".stage canvas", ".stage .cells",
)  # fmt: skip

FROM_CLICK = """() => {
    const shadows = () => [...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean);
    const pictures = () => [document, ...shadows()].flatMap((root) => [...root.querySelectorAll(".lesson .stage > *")]);
    const running = () => document.querySelector(".stApp").dataset.testScriptState !== "notRunning";
    const before = new Set(pictures());
    window.shownAfter = undefined;
    document.addEventListener("click", (event) => {
        let began = false, ended = null;
        const look = () => {
            const now = performance.now() - event.timeStamp;
            began ||= running();
            if (began && !running()) ended ??= now;
            const fresh = pictures().filter((picture) => !before.has(picture));
            const shown = fresh.some((picture) => picture.getBoundingClientRect().height > 0);
            if (shown || (ended !== null && now - ended > 1000)) window.shownAfter = shown ? now : ended;
            else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    }, { capture: true, once: true });
}"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=PAGES, default=PAGES)
    only = parser.parse_args().only
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; milliseconds")
    print(f"{'page':12} {'step':12} {'drags':>6} {'median':>7} {'p95':>6} {'server':>7} {'p95':>6} {'picture':>8}")
    with served(REPOSITORY / "app.py") as address, tab() as (page, _tracer):
        for name in only:
            steps = importlib.import_module(f"yolodash.ui.learn.{name}.page").titles()
            for step, title in steps.items():
                drags = dragged(page, f"{address}/{place(name)}?step={step}")
                server = reruns(name, step)
                shown = clicked(page, address, name, step, title, steps)
                print(
                    f"{name:12} {step:12} {len(drags):6} {told(drags, statistics.median):>7} {told(drags, p95):>6}"
                    f" {statistics.median(server):7.0f} {p95(server):6.0f} {shown:8.0f}",
                    flush=True,
                )


def place(name: str) -> str:
    """The page's name in the address."""
    return name if name == "reasoning" else f"learn_{name}"


def told(values: list[float], of: Any) -> str:
    """A figure, where there is one."""
    return f"{of(values):.0f}" if values else "–"


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def dragged(page: Any, address: str) -> list[float]:
    """The times of the step's slowest control; none where nothing is dragged."""
    page.goto(address)
    settle(page)
    lesson = page.locator(".lesson")
    if not lesson.count():
        return []
    lesson.first.evaluate(WATCH)
    slowest: list[float] = []
    for selector in DRAGGED:
        for number in range(min(lesson.first.locator(selector).count(), 4)):
            frame = lesson.first.locator(selector).nth(number).bounding_box()
            if frame is None or not frame["width"]:
                continue
            lesson.first.evaluate("root => { root.times = []; }")
            drag(page, frame)
            times: list[float] = lesson.first.evaluate("root => root.times")
            if len(times) >= 5 and (not slowest or p95(times) > p95(slowest)):
                slowest = times
    return slowest


def drag(page: Any, frame: dict[str, float]) -> None:
    """Press in the middle of a thing, move about within half its width, let go."""
    x, y = frame["x"] + frame["width"] / 2, min(frame["y"] + frame["height"] / 2, 700)
    reach = min(frame["width"] / 2 - 4, 80)
    page.mouse.move(x, y)
    page.mouse.down()
    for number in range(MOVES):
        page.mouse.move(x + reach * (1 - 2 * abs(number / (MOVES - 1) - 0.5) * 2) / 2, y)
        page.wait_for_timeout(40)
    page.mouse.up()
    page.wait_for_timeout(300)


def settle(page: Any) -> None:
    """Until the step is there and the server has nothing to do."""
    page.locator("h1").first.wait_for(timeout=120_000)
    page.wait_for_timeout(500)
    state = "document.querySelector('.stApp')?.getAttribute('data-test-script-state') === 'notRunning'"
    page.wait_for_function(state, timeout=180_000)
    page.wait_for_timeout(500)


def reruns(name: str, step: str) -> list[float]:
    """The times of the script."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=300)
    app.query_params["step"] = step
    app.run()
    app.switch_page(f"pages/{Path(place(name)).name}.py")
    app.query_params["step"] = step
    app.run()
    app.run()
    times = []
    for _turn in range(RERUNS):
        start = time.perf_counter()
        app.run()
        times.append(1000 * (time.perf_counter() - start))
    return times


def clicked(page: Any, address: str, name: str, step: str, title: str, steps: dict[str, str]) -> float:
    """From the click on a step's name, coming from another step, to the step's picture."""
    other = next(one for one in steps if one != step)
    page.goto(f"{address}/{place(name)}?step={other}")
    settle(page)
    number = list(steps).index(step) + 1
    page.evaluate(FROM_CLICK)
    page.get_by_role("radio", name=f"{number} · {title}", exact=True).click()
    page.wait_for_function("window.shownAfter !== undefined", timeout=60_000)
    return float(page.evaluate("window.shownAfter"))


if __name__ == "__main__":
    main()
