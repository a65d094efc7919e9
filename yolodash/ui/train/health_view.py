"""A data set as one sees it before training on it: pictures with their boxes, counts, sizes against anchors, doubts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image as Pillow

from yolodash.data.box_sizes import Sizes
from yolodash.data.dataset import SPLITS, Dataset, LabelledImage, Problem
from yolodash.data.health import Health, about_sizes, findings, recall_of
from yolodash.data.images import encode_jpeg, read_image
from yolodash.drawing import draw_boxes
from yolodash.errors import ImageError
from yolodash.structures import Image
from yolodash.ui import messages
from yolodash.ui.evaluation.source import SAMPLE
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import phrase, plain
from yolodash.ui.train import looking
from yolodash.ui.train.looking import Look
from yolodash.ui.train.network import Network

if TYPE_CHECKING:
    import plotly.graph_objects as go

SHOWN = 4
HEIGHT, WIDEST, GAP = 240, 420, 4
"""Of the pictures in the row, in pixels."""
MOST_POINTS = 400
ICONS = {"error": ":material/error:", "warning": ":material/warning:", "note": ":material/info:"}


def show(look: Look, network: Network | None, size: int) -> None:
    """Everything about a data set that is there; while its pictures are looked at, how far that is."""
    if look.error is not None:
        messages.show(look.error)
        return
    if look.health is None or look.dataset is None:
        _watch(look)
        return
    st.image(strip(look.source, looking.stamp(look.source), look.dataset), width="stretch")
    summary(look.health)
    doubts(look, network, size)
    if not look.finished.is_set():
        _watch(look)
    views = {"classes": _("Boxes a class"), "sizes": _("Sizes against anchors")}
    choice, again = st.columns([3, 1], vertical_alignment="center")
    shown = choice.segmented_control(
        _("Show"), tuple(views), default="classes", format_func=views.__getitem__, key="train_health_view",
        label_visibility="collapsed",
    )  # fmt: skip
    if shown == "classes":
        class_table(look.health)
    elif shown == "sizes":
        size_chart(look.health, network, size)
    if again.button(_("Look again"), icon=":material/refresh:", key="train_look_again", type="tertiary"):
        looking.look_again(look.source)
        st.rerun()


@st.fragment(run_every=0.7)
def _watch(look: Look) -> None:
    """How far the looking is; its end shows the page anew."""
    if look.finished.is_set():
        st.rerun()
    if look.health is None:
        st.progress(0.0, text=_("Opening the data set …"))
        return
    text = _("Looking at every picture for leaks and damage: {done} of {total}")
    said = text.format(done=look.done, total=look.total)
    st.progress(min(look.done / max(look.total, 1), 1.0), text=said)


def summary(health: Health) -> None:
    """Pictures and boxes of each part, in a line."""
    parts = []
    for split in SPLITS:
        count = health.pictures[split]
        if count or split != "test":
            boxes = health.boxes(split)
            text = ngettext("{count} picture, {boxes} boxes", "{count} pictures, {boxes} boxes", count)
            parts.append(f"**{split}** " + text.format(count=f"{count:,}", boxes=f"{boxes:,}"))
    st.markdown(" · ".join(parts))


def doubts(look: Look, network: Network | None, size: int) -> None:
    """Each finding a sentence and what to do, the gravest first; the rest behind a click."""
    assert look.health is not None
    found = list(findings(look.health))
    if network is not None:
        found += about_sizes(look.health, network.anchors, size, replaces=network.adapts)
    found.sort(key=lambda one: ("error", "warning", "note").index(one.severity))
    if not found and look.finished.is_set():
        st.caption(":material/check_circle: " + _("Nothing is wrong with it: no leaks, no damage, enough of all."))
    grave = [one for one in found if one.severity != "note"]
    for one in grave[:SHOWN]:
        st.markdown(sentence(one))
    rest = [*grave[SHOWN:], *(one for one in found if one.severity == "note")]
    if rest:
        label = ngettext("{count} more remark", "{count} more remarks", len(rest)).format(count=len(rest))
        with st.expander(label):
            for one in rest:
                st.markdown(sentence(one))


def sentence(one: Problem) -> str:
    """A finding as Markdown: what is so, and what to do."""
    where = f" ({plain(one.file)})" if one.file else ""
    count = int(one.values.get("count", 1))
    more = f" [×{count}]" if one.file and count > 1 else ""
    fix = phrase(one.fix, one.values)
    return f"{ICONS[one.severity]} **{phrase(one.message, one.values)}**{where}{more}. {fix[:1].upper()}{fix[1:]}."


def class_table(health: Health) -> None:
    """A row a class, a bar a split."""
    rows = {_("Class"): [one.name for one in health.classes]}
    table = pd.DataFrame(rows | {split: [one.boxes[split] for one in health.classes] for split in SPLITS})
    most = {split: max([1, *table[split]]) for split in SPLITS}
    bars = {
        split: st.column_config.ProgressColumn(
            split, format="%d", min_value=0, max_value=int(most[split]), width="small"
        )
        for split in SPLITS
    }
    height = min(38 * (len(table) + 1), 260)
    st.dataframe(table, hide_index=True, width="stretch", height=height, column_config=bars)


def size_chart(health: Health, network: Network | None, size: int) -> None:
    """Width against height of the training boxes in pixels of the input, and the anchors."""
    from yolodash.ui.evaluation import charts  # with Plotly, which no first paint waits for

    sizes = health.sizes * size
    if len(sizes) > MOST_POINTS:
        sizes = sizes[np.random.default_rng(0).choice(len(sizes), MOST_POINTS, replace=False)]
    if network is not None:
        recall = recall_of(health, network.anchors, size)
        st.caption(
            _(
                "Best possible recall {recall}: the share of boxes that some anchor comes near, within a factor of 4."
            ).format(recall=f"{recall:.3f}")
        )
    st.plotly_chart(
        figure(sizes, network.anchors if network is not None else np.zeros((0, 2)), size),
        key="train_sizes", width="stretch", config=charts.CONFIG,
    )  # fmt: skip


def figure(sizes: Sizes, anchors: Sizes, size: int) -> go.Figure:
    """Boxes as dots, anchors as crosses, on logarithmic axes."""
    import plotly.graph_objects as go

    drawn = go.Figure()
    drawn.add_scatter(
        x=sizes[:, 0], y=sizes[:, 1], mode="markers", name=_("boxes"), marker={"size": 5, "opacity": 0.45}
    )
    drawn.add_scatter(
        x=anchors[:, 0], y=anchors[:, 1], mode="markers", name=_("anchors"),
        marker={"size": 12, "symbol": "cross", "line": {"width": 1}},
    )  # fmt: skip
    axis = {"type": "log", "range": [np.log10(2), np.log10(max(size, 4))]}
    drawn.update_xaxes(title=_("width in pixels of the input"), **axis)
    drawn.update_yaxes(title=_("height"), **axis)
    drawn.update_layout(height=300, margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h", "y": 1.1})
    return drawn


@st.cache_data(show_spinner=False, max_entries=32)
def strip(source: str, stamp: str, _dataset: Dataset) -> bytes:
    """The first training pictures beside each other, with their boxes."""
    there = [one for one in (*_dataset.split("train"), *_dataset.images) if one.path is not None]
    chosen = list({one.name: one for one in there}.values())
    spread = chosen[:: max(1, len(chosen) // SHOWN)][:SHOWN]
    tiles = [tile for one in spread if (tile := _tile(one, _dataset.names)) is not None]
    return encode_jpeg(beside_each_other(tiles), 85)


def _tile(one: LabelledImage, names: dict[int, str]) -> Image | None:
    try:
        assert one.path is not None
        image = read_image(one.path)
    except ImageError:
        return None
    return labelled(image, one.annotations.boxes.tolist(), one.annotations.class_ids.tolist(), names)


def labelled(image: Image, boxes: Sequence[Sequence[float]], ids: Sequence[int], names: dict[int, str]) -> Image:
    """A picture of the row's height with its boxes; of a very wide one the middle."""
    factor = HEIGHT / image.shape[0]
    small = np.asarray(Pillow.fromarray(image).resize((max(1, round(image.shape[1] * factor)), HEIGHT)))
    drawn = [
        (tuple(factor * value for value in box), int(i), names.get(int(i), str(i)))
        for box, i in zip(boxes, ids, strict=True)
    ]
    left = max(0, small.shape[1] - WIDEST) // 2
    return draw_boxes(small, drawn)[:, left : left + WIDEST]


def beside_each_other(tiles: Sequence[Image]) -> Image:
    """Pictures of one height in one row."""
    gap = np.full((HEIGHT, GAP, 3), 128, np.uint8)
    parts = [part for tile in tiles for part in (gap, tile)][1:]
    return np.concatenate(parts or [np.full((HEIGHT, WIDEST, 3), 128, np.uint8)], axis=1)


@st.cache_data(show_spinner=False, max_entries=1)
def scenes_strip() -> bytes:
    """Rendered scenes as the recipe draws them, with their boxes: those of Evaluate's sample."""
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    names = {one["id"]: one["name"] for one in truth["categories"]}
    tiles = []
    for image in truth["images"][:SHOWN]:
        own = [one for one in truth["annotations"] if one["image_id"] == image["id"]]
        boxes = [[x, y, x + w, y + h] for x, y, w, h in (one["bbox"] for one in own)]
        pixels = read_image(SAMPLE / "images" / Path(image["file_name"]).name)
        tiles.append(labelled(pixels, boxes, [one["category_id"] for one in own], names))
    return encode_jpeg(beside_each_other(tiles), 85)
