"""A YOLOv1 of a few kilobytes with random weights, as the files that a user would have."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from yolodash.models.darknet.cfg import parse_cfg
from yolodash.models.darknet.plan import plan_network

SIDE, BOXES, CLASSES = 3, 2, 4
CFG = f"""[net]
width=96
height=96
channels=3

[convolutional]
filters=4
size=3
stride=2
pad=1
activation=leaky

[maxpool]
size=4
stride=4

[connected]
output={SIDE * SIDE * (5 * BOXES + CLASSES)}
activation=linear

[detection]
classes={CLASSES}
coords=4
side={SIDE}
num={BOXES}
sqrt=1
"""


def put_yolov1(workspace: Path, name: str = "tiny-v1") -> None:
    """Write cfg, weights and names into the workspace, as if uploaded."""
    folder = workspace / "models" / name
    folder.mkdir(parents=True)
    (folder / f"{name}.cfg").write_text(CFG, encoding="utf-8")
    values = np.random.default_rng(0).normal(0.1, 0.1, plan_network(parse_cfg(CFG, f"{name}.cfg")).value_count)
    header = struct.pack("<iiiQ", 0, 2, 0, 1)
    (folder / f"{name}.weights").write_bytes(header + values.astype("<f4").tobytes())
    (folder / f"{name}.names").write_text("\n".join(f"thing {i}" for i in range(CLASSES)), encoding="utf-8")
