"""From what a person names to the network that training begins with."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from yolodash.errors import N_, OptionError
from yolodash.models.catalogue import ModelFiles, locate
from yolodash.models.darknet.cfg import parse_cfg
from yolodash.models.darknet.network import DarknetNetwork
from yolodash.models.darknet.plan import plan_network, require_detector
from yolodash.models.detector import Detector
from yolodash.models.loading import load_model
from yolodash.models.saved import KEY, read_header
from yolodash.models.yolov5.official import Size, build
from yolodash.training.transfer import set_priors, with_classes

_OFFICIAL = re.compile(r"yolov5([pnsmlx])(?:\.ya?ml)?")
LONGEST_CFG = 1_000_000


@dataclass(frozen=True)
class Start:
    """A network with the weights to begin from.

    Attributes:
        network: in float32 on the CPU.
        cfg: the text of its description, for a Darknet network.
    """

    network: Detector
    cfg: str | None


def starting_network(weights: str, cfg: str, names: Sequence[str], size: int) -> Start:
    """The network to train, for these classes and this size of input.

    Args:
        weights: as ``--weights`` means it; empty for fresh ones.
        cfg: ``yolov5n`` … ``yolov5x``, or the path of a Darknet cfg.
        names: of the classes to learn.
        size: side of the input.

    Raises:
        ModelFileError, DownloadError: the weights or the cfg cannot be had or read.
        OptionError: the network cannot be trained for these classes.
    """
    if not weights:
        return _fresh(cfg, names, size)
    files = locate(weights)
    description = Path(cfg) if cfg else files.cfg
    model = load_model(files.weights, cfg=description, names=files.names)
    text = _cfg_text(files, description) if isinstance(model, DarknetNetwork) else None
    return Start(with_classes(model, names, size), text)


def continued(last: Path) -> Start:
    """The network of a run's own state, whatever became of the weights that it began from.

    Raises:
        ModelFileError: the state is damaged.
    """
    model = load_model(last)
    return Start(model, _saved_cfg(last) if isinstance(model, DarknetNetwork) else None)


def _fresh(cfg: str, names: Sequence[str], size: int) -> Start:
    """Fresh weights of a published YOLOv5 or of a Darknet cfg."""
    official = _OFFICIAL.fullmatch(Path(cfg).name)
    if official:
        model = build(cast(Size, official[1]), len(names), names=tuple(names))
        set_priors(model)
        return Start(with_classes(model, names, size), None)
    if not Path(cfg).is_file():
        raise OptionError(
            N_("There is no description of a network called '{cfg}'"),
            where="--cfg",
            fix=N_("give yolov5n, s, m, l or x, or the path of a Darknet .cfg"),
            cfg=cfg,
        )
    text = _read_text(Path(cfg))
    plan = plan_network(parse_cfg(text, Path(cfg).name))
    require_detector(plan)
    class_names = tuple(f"class {number}" for number in range(plan.heads[0].classes))
    return Start(with_classes(DarknetNetwork(plan, names=class_names, heads=plan.heads), names, size), text)


def _cfg_text(files: ModelFiles, cfg: Path | None) -> str:
    """The description that Darknet weights were loaded with."""
    if files.weights.suffix == ".safetensors":
        return _saved_cfg(files.weights)
    return _read_text(cfg or files.weights.with_suffix(".cfg"))


def _saved_cfg(path: Path) -> str:
    return str(json.loads(read_header(path)["__metadata__"][KEY])["architecture"]["cfg"])


def _read_text(cfg: Path) -> str:
    return cfg.read_bytes()[:LONGEST_CFG].decode("utf-8-sig", errors="replace")
