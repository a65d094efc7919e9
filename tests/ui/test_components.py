"""What every component's script begins with."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts_in_node import call

from yolodash.ui import components

UI = Path(components.__file__).parent


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("{a} of {b}", {"a": 1, "b": 2}, "1 of 2"),
        ("{a} {c}", {"a": "{b}", "b": "x"}, "{b} {c}"),
        ("nothing", {}, "nothing"),
        ("{a}", {"a": 0}, "0"),
    ],
)
def test_placeholders_are_filled_in_one_pass_and_unknown_ones_stay(
    text: str, values: dict[str, object], filled: str
) -> None:
    assert call([UI / "markup.js"], "filled", [(text, values)]) == [filled]


def test_no_script_declares_again_what_the_shared_lines_do() -> None:
    scripts = [UI / f"{name}.js" for name in ("evaluation/opened", "evaluation/working_point", "run_monitor/epochs")]
    for script in (*scripts, UI / "run_monitor/curves.js"):
        assert call([UI / "markup.js", script], "((text) => text)", [("x",)]) == ["x"]
