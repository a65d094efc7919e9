"""What goes in: the picture, the model, and how the one is brought into the other; the address remembers each."""

from __future__ import annotations

import time
from math import isfinite
from typing import Literal, cast

import streamlit as st

from yolodash.data.images import image_size
from yolodash.data.uploads import delete_upload, list_uploads, save_upload
from yolodash.errors import YoloDashError
from yolodash.models import catalogue
from yolodash.models.catalogue import InstalledModel
from yolodash.serving.roles import Role
from yolodash.structures import Resize, Thresholds
from yolodash.ui import caching, entrance, gallery_store, messages, model_card, paste, pictures, session, state
from yolodash.ui.caching import NetworkInput
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.pictures import Photo

View = Literal["one", "all"]

FIRST_MODEL = "yolov3-tiny"
SIZES = (320, 416, 512, 608, 640, 832, 1024, 1280)
_PICTURE = "sample"
_USUAL = "usual_sample"
_MODEL = "model"
_THRESHOLDS = "thresholds"
_NEWEST = "newest_upload"
_ROUND = "upload_round"
_REFUSED = "refused_uploads"
_SAID_SECONDS = 60.0


def choose_image() -> Photo:
    """The picture to look at: a sample, or one of this browser's uploads. Takes new ones in, too."""
    photos = {photo.key: photo for photo in (*pictures.uploads(), *pictures.samples())}
    usual = pictures.default_for(_settled_model())
    asked = _asked_upload(photos)
    newest = st.session_state.pop(_NEWEST, None)
    if newest in photos:
        st.session_state[_PICTURE] = newest
    elif st.session_state.get(_PICTURE) not in photos:
        st.session_state[_PICTURE] = state.from_address(_PICTURE, state.one_of(photos, str), usual)
    elif st.session_state[_PICTURE] == st.session_state.get(_USUAL):  # who never chose one gets the new model's own
        st.session_state[_PICTURE] = usual
    st.session_state[_USUAL] = usual
    chosen = st.selectbox(
        _("Picture"),
        tuple(photos),
        format_func=lambda key: photos[key].name if key in photos else key,
        key=_PICTURE,
        persist_state="session",
    )
    if asked is None or chosen != usual:
        state.mirror({_PICTURE: None if chosen == usual else chosen})
    _take_in_files()
    return photos[chosen]


def _asked_upload(photos: dict[str, Photo]) -> str | None:
    """The upload that the address asks for and that is not here: not yet, or because it is another browser's."""
    asked = st.query_params.get(_PICTURE, "")
    if not asked.startswith("upload:") or asked in photos:
        return None
    if not session.settled():
        st.caption(_("Looking for this upload in your browser …"))
        st.stop()
    st.info(
        _("This link leads to a private upload, which only the browser that uploaded it can show."),
        icon=":material/lock:",
    )
    return asked


def choose_view() -> View:
    """One picture in the glass box, or all uploads as a gallery; asked only where there are several."""
    if len(pictures.uploads()) < 2:
        return "one"
    labels: dict[View, str] = {"one": _("One picture"), "all": _("All uploads")}
    return state.choose(_("Show"), labels, "view", labelled=True)


def open_photo(photo: Photo) -> None:
    """Show this picture in the glass box from the next run on."""
    st.session_state[_NEWEST] = photo.key
    st.session_state["view"] = "one"


def _take_in_files() -> None:
    """Files that are dropped, chosen or pasted; what was refused is said here, through the page's own runs."""
    files = st.file_uploader(
        _("Add your own pictures"),
        accept_multiple_files=True,
        key=f"upload_{st.session_state.setdefault(_ROUND, 0)}",
        help=_told_limits(),
    )
    arrived = [(file.name, file.getvalue()) for file in files or []]
    pasted = paste.pasted("paste")
    if pasted is not None:
        arrived.append((pasted.name, pasted.data))
    _take_in(arrived)
    refused, since = st.session_state.get(_REFUSED, ([], 0.0))
    if time.monotonic() - since < _SAID_SECONDS:
        for refusal in refused:
            messages.show(refusal)


def _take_in(arrived: list[tuple[str, bytes]]) -> None:
    """Keep what arrived on disk and begin again; an uploader with a new name is empty: its bytes leave the memory."""
    if arrived:
        st.session_state[_REFUSED] = keep(arrived), time.monotonic()
        st.session_state[_ROUND] += 1
        st.rerun()


