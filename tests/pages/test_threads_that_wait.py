"""The pages' own torch shares the processor with workers, so its threads must not spin while they wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST_VISIT = """
import os, sys
from streamlit.testing.v1 import AppTest
assert not AppTest.from_file("app.py", default_timeout=120).run().exception
print(os.environ["OMP_WAIT_POLICY"], "torch" in sys.modules)
"""


@pytest.mark.parametrize(("chosen", "kept"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_it_is_said_before_torch_is_loaded_unless_somebody_chose_otherwise(
    tmp_path: Path, chosen: str | None, kept: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    environment |= {"YOLODASH_HOME": str(tmp_path)} | ({"OMP_WAIT_POLICY": chosen} if chosen else {})
    done = subprocess.run(
        [sys.executable, "-c", FIRST_VISIT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == [kept, "False"]
