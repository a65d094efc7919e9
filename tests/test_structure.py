"""The order of imports and the sizes that the design sets."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Each may import from its own line and from those below it.
ORDER = (
    ("app", "pages"),
    ("ui",),
    ("cli", "__main__"),
    ("serving",),
    ("runs",),
    ("training",),
    ("evaluation",),
    ("inference",),
    ("scenes", "data"),
    ("losses",),
    ("models",),
    ("drawing", "convolution", "kernels"),
    ("geometry",),
    ("bins",),
    ("workspace",),
    ("structures", "errors"),
)
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
PROCESSES = ("yolodash/runs/worker.py", "yolodash/runs/estimating.py")
"""What runs in processes of its own, started by command line, and may import what trains."""
JUNK_DRAWERS = {"util", "utils", "helper", "helpers", "common", "misc", "core"}
PUBLIC_NAMES = {"__version__", "load_model", "predict", "select", "explain", "evaluate"}
SOURCES = sorted([*ROOT.glob("yolodash/**/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("app.py")])
MODULES = [path for path in SOURCES if path != ROOT / "yolodash" / "__init__.py"]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def part_of(path: Path) -> str:
    """Which name of the order a file belongs to: ``yolodash/ui/x.py`` to ``ui``, ``pages/x.py`` to ``pages``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "yolodash" else parts[0]


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file, wherever in it, with its line, as a full dotted name."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *([node.module] if node.module else [])))
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def own_imports(path: Path) -> Iterator[tuple[int, str]]:
    """The parts of this project that a file imports, each with its line."""
    for line, name in imported(path):
        parts = name.split(".")
        if parts[0] == "yolodash" and len(parts) > 1 and parts[1] not in PUBLIC_NAMES:
            yield line, parts[1]
        elif parts[0] in ("app", "pages"):
            yield line, parts[0]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_imports_go_one_way(path: Path) -> None:
    part = part_of(path)
    assert part in LEVEL, f"{part} has no place in the order of imports"
    wrong = [f"line {line}: {name}" for line, name in own_imports(path) if LEVEL[name] < LEVEL[part]]
    assert not wrong


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_only_the_user_interface_imports_streamlit(path: Path) -> None:
    lines = [line for line, name in imported(path) if name.split(".")[0] == "streamlit"]
    assert not lines or part_of(path) in ("app", "pages", "ui")


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_the_user_interface_starts_work_by_command_and_never_imports_it(path: Path) -> None:
    names = {name for _, name in own_imports(path)}
    if part_of(path) in ("app", "pages", "ui"):
        assert not names & {"cli", "training"}
    if "training" in names:
        assert part_of(path) in ("training", "cli") or relative(path) in PROCESSES


def test_no_module_is_a_junk_drawer() -> None:
    assert not [relative(path) for path in SOURCES if JUNK_DRAWERS & set(path.relative_to(ROOT).with_suffix("").parts)]


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_modules_pages_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= (80 if part_of(path) == "pages" else 400)
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [function.name for function in functions if body_lines(function) > 50]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its signature and docstring."""
    assert function.end_lineno is not None
    has_docstring = ast.get_docstring(function) is not None
    start = function.body[0].end_lineno if has_docstring else function.body[0].lineno - 1
    assert start is not None
    return function.end_lineno - start


@pytest.mark.parametrize(
    "module", ["yolodash", "yolodash.errors", "yolodash.workspace", "yolodash.data.images", "yolodash.data.uploads"]
)
def test_what_must_be_quick_to_import_loads_neither_torch_nor_streamlit(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{'torch', 'streamlit', 'skimage'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_public_names_are_found_where_they_are_promised() -> None:
    import yolodash

    for name in yolodash.__all__:
        assert getattr(yolodash, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = yolodash.nothing