def more_pictures() -> None:
    """The camera, and the end of one's uploads; seldom wanted, so folded."""
    with st.expander(_("Camera and uploads"), icon=":material/photo_camera:"):
        if st.toggle(_("Use the camera"), key="camera"):
            shot = st.camera_input(
                _("Take a picture"), key=f"camera_{st.session_state[_ROUND]}", label_visibility="collapsed"
            )
            _take_in([] if shot is None else [(_("camera") + ".jpg", shot.getvalue())])
        _way_to_the_live_camera()
        _forget_uploads()


def _way_to_the_live_camera() -> None:
    """To the page for videos, for whom it is open."""
    if entrance.may(Role.ANNOTATOR) and st.button(_("Live camera"), icon=":material/videocam:", key="live_camera_link"):
        from yolodash.ui.video import source

        source.open_subject(source.CAMERA)
        st.switch_page("pages/detect_video.py")


def keep(arrived: list[tuple[str, bytes]]) -> list[YoloDashError]:
    """Store pictures for this browser; what is none is given back as its error, and the rest goes on."""
    refused: list[YoloDashError] = []
    for name, data in arrived:
        try:
            _check_allowed(name, data)
            upload = save_upload(session.token(), name, data)
            session.settle()
            st.session_state[_NEWEST] = f"upload:{upload.id[:16]}"
        except YoloDashError as error:
            refused.append(error)
    return refused


def _check_allowed(name: str, data: bytes) -> None:
    """Refuse what is more than the role of who looks may bring; nothing is decoded.

    Raises:
        ImageError: it is, or its header is no picture's.
        WorkspaceError: what says how much that is cannot be read.
    """
    limits = entrance.allowance()
    if isfinite(limits.megapixels):
        size = image_size(data, name=name)
        limits.check_picture(name, size.width * size.height / 1e6)
    if isfinite(limits.pictures):
        limits.check_count(name, len(list_uploads(session.token())))


def _told_limits() -> str | None:
    """What a role with limits may bring; None without."""
    limits = entrance.allowance()
    said = {
        _("up to {limit} megapixels each"): limits.megapixels,
        _("up to {limit} pictures in all"): limits.pictures,
    }
    bounds = [text.format(limit=f"{limit:g}") for text, limit in said.items() if isfinite(limit)]
    return "; ".join(bounds)[:1].upper() + "; ".join(bounds)[1:] + "." if bounds else None


def _forget_uploads() -> None:
    """One button that deletes every upload of this browser, after one question."""
    kept = pictures.uploads()
    count = len(kept)
    st.caption(
        ngettext(
            "{count} picture is kept for this browser.", "{count} pictures are kept for this browser.", count
        ).format(count=count)
    )
    if not kept or not st.toggle(_("Delete my uploads"), key="delete"):
        return
    if st.button(_("Delete them for good"), type="primary", icon=":material/delete:", key="delete_uploads"):
        for photo in kept:
            delete_upload(session.token(), photo.id)
        gallery_store.forget()
        del st.session_state["delete"]
        st.rerun()


def choose_model() -> InstalledModel | None:
    """The model to run: the bundled one, one of the workspace or of its runs; None while there is none."""
    if _settled_model() is None:
        return None
    models = {model.name: model for model in catalogue.usable()}
    chosen = st.selectbox(_("Model"), tuple(models), key=_MODEL, format_func=model_card.label, persist_state="session")
    state.mirror({_MODEL: chosen})
    model_card.beside(models[chosen])
    return models[chosen]


def _settled_model() -> InstalledModel | None:
    """The model that this run shows, put where its widget looks for it; None where one has to be fetched first."""
    models = {model.name: model for model in catalogue.usable()}
    asked = st.query_params.get(_MODEL)
    if not models or (asked is not None and asked not in models and catalogue.find_entry(asked) is not None):
        return None
    if st.session_state.get(_MODEL) not in models:
        first = next(iter(models.values()))
        usual = FIRST_MODEL if FIRST_MODEL in models and first.origin != "bundled" else first.name
        st.session_state[_MODEL] = state.from_address(_MODEL, state.one_of(models, str), usual)
    return models[st.session_state[_MODEL]]


def use_model(name: str) -> None:
    """Let this model be the chosen one from the next run on."""
    st.session_state[_MODEL] = name


