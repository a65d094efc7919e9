"""The boxes behind a number, on their pictures: found, false and missed told apart by outline, letter and colour."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.data.images import encode_jpeg, read_image, thumbnail
from yolodash.errors import ImageError
from yolodash.ui import components
from yolodash.ui.evaluation.boxes import KINDS, Box, Opening
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain

_FOLDER = Path(__file__).parent
_KEY = "opened_boxes"
_CHOSEN = "opened_chosen"
_KIND = "opened_kind"
A_PAGE = 9
LONGEST = 640


def show(evaluated: Evaluated, opening: Opening, number: int) -> Box | None:
    """Draw the boxes; give the one that was clicked last, if it is among them.

    Args:
        number: of the opening, counted up with every click that opened something.
    """
    boxes = list(opening.boxes)
    kinds = Counter(str(box.kind) for box in boxes)
    wanted = chosen_kinds(kinds, number)
    shown = [box for box in boxes if box.kind in wanted]
    cards = grouped(shown)
    pages = max(1, -(-len(cards) // A_PAGE))
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"opened_page_{number}")
    part = cards[(page - 1) * A_PAGE : page * A_PAGE]
    iou = opening.match_iou_threshold
    drawn = [card(evaluated, image, [described(evaluated, box, iou) for box in its]) for image, its in part]
    picked = draw(drawn, key=_KEY, scroll=str(number), chosen=st.session_state.get(_CHOSEN, ""))
    if picked is not None:
        st.session_state[_CHOSEN] = picked
    return next((box for box in boxes if identity(box) == st.session_state.get(_CHOSEN)), None)


def draw(
    cards: Sequence[Mapping[str, Any]], *, key: str, scroll: str = "", chosen: str = "", single: bool = False
) -> str | None:
    """Pictures with boxes, in the browser; the box that was clicked since the last run.

    Args:
        scroll: a new text brings the pictures into sight.
        chosen: the box that is marked in the lists.
        single: one picture, as wide as there is room.
    """
    version = hashlib.sha256(repr(cards).encode("utf-8", "backslashreplace")).hexdigest()[:16]
    clicked = components.registered("yolodash_opened_boxes", _FOLDER, "opened")(
        key=key,
        data={"version": version, "scroll": scroll, "chosen": chosen, "single": single, "cards": list(cards)},
        on_pick_change=_nothing,
    )
    picked = getattr(clicked, "pick", None)
    return str(picked.get("id")) if isinstance(picked, Mapping) else None


def heading(opening: Opening) -> str:
    """What was opened, and how many boxes it is."""
    count = len(opening.boxes)
    number = ngettext("{count} box", "{count} boxes", count).format(count=f"{count:,}")
    return f"{plain(opening.title)} · {number}"


def chosen_kinds(kinds: Counter[str], number: int) -> Sequence[str]:
    """All kinds, or the one that is asked for; asked only where there are several."""
    there = [kind for kind in KINDS if kinds[kind]]
    if len(there) < 2:
        return there
    names = {
        "TP": _("{count} true positives"),
        "FP": _("{count} false positives"),
        "FN": _("{count} missed"),
    }
    chosen = st.pills(
        _("Which"),
        there,
        format_func=lambda kind: f"{kind} · " + names[kind].format(count=kinds[kind]),
        key=f"{_KIND}_{number}",
        label_visibility="collapsed",
    )
    return there if chosen is None else [chosen]


def grouped(boxes: Sequence[Box]) -> list[tuple[int, list[Box]]]:
    """Boxes by picture, the pictures in the order of their first box."""
    cards: dict[int, list[Box]] = {}
    for box in boxes:
        cards.setdefault(box.image, []).append(box)
    return list(cards.items())


def card(evaluated: Evaluated, image: int, boxes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One picture with its boxes, as the browser draws it."""
    name = evaluated.labels.images[image]
    height, width = size_of(evaluated, image)
    return {
        "name": name if name in evaluated.pictures else _("{name} (picture not given)").format(name=name),
        "width": width,
        "height": height,
        "jpeg": jpeg(str(evaluated.pictures[name])) if name in evaluated.pictures else "",
        "boxes": list(boxes),
    }


