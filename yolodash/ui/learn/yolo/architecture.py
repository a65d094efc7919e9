"""Step: the architecture, drawn from the description itself: 75 convolutions, skips, upsampling, heads."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from yolodash.models import catalogue
from yolodash.models.catalogue import InstalledModel
from yolodash.models.catalogue.darknet_configurations import NETWORKS
from yolodash.models.summary import Summary, graph, role, summarise_entry
from yolodash.ui import inspector, messages, network_picture, state, tables
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.subject import Subject

_SHOWN = "network"
LECTURE = "yolov3"
COUNTED = ("yolov1", "yolov2", "yolov3", "yolov3-tiny", "yolov4")


def show(about: Subject) -> None:
    """The lecture's YOLOv3, or the chosen model: the picture of its layers, and what there is how often."""
    names = [LECTURE, *([about.model.name] if about.model is not None and about.model.name != LECTURE else [])]
    st.subheader(_("The network: read off its own description"), anchor=False)
    name = state.choose(_("Network"), {name: name for name in names}, _SHOWN)
    with st.spinner(_("Reading the network …")):
        summary = inspector.summary_of(name)
    _counts(summary, name)
    network_picture.show(graph(summary.layers), key="yolo_network")
    st.caption(
        _(
            "Each row is one resolution, from fine to coarse; each box a layer or a stage, with its channels below. "
            "Dashed: skip connections that bring finer maps to where they are joined. Heavy border: the heads."
        )
    )
    _below()


def counts(summary: Summary) -> dict[str, int]:
    """How often a network has each kind of layer, as its own file counts them."""
    kinds = Counter(layer.kind.lower() for layer in summary.layers)
    roles = Counter(role(layer) for layer in summary.layers)
    return {
        "convolutions": kinds["convolutional"],
        "shortcuts": kinds["shortcut"],
        "upsampling": roles["upsampling"],
        "joins": roles["join"],
        "pooling": roles["pooling"],
        "heads": len(summary.strides),
    }


def counts_inside(model: InstalledModel) -> dict[str, int]:
    """Convolutions and skip connections inside the blocks of a loaded YOLOv5."""
    from torch import nn

    from yolodash.inference import cache
    from yolodash.models.yolov5.architecture import Bottleneck

    modules = list(cache.loaded(model.files.weights, model.files.cfg, model.files.names).modules())
    return {
        "convolutions": sum(isinstance(module, nn.Conv2d) for module in modules),
        "shortcuts": sum(isinstance(module, Bottleneck) and module.shortcut for module in modules),
    }


def _counts(summary: Summary, name: str) -> None:
    """The counts in a row."""
    found = counts(summary)
    model = catalogue.find_installed(name)
    if model is not None and not found["convolutions"]:  # YOLOv5's file counts whole blocks as layers
        found |= counts_inside(model)
    values = {
        _("Convolutions"): found["convolutions"],
        _("Skip connections"): found["shortcuts"],
        _("Upsampling"): found["upsampling"],
        _("Joins"): found["joins"],
        _("Pooling"): found["pooling"],
        _("Heads"): found["heads"],
    }
    for column, (label, value) in zip(st.columns(len(values)), values.items(), strict=True):
        column.metric(label, value)


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_architecture",
            _("YOLOv3 has no pooling. What makes its maps smaller?"),
            {
                "stride": _("Convolutions with stride 2"),
                "skip": _("Skip connections"),
                "crop": _("Cutting off the border"),
            },
            "stride",
            _("Five of them: 2 · 2 · 2 · 2 · 2 = 32, the stride of the coarsest scale."),
        )
    with said:
        lesson.remark(
            _(
                "“No pooling” and “75 convolutions” hold for yolov3.cfg; “only convolutions” holds from v2 on, for v1 "
                "ends in connected layers. Counted in the descriptions of all of them:"
            )
        )
        st.markdown(pooling_table())
        lesson.show_code(graph, summarise_entry)


@st.cache_data(show_spinner=False)
def _counts_of(name: str) -> dict[str, int]:
    entry = catalogue.find_entry(name)
    assert entry is not None
    return counts(summarise_entry(entry))


def pooling_table() -> str:
    """Convolutions, pooling and the rest of every Darknet network of the catalogue, as Markdown."""
    header = ["", _("Convolutions"), _("Pooling"), _("Skip connections"), _("Upsampling"), _("Heads")]
    rows = []
    for name in COUNTED:
        if name in NETWORKS:
            found = _counts_of(name)
            wanted = ("convolutions", "pooling", "shortcuts", "upsampling", "heads")
            rows.append([messages.plain(name), *(str(found[key]) for key in wanted)])
    return tables.table(header, rows, ["---", *["---:"] * 5])
