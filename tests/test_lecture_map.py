"""docs/lecture.md names addresses, functions and tests that exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"\| (?P<says>.+?) \| `(?P<address>[^`]+)` \| .+? \| `(?P<function>[^`]+)` \| `(?P<test>[^`]+)` \|")
ROWS = [found for line in (ROOT / "docs" / "lecture.md").read_text().splitlines() if (found := ROW.fullmatch(line))]


@pytest.mark.parametrize("row", ROWS, ids=[row["says"] for row in ROWS])
def test_each_line_of_the_lecture_leads_to_what_is_there(row: re.Match[str]) -> None:
    page, _, query = row["address"].partition("?")
    assert (ROOT / "pages" / f"{page}.py").is_file()
    if query.startswith("step="):
        steps = importlib.import_module(f"yolodash.ui.learn.{page.removeprefix('learn_')}.page").titles()
        assert query.removeprefix("step=") in steps
    module, _, name = row["function"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_the_tests_that_are_named_are_there() -> None:
    sources = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("test_*.py")))

    assert len(ROWS) > 30
    assert [row["test"] for row in ROWS if f"def {row['test']}(" not in sources] == []
