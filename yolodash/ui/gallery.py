"""Many pictures at once: counts, a filter by class, the least sure first; one opens in the glass box."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from yolodash.data.images import encode_jpeg, read_image
from yolodash.drawing import draw_detections
from yolodash.errors import YoloDashError
from yolodash.inference.selection import judge
from yolodash.models.catalogue import InstalledModel
from yolodash.structures import Detections, Thresholds
from yolodash.ui import caching, gallery_store, inputs, messages, pictures
from yolodash.ui.caching import NetworkInput
from yolodash.ui.gallery_store import Shelf
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.pictures import Photo

COLUMNS = 4
PER_PAGE = 12
_RUNNING = "gallery_running"
_REFUSED = "gallery_refused"
_FOUND = "gallery_found"


@dataclass(frozen=True)
class Found:
    """What one picture holds at the thresholds of now; width of the picture that the boxes are in."""

    photo: Photo
    detections: Detections
    width: int

    @property
    def least_sure(self) -> float:
        """The lowest score; a picture without a detection comes last."""
        return float(self.detections.scores[-1]) if len(self.detections.scores) else 1.0


def show(model: InstalledModel, network_input: NetworkInput) -> None:
    """The gallery of all uploads."""
    photos = pictures.uploads()
    shelf = gallery_store.shelf(model, network_input)
    refused: dict[str, YoloDashError] = st.session_state.setdefault(_REFUSED, {})
    waiting = [photo for photo in photos if photo.id not in refused and not shelf.has(photo)]
    if waiting:
        look_at_all(model, network_input, shelf, waiting, len(photos))
    seen = [photo for photo in photos if shelf.has(photo)]
    if seen:
        names, found = find(model, shelf, seen, thresholds())
        present(names, found, shelf)
    for photo in photos:
        if photo.id in refused:
            messages.show(refused[photo.id])


def look_at_all(
    model: InstalledModel, network_input: NetworkInput, shelf: Shelf, waiting: list[Photo], total: int
) -> None:
    """Run the network on every picture that is not on the shelf, with a bar and a stop; what is done stays done."""
    with st.empty().container():  # what stood here before goes at once, not at the end of the run
        if not st.session_state.get(_RUNNING):
            _start_button(len(waiting))
            return
        bar = st.progress(0.0)
        st.button(_("Stop"), icon=":material/stop:", key="gallery_stop", on_click=_set_running, args=(False,))
    start = time.monotonic()
    before = total - len(waiting)
    for now, photo in enumerate(waiting):
        bar.progress((before + now) / total, text=_progress(before + now, total, now, start))
        look_at(model, network_input, shelf, photo)
    _set_running(False)
    st.rerun()


def _start_button(count: int) -> None:
    label = ngettext("Look at {count} picture", "Look at {count} pictures", count).format(count=count)
    icon = ":material/play_arrow:"
    st.button(label, type="primary", icon=icon, key="gallery_start", on_click=_set_running, args=(True,))


def look_at(model: InstalledModel, network_input: NetworkInput, shelf: Shelf, photo: Photo) -> None:
    """One picture; what is wrong with it is remembered, and the others go on."""
    try:
        image = read_image(photo.path(), name=photo.name)
        prediction = caching.run_network(model, image, network_input, interactive=False)
        shelf.keep(photo, image, prediction.candidates)
    except YoloDashError as error:
        st.session_state[_REFUSED][photo.id] = error


def _progress(done: int, total: int, now: int, start: float) -> str:
    text = _("{done} of {total} pictures").format(done=done, total=total)
    if now < 2:
        return text
    seconds = (time.monotonic() - start) / now * (total - done)
    return (
        text
        + " · "
        + _("about {minutes} min {seconds} s left").format(minutes=int(seconds // 60), seconds=int(seconds % 60))
    )


def _set_running(running: bool) -> None:
    st.session_state[_RUNNING] = running


def thresholds() -> Thresholds:
    """Two sliders for all pictures; they are the thresholds of the glass box, too."""
    now = inputs.thresholds()
    left, right = st.columns(2, gap="large")
    score = left.slider(
        _("Score threshold"), 0.001, 1.0, now.score_threshold, 0.001, format="%.3f", key="gallery_score"
    )
    overlap = right.slider(
        _("NMS IoU threshold"), 0.001, 1.0, now.nms_iou_threshold, 0.001, format="%.3f", key="gallery_iou"
    )
    chosen = replace(now, score_threshold=score, nms_iou_threshold=overlap)
    inputs.remember_thresholds(chosen)
    return chosen


def find(
    model: InstalledModel, shelf: Shelf, photos: list[Photo], chosen: Thresholds
) -> tuple[tuple[str, ...], list[Found]]:
    """The class names, and the detections of every picture; selected anew only where something changed."""
    from yolodash.inference import cache

    detector = cache.loaded(model.files.weights, model.files.cfg, model.files.names)
    ids = None if chosen.classes is None else tuple(i for i in chosen.classes if i < len(detector.names)) or None
    key = (shelf.folder, replace(chosen, classes=ids))
    if st.session_state.get(_FOUND, (None, None))[0] != key:
        st.session_state[_FOUND] = (key, {})
    known: dict[str, Found] = st.session_state[_FOUND][1]
    for photo in photos:
        if photo.id not in known:
            candidates = shelf.candidates(photo, detector)
            if candidates is not None:
                selection = judge(candidates, replace(chosen, classes=ids))
                known[photo.id] = Found(photo, selection.detections, candidates.image_size.width)
    return detector.names, [known[photo.id] for photo in photos if photo.id in known]


def present(names: tuple[str, ...], found: list[Found], shelf: Shelf) -> None:
    """Counts, filter and order, then the page."""
    counts = Counter(int(class_id) for one in found for class_id in np.unique(one.detections.class_ids))
    boxes = sum(len(one.detections.scores) for one in found)
    st.write(_("Pictures: {pictures} · detections: {boxes}").format(pictures=len(found), boxes=boxes))
    labels = {class_id: f"{plain(names[class_id])} · {count}" for class_id, count in counts.most_common()}
    picked = st.pills(
        _("Only pictures with"),
        tuple(labels),
        format_func=labels.__getitem__,
        selection_mode="multi",
        key="gallery_classes",
    )
    orders: dict[str, Callable[[Found], float | str]] = {
        _("least sure first"): lambda one: one.least_sure,
        _("most detections first"): lambda one: -len(one.detections.scores),
        _("by name"): lambda one: one.photo.name,
    }
    order = st.segmented_control(
        _("Order"), tuple(orders), default=next(iter(orders)), required=True, key="gallery_order"
    )
    wanted = [one for one in found if not picked or set(picked) <= set(one.detections.class_ids.tolist())]
    wanted.sort(key=orders[order])
    pages = max(1, -(-len(wanted) // PER_PAGE))
    page = st.pagination(pages, key="gallery_page") if pages > 1 else 1
    page_of(names, wanted[(page - 1) * PER_PAGE : page * PER_PAGE], shelf)


def page_of(names: tuple[str, ...], found: list[Found], shelf: Shelf) -> None:
    """One page of pictures, each with its boxes and a button that opens it."""
    for start in range(0, len(found), COLUMNS):
        for column, one in zip(st.columns(COLUMNS), found[start : start + COLUMNS], strict=False):
            with column, messages.shown():
                st.image(drawn(names, one, shelf), width="stretch")
                counts = Counter(names[int(class_id)] for class_id in one.detections.class_ids)
                text = ", ".join(f"{plain(name)} {count}" for name, count in counts.most_common(3)) or _(
                    "nothing found"
                )
                st.caption(f"**{plain(one.photo.name)}**  \n{text}")
                st.button(
                    _("Open"),
                    key=f"open_{one.photo.id}",
                    on_click=inputs.open_photo,
                    args=(one.photo,),
                    width="stretch",
                )


def drawn(names: tuple[str, ...], found: Found, shelf: Shelf) -> bytes:
    """A thumbnail with its boxes, as JPEG."""
    image = read_image(shelf.thumbnail(found.photo), name=found.photo.name)
    factor = np.float32(image.shape[1] / found.width)
    small = replace(found.detections, boxes=found.detections.boxes * factor)
    return encode_jpeg(draw_detections(image, small, names), quality=85)
