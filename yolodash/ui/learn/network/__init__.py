"""The page Network: from one kernel to a trained network, looked at from inside."""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
