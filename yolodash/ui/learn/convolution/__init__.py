"""The page Convolution: a window that steps over numbers, and kernels on pictures."""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
