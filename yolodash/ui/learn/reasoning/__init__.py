"""The page Reasoning: questions about a scene, and the programs that answer them."""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
