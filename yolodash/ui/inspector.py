"""Look inside a model: what it is, how its layers are joined, and what each of them costs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from yolodash.models import catalogue
from yolodash.models.catalogue import InstalledModel, ModelFiles
from yolodash.models.catalogue.entries import LECTURE_TABLE
from yolodash.models.saved import read_saved
from yolodash.models.summary import Summary, graph, receptive_stride, summarise, summarise_entry, summarise_saved
from yolodash.serving.roles import Role
from yolodash.ui import entrance, inputs, messages, model_card, network_picture, state, tables
from yolodash.ui.i18n import _

_INSPECTED = "inspect"
_NEXT = "inspect_next"
MOST_NAMES = 200


def look_at(name: str) -> None:
    """Look inside this model from the next run on."""
    st.session_state[_NEXT] = name


def choose() -> str:
    """One of the workspace's models, a run's, or one of the catalogue's, which can be looked at without its weights."""
    installed = {model.name: model for model in catalogue.usable()}
    names = (*installed, *(entry.name for entry in catalogue.entries() if entry.name not in installed))
    following = st.session_state.pop(_NEXT, None)
    if following in names:
        st.session_state[_INSPECTED] = following
    elif st.session_state.get(_INSPECTED) not in names:
        st.session_state[_INSPECTED] = state.from_address(_INSPECTED, state.one_of(names, str), names[0])
    chosen = st.selectbox(
        _("Model"),
        names,
        format_func=lambda name: (
            model_card.label(name) if name in installed else _("{name} (not fetched)").format(name=name)
        ),
        key=_INSPECTED,
        persist_state="session",
    )
    state.mirror({_INSPECTED: chosen})
    return chosen


def show(name: str) -> None:
    """The inspector of one model."""
    summary = summary_of(name)
    _figures(summary)
    st.subheader(_("The network"), anchor=False)
    network_picture.show(graph(summary.layers), key="network_picture")
    st.caption(
        _(
            "Each row is one resolution, each box one layer or one stage; the number below it counts channels. Dashed "
            "lines are skip connections: they bring earlier, finer maps to where they are joined. Boxes with a heavy "
            "border at the right are the heads."
        )
    )
    if summary.family == "yolov5":
        lecture_table()
    _classes(summary)
    st.subheader(_("Layers"), anchor=False)
    numbers = st.column_config.NumberColumn(format="localized")
    configuration = {_("Parameters"): numbers, _("Million multiply-adds"): numbers}
    st.dataframe(layer_table(summary), hide_index=True, width="stretch", height=380, column_config=configuration)


def summary_of(name: str) -> Summary:
    """From the file where it may be anyone's; a published model's description needs no file."""
    model, entry = catalogue.find_usable(name), catalogue.find_entry(name)
    if entry is not None and (model is None or model.verified):
        return summarise_entry(entry)
    if model is None:
        raise ValueError(name)
    if model.origin == "bundled":
        return _summary_of_bundled(model.files.weights, model.files.weights.stat().st_mtime_ns)
    status = model.files.weights.stat()
    return _summary_of_files(model.files, status.st_mtime_ns, status.st_size)


@st.cache_data(max_entries=2, show_spinner=False)
def _summary_of_bundled(weights: Path, modified: int) -> Summary:
    """From the header alone: its first paint needs no torch."""
    return summarise_saved(read_saved(weights))


@st.cache_data(max_entries=64, show_spinner=False)
def _summary_of_files(files: ModelFiles, modified: int, size: int) -> Summary:
    """Read once for each state of the file."""
    from yolodash.models.loading import load_model

    return summarise(load_model(files.weights, cfg=files.cfg, names=files.names))


def _figures(summary: Summary) -> None:
    size = summary.size
    values = {
        _("Family"): summary.family.replace("yolo", "YOLO"),
        _("Release"): summary.release or "–",
        _("Classes"): str(len(summary.names)),
        _("Parameters"): f"{summary.parameters:,}",
        _("GFLOPs"): f"{summary.gflops:.1f}",
        _("Input"): f"{size.width}×{size.height}",
        _("Strides"): ", ".join(map(str, summary.strides)),
    }
    for column, (label, value) in zip(st.columns((1, 1.3, 1, 1.5, 1, 1.2, 1.2)), values.items(), strict=True):
        column.metric(label, value)


