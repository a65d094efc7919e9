"""The curves of the step on skip connections: every depth, plain and with skips; minutes on one core.

    python scripts/degradation.py

Writes ``yolodash/ui/learn/network/degradation.json`` anew after each network, so that what is done stays done when it
is stopped; the same line then goes on. ``--again`` begins from nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from yolodash.models.degradation import Plan, measure  # noqa: E402

RESULT = ROOT / "yolodash" / "ui" / "learn" / "network" / "degradation.json"
DEPTHS = (6, 14, 26, 38)
SEEDS = (0, 1)


def main() -> None:
    """Measure what is missing, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", action="store_true", help="measure everything anew")
    again = parser.parse_args().again
    torch.set_num_threads(1)
    plan = Plan()
    wanted = {name: value for name, value in asdict(plan).items() if name != "seed"}
    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() and not again else {}
    points: list[dict[str, Any]] = known["points"] if known.get("plan") == wanted else []
    done = {(point["depth"], point["skips"], point["seed"]) for point in points}
    for seed in SEEDS:
        for depth in DEPTHS:
            for skips in (False, True):
                if (depth, skips, seed) not in done:
                    points.append(_measured(depth, skips, replace(plan, seed=seed)))
                    _write({"plan": wanted, "points": points})


def _measured(depth: int, skips: bool, plan: Plan) -> dict[str, Any]:
    start = time.process_time()
    point = measure(depth, skips=skips, plan=plan)
    seconds = time.process_time() - start
    kind = "residual" if skips else "plain"
    print(
        f"{depth:3} {kind:8} seed {plan.seed}: training error {point.training_error:.3f}, {seconds:.0f} s", flush=True
    )
    return {**asdict(point), "losses": [round(loss, 5) for loss in point.losses]}


def _write(result: dict[str, Any]) -> None:
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1)
    RESULT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
