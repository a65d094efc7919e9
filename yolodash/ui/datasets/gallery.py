"""The pictures of a data set, a page at a time, with their boxes; a click opens one on the page Annotate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import streamlit as st

from yolodash import bins
from yolodash.bins import BinEntry
from yolodash.data.dataset import SPLITS
from yolodash.data.store.parts import by_part, read_splits, write_splits
from yolodash.data.store.pictures import StoredPicture, delete_pictures, restore_pictures
from yolodash.data.store.truth import read_truth
from yolodash.errors import DatasetError, ImageError
from yolodash.ui import inputs, messages, state
from yolodash.ui.annotating import checking, person
from yolodash.ui.annotating import choosing as annotating
from yolodash.ui.datasets import choosing, filters, grid, listing
from yolodash.ui.datasets.filters import Wanted
from yolodash.ui.datasets.grid import Tile
from yolodash.ui.datasets.listing import Listing
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain

PER_PAGE = 24
_GRID, _ROUND, _PAGE, _FIRST, _OPEN = (
    "datasets_grid", "datasets_round", "datasets_page", "datasets_first_page", "datasets_open"
)  # fmt: skip


def show(found: Listing, twins: frozenset[str]) -> None:
    """Filters, a page of pictures, and what to do with those that are ticked."""
    opened = st.session_state.pop(_OPEN, None)
    if opened is not None:
        _annotate(found.dataset, opened)
    if not found.pictures:
        st.info(_("This data set has no pictures yet."), icon=":material/image:")
        st.button(_("Add pictures"), type="primary", icon=":material/add_photo_alternate:", key="datasets_first",
                  on_click=choosing.open_view, args=("add",))  # fmt: skip
        _bin(found.dataset)
        return
    wanted = filters.choose(found, twins)
    disagreement = _disagreement(found) if wanted.order == "disagreement" else {}
    pictures = filters.chosen(found, wanted, twins, disagreement)
    shown, boxes = _page_of(found, wanted, pictures)
    actions = st.container()
    ticked = grid.show(
        tiles_of(found, shown, disagreement),
        found.classes,
        key=_GRID,
        boxes=boxes,
        round_=st.session_state.setdefault(_ROUND, 0),
        on_open=lambda stem: st.session_state.update({_OPEN: stem}),
    )
    if not shown:
        st.caption(_("No picture fits these filters."))
    with actions:
        _with_ticked(found.dataset, ticked)
    _bin(found.dataset)


def _disagreement(found: Listing) -> dict[str, float]:
    """How much the chosen model doubts the labels of each picture; where it has not checked them, it can here."""
    left, right = st.columns([2, 5], vertical_alignment="top")
    with left:
        model = inputs.choose_model()
    with right:
        if model is None:
            st.caption(_("There is no model yet: the page Models fetches one."))
            return {}
        checked = checking.checked(found.dataset, found.pictures, found.classes, model)
        checking.show(found.dataset, model, checked, key="datasets")
    return checked.worst()


def _annotate(dataset: Path, stem: str) -> None:
    annotating.open_dataset(dataset.name)
    annotating.open_picture(dataset.name, stem)
    st.switch_page("pages/annotate.py", query_params={"data": dataset.name, "picture": stem})


def _page_of(found: Listing, wanted: Wanted, pictures: Sequence[StoredPicture]) -> tuple[Sequence[StoredPicture], bool]:
    """The pictures of the chosen page, and whether boxes are drawn on them."""
    pages = max(1, -(-len(pictures) // PER_PAGE))
    key, first = _page_key((found.dataset.name, wanted), pages)
    left, middle, right = st.columns([3, 4, 2], vertical_alignment="center")
    counts = ngettext("{count} picture", "{count} pictures", len(pictures)).format(count=f"{len(pictures):,}")
    total = sum(one.boxes for one in pictures)
    left.markdown(f"**{counts}** · " + ngettext("{count} box", "{count} boxes", total).format(count=f"{total:,}"))
    with middle:
        page = st.pagination(pages, default=first, key=key) if pages > 1 else 1
    boxes = right.toggle(_("Show boxes"), value=True, key="datasets_boxes", persist_state="session")
    state.mirror({"page": str(page) if page > 1 else None})
    return pictures[(page - 1) * PER_PAGE : page * PER_PAGE], bool(boxes)


def _page_key(chosen_for: tuple[str, Wanted], pages: int) -> tuple[str, int]:
    """The key of the row of page numbers, a new one where another choice begins, and the page that it begins with."""
    number, before = st.session_state.get(_PAGE, (0, None))
    if before != chosen_for or st.session_state.get(f"{_PAGE}_{number}", 1) > pages:
        asked = state.from_address("page", int, 1) if before is None else 1
        first = min(max(asked, 1), pages)
        number += 1
        st.session_state[_PAGE], st.session_state[_FIRST] = (number, chosen_for), first
    return f"{_PAGE}_{number}", int(st.session_state[_FIRST])


def tiles_of(
    found: Listing, pictures: Sequence[StoredPicture], disagreement: Mapping[str, float] = MappingProxyType({})
) -> list[Tile]:
    """What the browser needs of each picture."""
    smalls = listing.thumbnails(found.dataset, pictures)
    return [
        Tile(one, small, _boxes(found.dataset, one), _about(one, disagreement.get(one.stem)))
        for one, small in zip(pictures, smalls, strict=True)
    ]


def _boxes(dataset: Path, one: StoredPicture) -> tuple[tuple[float, float, float, float, int], ...]:
    if not one.boxes:
        return ()
    try:
        return tuple((*box.box, box.class_id) for box in read_truth(dataset, one.stem).boxes)
    except (DatasetError, ImageError):
        return ()


def _about(one: StoredPicture, disagreement: float | None) -> str:
    """How much a model doubts the labels, where it is asked; state, boxes and parts, in a line."""
    boxes = ngettext("{count} box", "{count} boxes", one.boxes).format(count=one.boxes)
    doubt = "" if disagreement is None else _("doubt {share}").format(share=f"{disagreement:.0%}")
    parts = (doubt, f"{filters.state_mark(one.state)} {boxes}", ", ".join(one.splits))
    return " · ".join(part for part in parts if part)


def _with_ticked(dataset: Path, ticked: Sequence[str]) -> None:
    """What can be done with ticked pictures."""
    if not ticked:
        st.caption(
            _("Click a picture to label it. Tick pictures to move or delete them.")
            + f" ○ {_('unlabelled')} · ◐ {_('in work')} · ● {_('done')} · ✓ {_('reviewed')}"
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**" + ngettext("{count} ticked", "{count} ticked", len(ticked)).format(count=len(ticked)) + "**")
        for part in SPLITS:
            st.button(_("Move to {part}").format(part=part), key=f"datasets_to_{part}", on_click=_moved,
                      args=(dataset, tuple(ticked), part))  # fmt: skip
        st.button(_("Delete"), icon=":material/delete:", key="datasets_delete_pictures", on_click=_deleted,
                  args=(dataset, tuple(ticked)))  # fmt: skip


def _moved(dataset: Path, stems: tuple[str, ...], part: str) -> None:
    with messages.shown():
        splits = {**read_splits(dataset), **dict.fromkeys(stems, (part,))}
        write_splits(dataset, by_part(splits), by=person.name())
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _deleted(dataset: Path, stems: tuple[str, ...]) -> None:
    with messages.shown():
        delete_pictures(dataset, stems, by=person.name())
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _bin(dataset: Path) -> None:
    """Deleted pictures, which can be taken back."""
    entries = bins.list_bin(dataset)
    if not entries:
        return
    with st.expander(_("Deleted pictures ({count})").format(count=sum(_pictures_in(one) for one in entries))):
        for entry in entries[:20]:
            left, right = st.columns([4, 1], vertical_alignment="center")
            left.markdown(bin_line(entry, _pictures_in(entry)))
            right.button(_("Take back"), key=f"datasets_back_{entry.path.name}", on_click=_back, args=(dataset, entry))


def _pictures_in(entry: BinEntry) -> int:
    folder = entry.path / "images"
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def bin_line(entry: BinEntry, pictures: int) -> str:
    """What lies in the bin, and for how long."""
    count = ngettext("{count} picture", "{count} pictures", pictures).format(count=pictures)
    left = _("{days} days left").format(days=max(0, round(entry.days_left)))
    return f"{count} · {entry.bytes / 2**20:.1f} MB · {left}"


def _back(dataset: Path, entry: BinEntry) -> None:
    with messages.shown():
        back = restore_pictures(dataset, entry, by=person.name())
        if entry.path.exists():
            st.warning(_("Some names were taken meanwhile; {name} and others came back.").format(
                name=plain(back[0]) if back else "–"))  # fmt: skip