def size_of(evaluated: Evaluated, image: int) -> tuple[int, int]:
    """Height and width of a picture; where the file does not say, what its boxes need."""
    height, width = (int(side) for side in evaluated.sizes[image])
    if height > 0 and width > 0:
        return height, width
    found, truths = evaluated.found, evaluated.truths
    its = [*found.xywh[found.image == image], *truths.xywh[truths.image == image]]
    right = max((float(box[0] + box[2]) for box in its), default=1.0)
    bottom = max((float(box[1] + box[3]) for box in its), default=1.0)
    return max(1, round(bottom)), max(1, round(right))


def described(evaluated: Evaluated, box: Box, match_iou_threshold: float) -> dict[str, Any]:
    """One box for the browser: where it is, and what is said of it."""
    truths, found = evaluated.truths, evaluated.found
    drawn = found.xywh[box.found] if box.found >= 0 else truths.xywh[box.truth]
    label = int(found.label[box.found] if box.found >= 0 else truths.label[box.truth])
    name = evaluated.labels.class_names[label]
    numbers = [f"IoU {box.overlap:.2f}"] if box.truth >= 0 and box.found >= 0 else []
    numbers += [f"{_('truth')} {box.truth + 1}"] if box.truth >= 0 else []
    what = name if box.found < 0 else f"{name} {found.score[box.found]:.2f}"
    return {
        "id": identity(box),
        "kind": box.kind,
        "letter": box.kind,
        "box": [float(value) for value in drawn],
        "partner": [float(value) for value in truths.xywh[box.truth]] if box.truth >= 0 and box.found >= 0 else None,
        "what": what,
        "numbers": " · ".join(numbers),
        "title": sentence(evaluated, box, match_iou_threshold),
    }


def identity(box: Box) -> str:
    """A name for a box that is the same from run to run."""
    return f"{box.kind}:{box.found}:{box.truth}"


def sentence(evaluated: Evaluated, box: Box, match_iou_threshold: float) -> str:
    """What a box is, in a sentence."""
    names, truths, found = evaluated.labels.class_names, evaluated.truths, evaluated.found
    if box.kind == "FN":
        return _("Missed: truth {truth}, {name}; no detection that counts answers it.").format(
            truth=box.truth + 1, name=names[int(truths.label[box.truth])]
        )
    values = {
        "name": names[int(found.label[box.found])],
        "score": f"{found.score[box.found]:.3f}",
        "overlap": f"{box.overlap:.3f}",
        "truth": box.truth + 1,
    }
    if box.kind == "TP":
        return _("True positive: {name}, score {score}, answers truth {truth} with IoU {overlap}.").format(**values)
    if box.truth < 0:
        return _("False positive: {name}, score {score}; it meets no truth of its class.").format(**values)
    values |= {"other": names[int(truths.label[box.truth])], "threshold": f"{match_iou_threshold:.2f}"}
    if values["other"] != values["name"]:
        text = _("False positive: {name}, score {score}; it lies on truth {truth}, a {other}, with IoU {overlap}.")
    elif box.overlap >= match_iou_threshold:
        text = _(
            "False positive: {name}, score {score}; it overlaps truth {truth} with IoU {overlap}, but a better "
            "detection has taken that truth."
        )
    else:
        text = _(
            "False positive: {name}, score {score}; it overlaps truth {truth} most, and IoU {overlap} is under "
            "{threshold}."
        )
    return text.format(**values)


@st.cache_data(show_spinner=False, max_entries=256)
def jpeg(path: str) -> str:
    """A picture as base64 of a JPEG that fits a card; empty where it cannot be read."""
    try:
        pixels = read_image(Path(path))
    except ImageError:
        return ""
    return base64.b64encode(encode_jpeg(thumbnail(pixels, LONGEST), 85)).decode()


def _nothing() -> None:
    """A state needs a callback to be announced; there is nothing to do in it."""