def layer_table(summary: Summary) -> pd.DataFrame:
    """A row a layer: what it reads, what comes out, what it costs."""
    return pd.DataFrame(
        {
            _("Layer"): [layer.index for layer in summary.layers],
            _("Type"): [layer.kind for layer in summary.layers],
            _("Details"): [layer.detail for layer in summary.layers],
            _("Reads"): [", ".join(_source(source) for source in layer.sources) for layer in summary.layers],
            _("Channels × height × width"): ["×".join(map(str, layer.shape)) for layer in summary.layers],
            _("Stride"): [receptive_stride(layer, summary.size) for layer in summary.layers],
            _("Parameters"): [layer.parameters for layer in summary.layers],
            _("Million multiply-adds"): [round(layer.multiply_adds / 1e6, 1) for layer in summary.layers],
        }
    )


def _source(index: int) -> str:
    return _("picture") if index < 0 else str(index)


def _classes(summary: Summary) -> None:
    with st.expander(_("Classes and anchors")):
        shown = ", ".join(messages.plain(name) for name in summary.names[:MOST_NAMES])
        st.markdown(shown + (" …" if len(summary.names) > MOST_NAMES else ""))
        for stride, anchors in zip(summary.strides, summary.anchors, strict=True):
            sizes = ", ".join(f"{width:g}×{height:g}" for width, height in anchors if width or height)
            if sizes:
                st.markdown(_("Stride {stride}: anchors {sizes} pixels").format(stride=stride, sizes=sizes))


def lecture_table() -> None:
    """The lecture's table of s, m, l and x beside the figures of the files that the catalogue gives."""
    st.subheader(_("The lecture's table, and today's files"), anchor=False)
    lecture, today = _("lecture: {what}"), "v7.0: {what}"
    columns = (_("size"), "V100", "mAP")
    header = ["", *(lecture.format(what=what) for what in columns), *(today.format(what=what) for what in columns)]
    rows = []
    for letter, megabytes, milliseconds, accuracy, release in LECTURE_TABLE:
        entry = catalogue.find_entry(f"yolov5{letter}")
        if entry is not None:
            figures = entry.figures
            published = (f"{entry.bytes[0] / 1e6:.0f} MB", figures.speed.split(",")[0], f"**{figures.accuracy}**")
            told = (f"{megabytes} MB", f"{milliseconds} ms (v5.0)", f"**{accuracy}** ({release})")
            rows.append([f"YOLOv5{letter}", *told, *published])
    st.markdown(tables.table(header, rows, ["---"] * len(header)))
    st.caption(
        _(
            "All figures are as published: mAP50-95 on COCO val2017 at 640 pixels, time on a V100 at batch 32. The "
            "lecture's are of release v5.0, but 37.2 for s is of v6.0: v5.0 had 36.7. Those of v7.0 are v6.1's too."
        )
    )


def actions(name: str) -> None:
    """Rename and delete, for a model that lies in the workspace; get, for one that does not."""
    model = catalogue.find_usable(name)
    if model is not None and model.origin == "bundled":
        return model_card.beside(model)
    if model is not None and model.origin == "run":
        return None  # it comes and goes with its run
    if not entrance.may(Role.TRAINER):
        return None
    if model is None:
        if st.button(_("Get its weights"), icon=":material/download:", key="get_inspected"):
            inputs.fetch(name)
        return None
    with st.container(horizontal=True):
        if model.origin == "uploaded":
            _rename(model)
        _delete(model)
    return None


def _rename(model: InstalledModel) -> None:
    with st.popover(_("Rename"), icon=":material/edit:"):
        new = st.text_input(_("New name"), value=model.name, key=f"rename_{model.name}")
        if st.button(_("Rename it"), key=f"do_rename_{model.name}", disabled=new in ("", model.name)):
            with messages.shown():
                look_at(catalogue.rename(model.name, new).name)
                st.rerun()


def _delete(model: InstalledModel) -> None:
    with st.popover(_("Delete"), icon=":material/delete:"):
        st.markdown(_("Move {name} to the bin of the workspace?").format(name=f"**{messages.plain(model.name)}**"))
        st.caption(_("It stays in the folder models/.bin until you empty that."))
        if st.button(_("Move it to the bin"), type="primary", key=f"do_delete_{model.name}"):
            with messages.shown():
                catalogue.delete(model.name)
                st.rerun()
