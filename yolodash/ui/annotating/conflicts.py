"""Two people changed one picture: both versions side by side, and a choice for each box; nothing is lost unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import streamlit as st

from yolodash import drawing
from yolodash.data.images import encode_jpeg, read_image, thumbnail
from yolodash.data.store.classes import StoredClass
from yolodash.data.store.truth import ConflictError, StoredBox, Truth, picture_path, read_truth, save_truth
from yolodash.ui import messages
from yolodash.ui.annotating import choosing, exchange, person
from yolodash.ui.annotating.differences import Difference, Side, chosen, differences
from yolodash.ui.annotating.saving import Conflict, same_boxes
from yolodash.ui.i18n import _, ngettext

LONGEST = 900


def tell(dataset: str, stems: Sequence[str]) -> None:
    """Other pictures wait for a choice."""
    count = len(stems)
    said = ngettext("{count} picture has two versions.", "{count} pictures have two versions.", count)
    st.warning(said.format(count=count), icon=":material/call_split:")
    if st.button(_("Show the first"), key="annotate_conflict_first"):
        choosing.open_picture(dataset, stems[0])
        st.rerun()


def show(dataset: Path, conflict: Conflict, classes: Sequence[StoredClass]) -> None:
    """The two versions, the choice, and the button that makes one of them."""
    found = differences(conflict)
    who = ", ".join(sorted({one.theirs.by for one in found if one.theirs is not None and one.theirs.by}))
    st.warning(
        _("**{who}** saved this picture while you changed it. Your boxes are not lost: choose for each box.").format(
            who=messages.plain(who or _("Somebody else"))
        ),
        icon=":material/call_split:",
    )
    names = {one.id: one.name for one in classes}
    sides(dataset, conflict, found, names)
    choices = [choose(place, one, names) for place, one in enumerate(found, 1)]
    open_count = sum(one is None for one in choices)
    label = _("Save what I chose")
    if st.button(label, type="primary", icon=":material/merge:", disabled=open_count > 0, key="annotate_merge"):
        with messages.shown():
            merge(dataset, conflict, found, cast(list[Side], choices))
            st.rerun()
    if open_count:
        said = ngettext("{count} box waits for a choice.", "{count} boxes wait for a choice.", open_count)
        st.caption(said.format(count=open_count))


def merge(dataset: Path, conflict: Conflict, found: Sequence[Difference], choices: Sequence[Side]) -> None:
    """Save the one version; if somebody was quicker once more, the choice begins anew with theirs."""
    stem = conflict.message.stem
    choices_by_id = {one.id: side for one, side in zip(found, choices, strict=True)}
    now = read_truth(dataset, stem)
    if same_boxes(now.boxes, conflict.theirs.boxes):  # a comment of meanwhile is no reason to ask again
        conflict = replace(conflict, theirs=now)
    one = chosen(conflict, choices_by_id)
    try:
        saved = save_truth(dataset, stem, one, by=person.name())
    except ConflictError as error:
        again = Conflict(conflict.message, conflict.theirs, one, error.theirs)
        exchange.memory().conflicts[(dataset.name, stem)] = again
        return
    exchange.settle(dataset.name, conflict, saved)


def sides(dataset: Path, conflict: Conflict, found: Sequence[Difference], names: dict[int, str]) -> None:
    """Both versions as pictures; boxes in which they differ have the number of their choice below."""
    numbers = {one.id: place for place, one in enumerate(found, 1)}
    with messages.shown():
        image = read_image(picture_path(dataset, conflict.message.stem))
        for column, title, truth in zip(
            st.columns(2), (_("Yours"), _("Theirs")), (conflict.mine, conflict.theirs), strict=True
        ):
            drawn = drawing.draw_boxes(image, [_labelled(box, numbers, names) for box in truth.boxes])
            column.image(encode_jpeg(thumbnail(drawn, LONGEST)), caption=_caption(title, truth), width="stretch")


def _labelled(box: StoredBox, numbers: dict[str, int], names: dict[int, str]) -> tuple[tuple[float, ...], int, str]:
    number = f"{numbers[box.id]}: " if box.id in numbers else ""
    return box.box, box.class_id, f"{number}{names.get(box.class_id, box.class_id)}"


def _caption(title: str, truth: Truth) -> str:
    count = len(truth.boxes)
    return f"{title} · " + ngettext("{count} box", "{count} boxes", count).format(count=f"{count:,}")


def choose(place: int, one: Difference, names: dict[int, str]) -> Side | None:
    """The choice for one box."""
    sides: dict[Side, str] = {
        "mine": _said(_("Yours"), one.mine, names),
        "theirs": _said(_("Theirs"), one.theirs, names),
    }
    return st.segmented_control(
        _("Box {number}").format(number=place),
        tuple(sides),
        default=one.usual,
        format_func=lambda side: sides[side],
        key=f"annotate_choice_{one.id}_{_stamp(one.theirs)}",
    )


def _said(title: str, box: StoredBox | None, names: dict[int, str]) -> str:
    if box is None:
        return _("{side}: no such box").format(side=title)
    name = messages.plain(names.get(box.class_id, box.class_id))
    width, height = box.box[2] - box.box[0], box.box[3] - box.box[1]
    return _("{side}: {name}, {width} × {height}").format(
        side=title, name=name, width=f"{width:.0f}", height=f"{height:.0f}"
    )


def _stamp(box: StoredBox | None) -> str:
    return "" if box is None else box.at
