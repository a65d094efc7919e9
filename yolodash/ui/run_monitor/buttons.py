"""What can be done with a run: stop, kill, go on, use what it learned, export, rename, note, delete."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from yolodash.bins import BIN_DAYS
from yolodash.models import catalogue
from yolodash.runs.housekeeping import Citation, bin_run, citations, read_note, rename_run, write_note
from yolodash.runs.resuming import resume_run
from yolodash.runs.state import is_alive
from yolodash.runs.sweep import kill_run, stop_run
from yolodash.ui import inputs, messages
from yolodash.ui.evaluation import controls, model_run
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.run_monitor import choosing, reading, words
from yolodash.ui.run_monitor.reading import Watched
from yolodash.ui.video import source

BEST, ONNX = "best.safetensors", "best.onnx"
_FAILED = "runs_action_failed"


def resumable(run: Watched) -> bool:
    """Whether a worker could go on with it."""
    return (
        run.kind in ("train", "sweep")
        and "imported" not in run.about
        and run.state.state in ("stopped", "failed", "died")
    )


def show(run: Watched) -> None:
    """The buttons in a row; what can only be done at another time is not there."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.at_work and run.kind in ("train", "evaluate", "sweep", "video"):
            _stop(run)
        if resumable(run) and st.button(
            _("Resume"), type="primary", icon=":material/play_arrow:", key="run_resume", width="content"
        ):
            with messages.shown():
                resume_run(run.path)
                st.rerun()
        if run.kind == "train" and run.has(BEST):
            _use(run)
            _take(run)
        if run.kind == "evaluate" and run.state.state == "finished":
            _open_evaluation(run)
        if run.kind == "video":
            _open_video(run)
        if run.kind == "sweep":
            _open_sweep(run)
        _order(run)


def _stop(run: Watched) -> None:
    """To stop is asked at once, to kill only after a question."""
    stopping = run.state.state == "stopping"
    if st.button(
        _("Stop"), type="primary", icon=":material/stop:", key="run_stop", disabled=stopping, width="content",
        help=_("It finishes its step, saves, and can be gone on with."),
    ):  # fmt: skip
        with messages.shown():
            stop_run(run.path)
            st.rerun()
    if not is_alive(run.path):
        return
    with st.popover(_("Kill"), icon=":material/dangerous:"):
        st.markdown(_("End its worker at once? What it did since its last checkpoint is lost; Stop loses nothing."))
        if st.button(_("Yes, end it at once"), type="primary", key="run_kill"):
            with messages.shown():
                kill_run(run.path)
                st.rerun()


def _use(run: Watched) -> None:
    """To the pages that use a model, with this run's best chosen."""
    model = catalogue.model_of_run(run.name)
    if st.button(_("Detect with it"), icon=":material/image_search:", key="run_detect", width="content"):
        inputs.use_model(model)
        st.switch_page("pages/detect_image.py", query_params={"model": model})
    if st.button(_("Evaluate it"), icon=":material/query_stats:", key="run_evaluate", width="content"):
        model_run.use(model, str(run.options.get("data") or ""))
        controls.open_source(controls.MODEL)
        st.switch_page("pages/evaluate.py", query_params={"detections": controls.MODEL})


def _open_evaluation(run: Watched) -> None:
    if st.button(_("Open its numbers"), type="primary", icon=":material/query_stats:", key="run_open"):
        opened = f"run:{run.name}"
        controls.open_source(opened)
        st.switch_page("pages/evaluate.py", query_params={"detections": opened})


def _open_video(run: Watched) -> None:
    if st.button(_("Watch it"), type="primary", icon=":material/smart_display:", key="run_watch"):
        source.open_subject(f"run:{run.name}")
        st.switch_page("pages/detect_video.py", query_params={"video": f"run:{run.name}"})


def _open_sweep(run: Watched) -> None:
    if st.button(_("Compare its runs"), icon=":material/compare_arrows:", key="run_compare"):
        st.switch_page("pages/compare.py", query_params={"sweep": run.name})


def _take(run: Watched) -> None:
    """The files that one can take away."""
    best = run.path / BEST
    with st.popover(_("Take it with you"), icon=":material/download:"):
        st.download_button(
            _("Best weights ({size})").format(size=words.megabytes((reading.stamp(best) or (0, 0))[0])),
            best.read_bytes, f"{run.name}.safetensors", "application/octet-stream", key="run_best", on_click="ignore",
        )  # fmt: skip
        exported = run.path / ONNX
        if _is_newer(exported, best):
            st.download_button(
                _("ONNX ({size})").format(size=words.megabytes((reading.stamp(exported) or (0, 0))[0])),
                exported.read_bytes, f"{run.name}.onnx", "application/octet-stream", key="run_onnx", on_click="ignore",
            )  # fmt: skip
        elif st.button(_("Export to ONNX"), icon=":material/output:", key="run_export"):
            with messages.shown(), st.spinner(_("Exporting, and comparing with our own output …")):
                export(best, exported)
                st.rerun()
        st.caption(_("The weights go wherever --weights FILE is asked for; ONNX runs in other programs."))


def export(best: Path, exported: Path) -> None:
    """Write a run's best as ONNX beside it."""
    from yolodash.models.export import export_onnx
    from yolodash.models.loading import load_model

    export_onnx(load_model(best), exported)


def _is_newer(file: Path, than: Path) -> bool:
    """Whether one file was written after another."""
    one, other = reading.stamp(file), reading.stamp(than)
    return one is not None and other is not None and one[1] >= other[1]


def _order(run: Watched) -> None:
    """Name, note, and the way into the bin."""
    with st.popover(_("Name, note, delete"), icon=":material/edit:"):
        note = st.text_area(_("Note"), value=read_note(run.path), key=f"note_{run.name}", height=90)
        if st.button(_("Keep the note"), key="run_note", icon=":material/save:"):
            with messages.shown():
                write_note(run.path, note)
                st.rerun()
        if run.at_work:
            st.caption(_("While it is at work it keeps its name and its place. Stop it first."))
            return
        name = st.text_input(_("New name"), value=run.name, key=f"name_{run.name}")
        if st.button(_("Rename it"), key="run_rename", icon=":material/edit:", disabled=name in ("", run.name)):
            with messages.shown():
                choosing.open_run(rename_run(run.path, name).name)
                st.rerun()
        _delete(run)


def _delete(run: Watched) -> None:
    """What would miss it is said before the button."""
    missing = citations(run.path)
    size = words.megabytes(reading.bytes_of(run.path))
    st.markdown(
        _("Delete: {size} go to the bin, and can be taken back for {days} days.").format(size=size, days=BIN_DAYS)
    )
    if missing:
        st.warning("  \n".join(cited(one) for one in missing[:8]) + (" …" if missing[8:] else ""))
    label = _("Delete it all the same") if missing else _("Move it to the bin")
    if st.button(label, key="run_delete", icon=":material/delete:"):
        with messages.shown():
            bin_run(run.path)
            choosing.open_view("all")
            st.rerun()


def cited(citation: Citation) -> str:
    """A run that builds on this one, in a sentence; Markdown."""
    texts = {
        "trained": _("{name} was trained from its weights; it cannot say any longer from what."),
        "evaluated": _("{name} is an evaluation of it; its numbers stay, its model goes."),
        "sweep": _("It belongs to the sweep {name}, which would lack it."),
        "member": _("{name} belongs to this sweep, and stays unless it was never begun."),
    }
    return texts[citation.how].format(name=f"**{plain(citation.run)}**")
