"""Whether a data set is fit to train on: counts, doubts, where boxes lie, sizes against anchors, near duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from yolodash.data.dataset import Dataset
from yolodash.data.duplicates import kept_signatures, known_signatures, when_kept
from yolodash.data.health import Health, about_sizes, box_places, counted, findings, leaks
from yolodash.data.images import encode_jpeg, read_image
from yolodash.data.likeness import Pair, Signature, twins
from yolodash.data.opening import open_dataset
from yolodash.data.store.pictures import StoredPicture, delete_pictures
from yolodash.errors import ImageError
from yolodash.ui import messages
from yolodash.ui.annotating import person
from yolodash.ui.datasets import choosing, mending, verdicts
from yolodash.ui.datasets.listing import Listing, Stamp
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.train import health_view
from yolodash.ui.train import network as networks

if TYPE_CHECKING:
    import plotly.graph_objects as go

FEW = 400
"""Pictures that are looked at without being asked."""
SHOWN_PAIRS = 2
SIZES = (320, 416, 640)


@st.cache_resource(show_spinner=False, max_entries=4)
def opened(folder: str, _stamp: Stamp) -> tuple[Dataset, Health]:
    """The data set as trainers read it, and what can be said without opening a picture."""
    dataset = open_dataset(folder)
    return dataset, counted(dataset)


@st.cache_resource(show_spinner=False, max_entries=4)
def pairs_of(folder: str, looked: tuple[int, int], _found: Sequence[Signature | None]) -> list[Pair]:
    """Near duplicates of a data set, by their places in the list; the same while its pictures are."""
    del folder, looked  # what the cache goes by
    return twins(_found)


@st.cache_resource(show_spinner=False, max_entries=4)
def _known(folder: str, looked: tuple[int, int], _listing: Listing) -> list[Signature | None] | None:
    del folder, looked
    return known_signatures(_listing.dataset, [one.path for one in _listing.pictures])


def _when_looked(listing: Listing) -> tuple[int, int]:
    """Changes when a picture comes or goes, or more of them were looked at."""
    return listing.stamp[0], when_kept(listing.dataset)


def known_twins(listing: Listing) -> frozenset[str]:
    """Stems of near duplicates, where all pictures have been looked at; else none."""
    looked = _when_looked(listing)
    found = _known(str(listing.dataset), looked, listing) if looked[1] else None
    if found is None:
        return frozenset()
    pairs = pairs_of(str(listing.dataset), looked, found)
    return frozenset(listing.pictures[place].stem for pair in pairs for place in (pair.first, pair.second))


def show(listing: Listing) -> None:
    """Everything about its health, the gravest first."""
    if not listing.pictures:
        st.info(_("This data set has no pictures yet."), icon=":material/image:")
        return
    with st.spinner(_("Opening the data set …")):
        dataset, health = opened(str(listing.dataset), listing.stamp)
    found = _looked_at(listing)
    if found is not None:
        there = [image for image in dataset.images if image.path is not None]
        by_path = dict(zip((one.path for one in listing.pictures), found, strict=True))
        signs = [by_path.get(image.path) for image in there if image.path is not None]
        health = replace(health, leaks=leaks(there, signs), looked=True)
    left, right = st.columns(2, gap="large")
    with left:
        health_view.summary(health)
        if loose := sum(not one.splits for one in listing.pictures):
            st.caption(_("Pictures in no part, which nobody trains on: {count}").format(count=f"{loose:,}"))
        _doubts(health, looked=found is not None)
        mending.show(listing)
        if found is not None:
            _near_duplicates(listing, found)
        verdicts.show(listing)
    with right:
        _charts(dataset, health)


def _looked_at(listing: Listing) -> list[Signature | None] | None:
    """What stands for every picture; None while there are many and nobody asked."""
    paths = [one.path for one in listing.pictures]
    known = known_signatures(listing.dataset, paths)
    if known is not None:
        return known
    if len(paths) > FEW:
        label = _("Look at every picture for damage, leaks and near duplicates")
        if not st.button(label, icon=":material/search:", key="datasets_look"):
            return None
    bar = st.progress(0.0)

    def progress(done: int, of: int) -> None:
        if done % 20 == 0 or done == of:
            said = _("Looking at every picture for leaks and damage: {done} of {total}").format(done=done, total=of)
            bar.progress(done / max(of, 1), text=said)

    found = kept_signatures(listing.dataset, paths, progress)
    bar.empty()
    return found


def _doubts(health: Health, *, looked: bool) -> None:
    found = findings(health)
    if not found and looked:
        st.caption(":material/check_circle: " + _("Nothing is wrong with it: no leaks, no damage, enough of all."))
    for one in found:
        st.markdown(health_view.sentence(one))
    if health.leaks or not health.pictures["val"]:
        label = _("Divide it anew, what shows the same together") if health.leaks else _("Divide it into parts")
        st.button(label, icon=":material/call_split:", key="datasets_to_split", on_click=choosing.open_view,
                  args=("split",), type="primary")  # fmt: skip


def _near_duplicates(listing: Listing, found: Sequence[Signature | None]) -> None:
    """Pairs that show the same, and a way to be rid of the copies."""
    pairs = pairs_of(str(listing.dataset), _when_looked(listing), found)
    damaged = [one for one, sign in zip(listing.pictures, found, strict=True) if sign is None]
    if damaged:
        _to_bin(listing, damaged, _("Damaged pictures: {count}"), "damaged")
    if not pairs:
        return
    copies = sorted({pair.second for pair in pairs})
    spare = [listing.pictures[place] for place in copies]
    text = ngettext("{count} picture shows what another shows", "{count} pictures show what others show", len(copies))
    st.markdown("**" + text.format(count=len(copies)) + "**")
    st.image(pair_strip(listing, pairs[:SHOWN_PAIRS]), width="stretch")
    _to_bin(listing, spare, _("Copies: {count}; the first of each stays"), "twins")


def _to_bin(listing: Listing, pictures: Sequence[StoredPicture], text: str, key: str) -> None:
    names = ", ".join(one.stem for one in pictures[:3]) + (" …" if len(pictures) > 3 else "")
    st.markdown(plain(text.format(count=len(pictures))) + f" ({plain(names)})")
    st.button(
        _("Put them into the bin"), icon=":material/delete:", key=f"datasets_bin_{key}", on_click=_binned,
        args=(listing.dataset, tuple(one.stem for one in pictures)),
        help=_("They can be taken back for 30 days, under Pictures."),
    )  # fmt: skip


def _binned(dataset: Path, stems: tuple[str, ...]) -> None:
    with messages.shown():
        delete_pictures(dataset, stems, by=person.name())


def pair_strip(listing: Listing, pairs: Sequence[Pair]) -> bytes:
    """Each pair side by side."""
    tiles = []
    for pair in pairs:
        for place in (pair.first, pair.second):
            try:
                tiles.append(health_view.labelled(read_image(listing.pictures[place].path), [], [], {}))
            except ImageError:
                continue
    return encode_jpeg(health_view.beside_each_other(tiles), 85)


def _charts(dataset: Dataset, health: Health) -> None:
    """Boxes a class, their places, their sizes."""
    names = {"classes": _("Boxes a class"), "places": _("Places"), "sizes": _("Sizes against anchors")}
    chosen = st.segmented_control(
        _("Show"), tuple(names), default="classes", format_func=names.__getitem__, key="datasets_chart",
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    if chosen == "classes":
        health_view.class_table(health)
    elif chosen == "places":
        _places(dataset)
    else:
        _sizes(health)


def _places(dataset: Dataset) -> None:
    from yolodash.ui.evaluation import charts  # with Plotly, which no first paint waits for

    st.plotly_chart(heat_map(dataset), key="datasets_places", width="stretch", config=charts.CONFIG)
    st.caption(_("Where boxes lie, all pictures laid on each other: the share of boxes that cover a place."))


def heat_map(dataset: Dataset) -> go.Figure:
    """The share of boxes over each place of a picture."""
    import plotly.graph_objects as go

    places = box_places(dataset.images)
    drawn = go.Figure(
        go.Heatmap(z=places, colorscale="Cividis", zmin=0, hovertemplate="%{z:.1%}<extra></extra>",
                   colorbar={"tickformat": ".0%", "thickness": 12})
    )  # fmt: skip
    drawn.update_yaxes(autorange="reversed", showticklabels=False, scaleanchor="x")
    drawn.update_xaxes(showticklabels=False, constrain="domain")
    drawn.update_layout(height=320, margin={"l": 0, "r": 0, "t": 8, "b": 0})
    return drawn


def _sizes(health: Health) -> None:
    left, right = st.columns([3, 1])
    known = networks.names()
    key = left.selectbox(
        _("Network"), tuple(known), format_func=lambda one: known.get(one, one), key="datasets_network"
    )
    size = right.selectbox(_("Input size"), SIZES, index=len(SIZES) - 1, key="datasets_input")
    with messages.shown():
        network = networks.described(key, len(health.classes), size)
        health_view.size_chart(health, network, size)
        for one in about_sizes(health, network.anchors, size, replaces=network.adapts):
            st.markdown(health_view.sentence(one))
