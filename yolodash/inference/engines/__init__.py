"""Engines: one way to ask for a network that is ready to run, whatever runs it."""

from __future__ import annotations

from yolodash.inference.engines.choice import engine_for
from yolodash.inference.engines.engine import ENGINES, PRECISIONS, Engine, EngineName, Precision

__all__ = ["ENGINES", "PRECISIONS", "Engine", "EngineName", "Precision", "engine_for"]
