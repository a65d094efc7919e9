"""Functions of the pages' JavaScript, called without a browser: by the Node that comes with Playwright."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable


def call(scripts: Sequence[Path], function: str, arguments: Sequence[Sequence[Any]]) -> list[Any]:
    """What a function gives for each list of arguments."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    text = text.replace("export default function", "function show")
    program = f"{text}\nconst all = {json.dumps(list(arguments))};\n"
    program += f"process.stdout.write(JSON.stringify(all.map((each) => {function}(...each))));"
    node = compute_driver_executable()
    command = str(node[0] if isinstance(node, tuple) else node)
    done = subprocess.run([command, "-"], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result: list[Any] = json.loads(done.stdout)
    return result
