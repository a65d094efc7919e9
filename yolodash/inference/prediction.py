"""The network runs here, once a picture; everything that it said is kept as Candidates."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from yolodash.geometry.boxes import cxcywh_to_xyxy
from yolodash.geometry.letterbox import to_picture
from yolodash.inference.engines import engine_for
from yolodash.inference.preparation import Prepared, prepare
from yolodash.inference.selection import pair_scores, passes_objectness
from yolodash.models.heads.decode import decode_rows, likely_rows, raw_rows
from yolodash.models.heads.grid import candidate_positions
from yolodash.structures import Candidates, Image, ImageSize, Integers, Milliseconds, Resize

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

GALLERY_SCORE = 0.001
"""What galleries, data sets and video keep: the score down to which average precision is computed."""


def predict(
    model: Detector,
    image: Image,
    *,
    size: ImageSize | int | None = None,
    resize: Resize | None = None,
    device: str = "auto",
    precision: str = "auto",
    engine: str = "auto",
) -> Candidates:
    """Run a detector on one picture and keep every box that it made.

    Args:
        model: from ``load_model``.
        image: ``(H, W, 3)`` uint8 RGB, upright.
        size: of the network's input, rounded up to whole strides; None for the model's own.
        resize: ``letterbox``, ``rectangle`` or ``stretch``; None for the family's own.
        device: ``auto``, ``cpu``, ``cuda:0`` …
        precision: ``auto``, ``float32``, ``bfloat16``, ``float16``.
        engine: ``auto``, ``torch``, ``onnxruntime``, ``openvino``; torch in float32 is the reference.

    Returns:
        all N candidates, boxes in pixels of the picture.

    Raises:
        ImageError: the array is no RGB picture.
        OptionError: a size or a way of resizing that this model cannot take.
        DeviceError: the device or engine is missing or out of memory.
    """
    return predict_timed(model, image, size=size, resize=resize, device=device, precision=precision, engine=engine)[0]


def predict_timed(
    model: Detector,
    image: Image,
    *,
    size: ImageSize | int | None = None,
    resize: Resize | None = None,
    device: str = "auto",
    precision: str = "auto",
    engine: str = "auto",
) -> tuple[Candidates, Milliseconds]:
    """``predict``, and how long preparation and the network took."""
    start = time.perf_counter()
    prepared = prepare(model, image, size=size, resize=resize)
    ready = time.perf_counter()
    run = engine_for(model, device=device, precision=precision, engine=engine)  # the first time, it is chosen here
    begin = time.perf_counter()
    candidates = candidates_from_maps(model, run(prepared.batch), prepared)
    end = time.perf_counter()
    return candidates, Milliseconds(prepare=1000 * (ready - start), forward=1000 * (end - begin))


@torch.inference_mode()
def candidates_from_maps(
    model: Detector, raw_maps: tuple[Tensor, ...], prepared: Prepared, floor: float | None = None
) -> Candidates:
    """The heads' raw maps of one picture, decoded and brought back into its pixels.

    Args:
        model: whose heads made the maps.
        raw_maps: one ``(1, A, h, w, 5 + C)`` a head (v1: its flat output).
        prepared: what the network saw.
        floor: leave away every box whose objectness is no greater, as ``compact`` would (v1's stay); None: keep all.
    """
    placement = prepared.placement
    scale, row, column, anchor = candidate_positions(model.heads, placement.network)
    if floor is None:
        rows, raw = decode_rows(raw_maps, model.heads, placement.network)[0], raw_rows(raw_maps, model.heads)[0]
    else:
        likely = likely_rows(raw_maps, model.heads, placement.network, floor)
        rows, raw = likely.decoded, likely.raw
        scale, row, column, anchor = (position[likely.index] for position in (scale, row, column, anchor))
    return Candidates(
        boxes=to_picture(cxcywh_to_xyxy(rows[:, :4]), placement.transform).numpy(),
        raw=raw.numpy(),
        objectness=np.ascontiguousarray(rows[:, 4].numpy()),
        class_probabilities=np.ascontiguousarray(rows[:, 5:].numpy()),
        scale=scale.numpy(),
        row=row.numpy(),
        column=column.numpy(),
        anchor=anchor.numpy(),
        image_size=prepared.image_size,
        network_size=placement.network,
        transform=placement.transform,
        family=model.family,
        names=model.names,
        heads=model.heads,
    )


def compact(candidates: Candidates, score_threshold: float = GALLERY_SCORE) -> Candidates:
    """Only the candidates with a pair whose score is greater, for galleries, data sets and video.

    Whatever ``select`` finds at this score threshold or a higher one is the same as of all candidates, except that
    ``candidate_index`` counts the rows that are left. The account of all candidates cannot be given any more.
    """
    keep = worth_keeping(candidates, score_threshold)
    return replace(
        candidates,
        boxes=candidates.boxes[keep],
        raw=candidates.raw[keep],
        objectness=candidates.objectness[keep],
        class_probabilities=candidates.class_probabilities[keep],
        scale=candidates.scale[keep],
        row=candidates.row[keep],
        column=candidates.column[keep],
        anchor=candidates.anchor[keep],
    )


def worth_keeping(candidates: Candidates, score_threshold: float = GALLERY_SCORE) -> Integers:
    """The rows of the candidates with a pair whose score is greater, in their order."""
    above = (pair_scores(candidates) > np.float32(score_threshold)).any(axis=1)
    return np.flatnonzero(above & passes_objectness(candidates, score_threshold))
