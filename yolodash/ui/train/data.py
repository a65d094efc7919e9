"""Which data to train on: of the workspace, a path, a zip, or scenes that are drawn now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.runs.making import Making, begin_making, making, makings, put_away
from yolodash.scenes.writing import MOST_IMAGES, SeriesOptions, split_of
from yolodash.structures import ImageSize
from yolodash.ui import messages, state
from yolodash.ui.evaluation.model_run import data_sets
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.train import looking, remembered
from yolodash.ui.train.looking import Look

MAKE, UPLOAD = ":make", ":upload"
KEY, _NEXT = remembered.key("data"), "train_data_next"
SCENES, SCENE_CLASSES = 300, 3
SIDES = {"64×64": (64, 64), "160×120": (120, 160), "320×240": (240, 320), "640×480": (480, 640)}
USUAL_SIDE = "320×240"


@dataclass(frozen=True)
class Scenes:
    """Scenes that shall be drawn, and the name of their data set."""

    name: str
    series: SeriesOptions

    def count(self, split: str) -> int:
        """How many pictures a split will have."""
        total = self.series.images
        return sum(split_of(index, total) == split for index in range(total))


@dataclass(frozen=True)
class Data:
    """What was chosen: scenes to draw, or a data set that is looked at.

    Attributes:
        source: what ``--data`` takes; empty for scenes that are not there yet.
        scenes: those.
        look: at a data set that is there.
    """

    source: str
    scenes: Scenes | None = None
    look: Look | None = None

    @property
    def classes(self) -> int:
        """How many the network will learn; 0 while that is not known."""
        if self.scenes is not None:
            return SCENE_CLASSES
        return len(self.look.health.classes) if self.look is not None and self.look.health is not None else 0

    def pictures(self, split: str) -> int:
        """How many there are; 0 while that is not known."""
        if self.scenes is not None:
            return self.scenes.count(split)
        return self.look.health.pictures[split] if self.look is not None and self.look.health is not None else 0

    @property
    def small(self) -> bool:
        """Whether the pictures are so small that a smaller input does."""
        if self.scenes is not None:
            return True
        images = self.look.dataset.images[:50] if self.look is not None and self.look.dataset is not None else ()
        sides = [max(one.annotations.image_size.height, one.annotations.image_size.width) for one in images]
        return bool(sides) and sorted(sides)[len(sides) // 2] <= 400


def choose() -> Data | None:
    """What to train on; None while there is nothing, with a way to get it on the page."""
    uploads = {str(path): path for path in uploaded()}
    known = (*data_sets(), *uploads)
    labels = {MAKE: _("Make scenes now …"), UPLOAD: _("Upload a zip …")}
    labels |= {key: path.name for key, path in uploads.items()}
    if _NEXT in st.session_state:
        st.session_state[KEY] = st.session_state.pop(_NEXT)
    remembered.seed("data", str, known[0] if known else MAKE)
    options = tuple(dict.fromkeys((*known, *_typed(known), MAKE, UPLOAD)))
    chosen = st.selectbox(
        _("Data set: a name in the workspace, or a path on the server"),
        options,
        format_func=lambda key: labels.get(key, key),
        accept_new_options=True,
        key=KEY,
        persist_state="session",
    )
    if chosen == MAKE:
        return _to_make()
    if chosen == UPLOAD:
        _take_in()
        return None
    return Data(str(chosen), look=looking.look_at(str(chosen))) if chosen else None


def _typed(known: tuple[str, ...]) -> tuple[str, ...]:
    """A path that was typed before, which must stay an option."""
    value = st.session_state.get(KEY)
    return (str(value),) if value and value not in known else ()


def open_next(source: str) -> None:
    """Choose this data set from the next run on."""
    st.session_state[_NEXT] = source


def uploaded() -> list[Path]:
    """The zips that were uploaded here."""
    return sorted((workspace.folder("datasets") / ".uploads").glob("*/*.zip"))


def _take_in() -> None:
    """The uploader; what comes is kept as it is, and opened as any zip is: nothing in it leads out of it."""
    file = st.file_uploader(
        _("A zip with data.yaml, COCO JSON or VOC XML and the pictures"), type="zip", key="train_zip"
    )
    if file is None:
        return
    digest = hashlib.file_digest(file, "sha256").hexdigest()[:32]
    path = workspace.folder("datasets") / ".uploads" / digest / workspace.safe_name(file.name)
    if not path.exists():
        workspace.write_bytes(path, file.getvalue())
    open_next(str(path))
    st.rerun()


def _to_make() -> Data | None:
    """How many scenes of which series; while some are being drawn, how far that is."""
    left, middle, right = st.columns(3)
    remembered.seed("scenes", lambda text: min(max(int(text), 2), MOST_IMAGES), SCENES)
    remembered.seed("scene_seed", lambda text: max(int(text), 0), 0)
    remembered.seed("scene_size", state.one_of(SIDES, str), USUAL_SIDE)
    count = left.number_input(_("Pictures"), 2, MOST_IMAGES, step=50, key="train_scenes", persist_state="session")
    seed = middle.number_input(_("Seed"), 0, step=1, key="train_scene_seed", persist_state="session")
    side = right.selectbox(_("Size in pixels"), tuple(SIDES), key="train_scene_size", persist_state="session")
    height, width = SIDES[side]
    suffix = "" if side == USUAL_SIDE else f"-{width}x{height}"
    name = f"scenes-{count}-seed-{seed}{suffix}"
    return Data("", scenes=Scenes(name, SeriesOptions(int(count), ImageSize(height, width), int(seed))))


def only_make(scenes: Scenes) -> None:
    """Draw the scenes and do nothing with them."""
    with messages.shown():
        begin_making(scenes.name, scenes.series)


@st.fragment(run_every=1.0)
def _watch(names: tuple[str, ...]) -> None:
    """How far the drawing is; its end shows the page anew."""
    for name in names:
        found = making(name)
        if found is None or not found.alive:
            st.rerun()
        _progress(found)


def watch_makings() -> Making | None:
    """What is being drawn, with its progress; gives one that has just been trained on or has ended."""
    all_of_them = makings()
    at_work = tuple(one.name for one in all_of_them if one.alive)
    if at_work:
        _watch(at_work)
    ended = None
    for one in all_of_them:
        if one.alive:
            continue
        put_away(one.name)
        if one.error is not None:
            messages.show(one.error)
        elif one.done < one.total:
            st.warning(
                _("The drawing of {name} ended before it was done. Start it again.").format(name=plain(one.name))
            )
        else:
            ended = one
    return ended


def _progress(found: Making) -> None:
    if found.done >= found.total:
        st.progress(1.0, text=_("{name} is drawn; it is being put in its place …").format(name=plain(found.name)))
        return
    said = _("Drawing {name}: {done} of {total} pictures").format(
        name=plain(found.name), done=found.done, total=found.total
    )
    if found.done:
        left = found.seconds / found.done * (found.total - found.done)
        said += " · " + _("about {seconds} s left").format(seconds=round(left))
    st.progress(found.done / found.total, text=said)
    st.caption(_("It goes on when this page is closed, and is found here again."))
