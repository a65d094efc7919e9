"""The page Loss, a step a module: YOLOv1's five terms, what v3 and v5 do instead, and the X-ray of a real model."""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
