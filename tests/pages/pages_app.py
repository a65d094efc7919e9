"""The whole app in AppTest, opened on one of its pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
TINY = "models/yolov3-tiny"


def opened(page: str = "", **address: str) -> AppTest:
    """The app at ``page`` (its file's stem; home without one), with query parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    if page:
        app.switch_page(f"pages/{page}.py")
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
    return app


def put_model(asset: Callable[[str], Path], workspace: Path, name: str = TINY) -> None:
    """A real model, as if it had been fetched."""
    shutil.copytree(asset(name), workspace / "models" / Path(name).name)


def words(app: AppTest) -> str:
    """Everything that the page says in Markdown and captions."""
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption, *app.subheader, *app.title))


def sound(app: AppTest) -> None:
    """Nothing went wrong."""
    assert [element.value for element in app.exception] == []
    assert [element.value for element in app.error] == []
