"""The page Metrics, a step a module: the three cases, the ranking, the area under the curve, the mean."""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
