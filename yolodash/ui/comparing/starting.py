"""The form that starts a sweep: what differs, how many runs that makes, and one button."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass

import streamlit as st

from yolodash.errors import N_, OptionError
from yolodash.models import catalogue
from yolodash.runs.config import TrainOptions
from yolodash.runs.making import begin_making, making, put_away
from yolodash.runs.sweep import Plan, create_sweep, start_sweep
from yolodash.scenes.writing import SeriesOptions
from yolodash.structures import ImageSize
from yolodash.ui import messages
from yolodash.ui.comparing import charts, choice, timing
from yolodash.ui.comparing.groups import duration, letter
from yolodash.ui.evaluation.charts import CONFIG
from yolodash.ui.evaluation.model_run import data_sets
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.workspace import folder

SIZES = (64, 128, 160, 224, 320, 416, 512, 640)
FRESH = "yolov5n"
"""The network that begins from nothing, where no weights are chosen."""
SMALL_SCENES = "scenes-small"
SMALL_SERIES = SeriesOptions(images=100, size=ImageSize(120, 160), seed=5)
SMALLEST_FREEZE, SMALLEST_EPOCHS, SMALLEST_SEEDS = (0, 10), (1, 3), (0, 1)
SMALLEST_SIDE, WORKERS = 160, 2
POLL = 0.2


@dataclass(frozen=True)
class Lists:
    """What was typed, as numbers."""

    freeze: tuple[int, ...]
    epochs: tuple[int, ...]
    seeds: tuple[int, ...]


def form() -> None:
    """What to train on what, the lists, the count of runs, the button."""
    left, right = st.columns(2, gap="large")
    with left:
        data = st.selectbox(
            _("Data set: a name in the workspace, or a path on the server"), data_sets(), accept_new_options=True,
            placeholder=_("data.yaml, folder, COCO JSON, zip …"), index=0 if data_sets() else None, key="sweep_data",
            persist_state="session",
        )  # fmt: skip
        weights = choose_weights()
        size, batch = st.columns(2)
        side = size.selectbox(
            _("Size in pixels"), SIZES, index=SIZES.index(320), key="sweep_size", persist_state="session"
        )
        pictures = batch.number_input(_("Batch"), 1, 256, 16, key="sweep_batch", persist_state="session")
        name = st.text_input(_("Name"), placeholder=_("made of network and data"), key="sweep_name")
    with right:
        lists = choose_lists()
        if lists is None:
            return
        base = TrainOptions(
            data=str(data or ""), weights=weights[0] if weights else "", cfg="" if weights else FRESH,
            batch=int(pictures), size=side, workers=WORKERS,
        )  # fmt: skip
        with messages.shown():
            plan = Plan(base, lists.freeze, lists.epochs, lists.seeds, weights)
            counted(plan)
            if not data:
                st.caption(_("Choose a data set to start them."))
                return
            start_button(plan, name.strip() or None)
            with st.expander(_("The same as a command"), icon=":material/terminal:"):
                st.code(command(plan, name.strip()), language="shell", wrap_lines=True)


def choose_weights() -> tuple[str, ...]:
    """One or more models to begin from; none is a network that knows nothing."""
    names = [model.name for model in catalogue.usable()]
    usual = first_weights()
    chosen = st.multiselect(
        _("Begin from"), names, default=[usual] if usual else [], accept_new_options=True,
        placeholder=_("nothing: {network} with random weights").format(network=FRESH), key="sweep_weights",
        persist_state="session",
    )  # fmt: skip
    return tuple(str(one) for one in chosen)


def first_weights() -> str:
    """The model that a newcomer begins from: YOLOv5n, else another YOLOv5, else the bundled one; else empty."""
    models = [model for model in catalogue.usable() if model.origin != "run"]
    published = [model.name for model in models if model.name.startswith("yolov5")]
    bundled = [model.name for model in models if model.origin == "bundled"]
    return FRESH if FRESH in published else next(iter((*published, *bundled)), "")


def choose_lists() -> Lists | None:
    """The values to go through; None, with a sentence, where one is no list of numbers."""
    with messages.shown():
        return Lists(
            numbers(st.text_input(_("Frozen layers: 0 is none, 10 is YOLOv5's backbone"), "0, 10", key="sweep_freeze",
                                  persist_state="session"), _("Frozen layers")),
            numbers(st.text_input(_("Epochs"), "3, 30", key="sweep_epochs", persist_state="session"), _("Epochs")),
            numbers(st.text_input(_("Seeds: each combination once with each"), "0, 1, 2", key="sweep_seeds",
                                  persist_state="session"), _("Seeds")),
        )  # fmt: skip
    return None


def numbers(text: str, where: str) -> tuple[int, ...]:
    """``0, 10`` as numbers.

    Raises:
        OptionError: it is none.
    """
    parts = [part for part in text.replace(";", ",").replace(" ", ",").split(",") if part]
    wrong = next((part for part in parts if not (part.isascii() and part.isdecimal() and len(part) < 10)), None)
    if wrong is not None or not parts:
        raise OptionError(
            N_("'{text}' is no whole number"), where=where, fix=N_("give numbers such as 0,10"), text=wrong or text
        )
    return tuple(int(part) for part in parts)


def counted(plan: Plan) -> None:
    """How many runs this makes, and how long they may take; it looks again while that is being measured."""
    st.fragment(_counted, run_every=2.0 if timing.measuring(plan) else None)(plan)


def _counted(plan: Plan) -> None:
    lists = (plan.freeze, plan.epochs, plan.seeds, *([plan.weights] if plan.weights[1:] else []))
    runs = ngettext("{count} run", "{count} runs", plan.count).format(count=plan.count)
    epochs = sum(options.epochs for _label, options in plan.members())
    told = ngettext("{count} epoch in all", "{count} epochs in all", epochs).format(count=f"{epochs:,}")
    factors = " × ".join(str(len(values)) for values in lists)
    with messages.shown():
        st.markdown(f"### {factors} = {runs}\n{told} · {time_told(plan)}")
        if timing.estimated_seconds(plan) is not None or timing.facts(plan.options.data) is None:
            return
        if timing.measuring(plan):
            st.caption(_("A few steps are being taken to see how long it will be …"))
        elif st.button(_("See how long it will take"), icon=":material/timer:", key="sweep_measure"):
            timing.measure(plan)
            st.rerun()


def time_told(plan: Plan) -> str:
    """The estimate in words."""
    seconds = timing.estimated_seconds(plan)
    if seconds is None:
        return _("how long, the first run will show")
    return _("about {time} on this machine").format(time=duration(seconds / 60))


def start_button(plan: Plan, name: str | None) -> None:
    """One button; the sweep's page is opened by it."""
    label = ngettext("Start {count} run", "Start {count} runs", plan.count).format(count=plan.count)
    if st.button(label, type="primary", icon=":material/play_arrow:", key="sweep_start"):
        begin(plan, name)


