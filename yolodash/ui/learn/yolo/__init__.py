"""The page YOLO, a step a module."""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