def choose_network_input() -> NetworkInput:
    """Size of the network's input and the way of resizing; the model's own unless someone asks for another."""
    own = _("the model's own")
    ways: dict[str, str] = {
        "letterbox": _("letterbox: whole picture, padded to a square"),
        "rectangle": _("rectangle: whole picture, padded to whole strides"),
        "stretch": _("stretch: fills the square, changes the shape"),
    }
    limit = entrance.allowance().network_size
    sizes = tuple(size for size in SIZES if size <= limit)
    state.seed("size", state.one_of(sizes, int), None)
    if st.session_state["size"] not in (*sizes, None):  # chosen before this browser signed out
        st.session_state["size"] = None
    state.seed("resize", state.one_of(ways, str), None)
    with st.expander(_("Input of the network"), icon=":material/aspect_ratio:"):
        size = st.selectbox(
            _("Size in pixels"),
            sizes,
            index=None,
            placeholder=own,
            key="size",
            persist_state="session",
            help=_("Up to {limit} for your role; sign in with a higher one for more.").format(limit=f"{limit:g}")
            if isfinite(limit)
            else None,
        )
        resize = st.selectbox(
            _("Resizing"),
            tuple(ways),
            format_func=ways.__getitem__,
            index=None,
            placeholder=own,
            key="resize",
            persist_state="session",
        )
    state.mirror({"size": None if size is None else str(size), "resize": resize})
    return NetworkInput(size, cast(Resize | None, resize))


def offer_model(photo: Photo) -> None:
    """Without a model: the photo, and beside it the one button that fetches one."""
    asked = catalogue.find_entry(st.query_params.get(_MODEL, FIRST_MODEL)) or catalogue.find_entry(FIRST_MODEL)
    picture, offer = st.columns([3, 2], gap="large", vertical_alignment="center")
    with picture, messages.shown():
        st.image(caching.preview(photo), caption=messages.plain(photo.name), width="stretch")
    if asked is None:
        return
    with offer:
        st.subheader(_("One model away from the first detection"))
        st.write(_("YoloDash ships no weights of others. This fetches the official file once and checks it:"))
        megabytes = round(asked.bytes[0] / 1e6)
        label = _("Get {title} ({megabytes} MB)").format(title=asked.title, megabytes=megabytes)
        if st.button(label, type="primary", icon=":material/download:", key="get_model", width="stretch"):
            fetch(asked.name)
        st.caption(_(asked.licence))
        st.page_link("pages/models.py", label=_("Or bring your own model"), icon=":material/upload_file:")


def fetch(name: str) -> None:
    """Fetch a model of the catalogue behind a progress bar, then show the page with it."""
    bar = st.progress(0.0, text=_("Looking for a source that answers …"))

    def progress(done: int, total: int | None) -> None:
        megabytes = _("{done} MB").format(done=f"{done / 1e6:.1f}")
        bar.progress(min(done / total, 1.0) if total else 0.0, text=megabytes)

    with messages.shown():
        entrance.require(Role.TRAINER)
        catalogue.get(name, progress)
        st.session_state[_MODEL] = name
        st.rerun()


def thresholds() -> Thresholds:
    """The thresholds that hold now; at first the address's where it has them."""
    if _THRESHOLDS not in st.session_state:
        default = Thresholds()
        st.session_state[_THRESHOLDS] = Thresholds(
            score_threshold=state.from_address("score", state.between(0.001, 1), default.score_threshold),
            nms_iou_threshold=state.from_address("iou", state.between(0.001, 1), default.nms_iou_threshold),
            max_detections=state.from_address("max", lambda text: max(1, int(text)), default.max_detections),
            class_agnostic=state.from_address("agnostic", lambda text: text == "1", default.class_agnostic),
            classes=state.from_address("classes", _class_ids, None),
            labels=state.from_address("labels", _labels, None),
        )
    start: Thresholds = st.session_state[_THRESHOLDS]
    return start


def remember_thresholds(thresholds: Thresholds) -> None:
    """Keep the thresholds that hold now, and write them into the address."""
    st.session_state[_THRESHOLDS] = thresholds
    default = Thresholds()
    values = {
        "score": (thresholds.score_threshold, default.score_threshold, f"{thresholds.score_threshold:.4g}"),
        "iou": (thresholds.nms_iou_threshold, default.nms_iou_threshold, f"{thresholds.nms_iou_threshold:.4g}"),
        "max": (thresholds.max_detections, default.max_detections, str(thresholds.max_detections)),
        "agnostic": (thresholds.class_agnostic, default.class_agnostic, "1"),
        "classes": (thresholds.classes, None, ",".join(map(str, thresholds.classes or ()))),
        "labels": (thresholds.labels, None, str(thresholds.labels)),
    }
    state.mirror({name: None if value == usual else text for name, (value, usual, text) in values.items()})


def _class_ids(text: str) -> tuple[int, ...] | None:
    ids = tuple(sorted({int(part) for part in text.split(",") if part}))
    if any(not 0 <= class_id < 100_000 for class_id in ids):
        raise ValueError(text)
    return ids


def _labels(text: str) -> Literal["best", "all"]:
    if text == "best":
        return "best"
    if text == "all":
        return "all"
    raise ValueError(text)