def begin(plan: Plan, name: str | None) -> None:
    """Make the runs, start their worker, and show them."""
    with messages.shown(), st.spinner(_("Looking at the data set …")):
        sweep = create_sweep(plan, name, command=shlex.split(command(plan, name or ""))[3:])
        start_sweep(sweep)
        choice.show_next(sweep.name)
        st.rerun()


def command(plan: Plan, name: str) -> str:
    """The line for a terminal."""
    options = plan.options
    words = ["--data", options.data]
    words += ["--weights", ",".join(plan.weights)] if plan.weights else ["--cfg", options.cfg]
    for option, values in (("freeze", plan.freeze), ("epochs", plan.epochs), ("seeds", plan.seeds)):
        words += [f"--{option}", ",".join(map(str, values))]
    words += ["--img", str(options.size), "--batch", str(options.batch), *(["--name", name] if name else [])]
    return shlex.join(["python", "-m", "yolodash", "runs", "sweep", *words])


def empty() -> None:
    """Nothing was trained yet: what a comparison will look like, and the smallest one by a click."""
    picture, words = st.columns([3, 2], gap="large", vertical_alignment="center")
    freeze, epochs, seeds = SMALLEST_FREEZE, SMALLEST_EPOCHS, SMALLEST_SEEDS
    with picture:
        cells: dict[tuple[object, object], charts.Cell] = {}
        for row, frozen in enumerate(freeze):
            for column, count in enumerate(epochs):
                name = letter(row * len(epochs) + column)
                each = " ".join(f"({_('seed')} {seed})" for seed in seeds)
                cells[frozen, count] = (f"<b>{name}</b><br>mAP = ?<br><sub>{each}</sub>", None)
        figure = charts.matrix(freeze, epochs, cells, (_("frozen layers"), _("epochs")))
        st.plotly_chart(figure, key="compare_empty", config=CONFIG, width="stretch")
    with words:
        st.subheader(_("What does freezing cost? What do more epochs give?"), anchor=False)
        st.markdown(
            _(
                "Train every combination and look. Each cell holds runs that differ in their **seed** only: "
                "a difference smaller than theirs is chance."
            )
        )
        smallest()


def smallest() -> None:
    """The button for the smallest sweep, and what it does."""
    weights = first_weights()
    plan = smallest_plan(weights)
    if st.button(
        _("Start the smallest sweep on scenes"), type="primary", icon=":material/play_arrow:", key="sweep_smallest",
        width="stretch",
    ):  # fmt: skip
        with messages.shown():
            small_scenes()
            begin(plan, None)
    start = plain(weights) if weights else _("{network} with random weights").format(network=FRESH)
    st.caption(
        _("{count} runs from {weights}, {pictures} rendered pictures of blocks at {side} pixels · {time}").format(
            count=plan.count, weights=start, pictures=SMALL_SERIES.images, side=SMALLEST_SIDE, time=time_told(plan)
        )
    )
    if weights != FRESH:
        st.page_link("pages/models.py", label=_("Better: get YOLOv5n first"), icon=":material/hub:")


def smallest_plan(weights: str) -> Plan:
    """Eight runs of seconds."""
    base = TrainOptions(
        data=SMALL_SCENES, weights=weights, cfg="" if weights else FRESH, size=SMALLEST_SIDE, workers=WORKERS
    )
    return Plan(base, SMALLEST_FREEZE, SMALLEST_EPOCHS, SMALLEST_SEEDS)


def small_scenes() -> None:
    """The data set of the smallest sweep; drawn, by a process of its own, where it is not there.

    Raises:
        YoloDashError: why it cannot be drawn.
    """
    place = folder("datasets") / SMALL_SCENES
    found = making(SMALL_SCENES)
    if place.is_dir() and (found is None or not found.alive):
        return
    if found is None or not found.alive:
        begin_making(SMALL_SCENES, SMALL_SERIES)
    text = _("Rendering {count} pictures …").format(count=SMALL_SERIES.images)
    bar = st.progress(0.0, text=text)
    while (found := making(SMALL_SCENES)) is not None and found.alive:
        bar.progress(min(found.done / found.total, 1.0), text=text)
        time.sleep(POLL)
    put_away(SMALL_SCENES)
    if found is not None and found.error is not None:
        raise found.error
