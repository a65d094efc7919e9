"""Run a model over a split of a data set, and keep what it found as a run."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.data.opening import open_dataset
from yolodash.errors import N_, OptionError
from yolodash.models import catalogue
from yolodash.runs.evaluating import begin_evaluation
from yolodash.runs.reporting import Progress, read_progress
from yolodash.runs.state import AT_WORK, read_state, request_stop
from yolodash.runs.store import list_runs
from yolodash.structures import Thresholds
from yolodash.ui import entrance, messages
from yolodash.ui.evaluation import controls
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain

SPLITS = ("val", "test", "train", "all")
_BEGUN = "evaluate_begun"


def show() -> None:
    """What to run on what, and the button; while one is at work, how far it is instead, with a button that stops."""
    name = at_work()
    if name is not None:
        watch(name)
        return
    models = {model.name: model for model in catalogue.usable()}
    if not models:
        st.info(_("No model is in your workspace yet."), icon=":material/hub:")
        st.page_link("pages/models.py", label=_("Get one on the page Models"), icon=":material/hub:")
        return
    with st.container(border=True):
        left, middle, right = st.columns([2, 3, 1], gap="medium")
        model = left.selectbox(_("Model"), tuple(models), key="evaluate_model", persist_state="session")
        data = middle.selectbox(
            _("Data set: a name in the workspace, or a path on the server"),
            data_sets(),
            index=None,
            accept_new_options=True,
            placeholder=_("data.yaml, folder, COCO JSON, zip …"),
            key="evaluate_data",
            persist_state="session",
        )
        split = right.selectbox(_("Split"), SPLITS, key="evaluate_split", persist_state="session")
        nms = st.slider(_("NMS IoU threshold"), 0.05, 0.95, 0.6, 0.05, key="evaluate_nms", persist_state="session")
        st.caption(
            _(
                "A third threshold, which acts while the model runs: of its own boxes, those that overlap a better one "
                "more than this are dropped. The match IoU compares boxes with the truth, and is moved afterwards."
            )
        )
        start = st.button(
            _("Run the model"), type="primary", icon=":material/play_arrow:", disabled=not data, key="evaluate_run"
        )
    if start and data:
        with messages.shown():
            entrance.require_known(str(data), data_sets())
            root = open_dataset(str(data)).root.name
            thresholds = Thresholds(0.001, nms, 300, labels="all")
            run = begin_evaluation(
                free_name(f"{model} {root} {split}"), weights=model, data=str(data), split=split, thresholds=thresholds
            )
            st.session_state[_BEGUN] = run.name
            st.rerun()


def use(model: str, data: str) -> None:
    """Let this model, and this data set's validation pictures, be the chosen ones from the next run on."""
    st.session_state["evaluate_model"] = model
    st.session_state["evaluate_split"] = "val"
    if data:
        st.session_state["evaluate_data"] = data


def data_sets() -> list[str]:
    """The data sets in the workspace."""
    return sorted(path.name for path in workspace.folder("datasets").iterdir() if path.is_dir() and path.name[0] != ".")


def at_work() -> str | None:
    """The evaluation that this page began, else one that another page or tab has at work."""
    begun = st.session_state.get(_BEGUN)
    if begun is not None:
        return str(begun)
    return next((run.name for run in list_runs("evaluate") if run.state in AT_WORK), None)


@st.fragment(run_every=1.0)
def watch(name: str) -> None:
    """How far an evaluation is, read from its folder; its end opens it, or is said in a sentence."""
    run = workspace.inside(workspace.folder("runs"), name)
    found = read_state(run)
    if found.state == "finished":
        st.session_state.pop(_BEGUN, None)
        controls.open_source(f"run:{name}")
        st.rerun()
    if found.state in AT_WORK:
        show_progress(read_progress(run))
        st.caption(_("It goes on when this page is closed, and is found here again."))
        st.button(_("Stop"), icon=":material/stop:", key="evaluate_stop", on_click=stop, args=(run,))
        return
    if found.state == "stopped":
        st.info(_("This evaluation was stopped."), icon=":material/stop_circle:")
    else:
        said = messages.told(found) or _("This evaluation ended before it was done. Start it again.")
        st.warning(said, icon=":material/error:")
    st.button(_("Back"), icon=":material/arrow_back:", key="evaluate_back", on_click=forget)


def show_progress(progress: Progress | None) -> None:
    """The bar and the estimate; before the first pictures are done, what goes before them."""
    if progress is None:
        st.progress(0.0, text=_("Loading the model …"))
        return
    text = remaining(progress.done, progress.total, progress.seconds)
    st.progress(min(progress.done / progress.total, 1.0), text=text)


def stop(run: Path) -> None:
    """Ask the worker to stop."""
    request_stop(run)


def forget() -> None:
    """Watch no evaluation any longer."""
    st.session_state.pop(_BEGUN, None)
    st.rerun()


def remaining(done: int, total: int, seconds: float) -> str:
    """How far it came, and how long the rest will take."""
    left = seconds / max(done, 1) * (total - done)
    said = _("{done} of {total} pictures").format(done=done, total=total)
    return said + " · " + _("about {seconds} s left").format(seconds=round(left)) if done < total else said


def free_name(wanted: str) -> str:
    """A name for a run that is not taken.

    Raises:
        OptionError: there are a thousand of this name.
    """
    base = workspace.safe_name(plain_name(wanted)) or "evaluation"
    for number in range(1, 1000):
        name = base if number == 1 else f"{base} {number}"
        if not (workspace.folder("runs") / name).exists():
            return name
    raise OptionError(N_("There are too many runs of this name"), fix=N_("delete some of them"), where=plain(base))


def plain_name(text: str) -> str:
    """Letters, digits, dots, dashes and blanks only."""
    return "".join(c if c.isalnum() or c in " .-_" else "-" for c in text)[:80].strip()
