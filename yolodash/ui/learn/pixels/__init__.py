"""The page Pixels: what a computer sees, the shapes that image data take, and why seeing is more than measuring."""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
