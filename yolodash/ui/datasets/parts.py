"""Train, val and test: shares, a seed, what stays together; shown before it is saved, and taken back."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from yolodash.data.dataset import SPLITS
from yolodash.data.duplicates import groups_of, kept_signatures, origin_of
from yolodash.data.split import split_pictures
from yolodash.data.store.journal import events
from yolodash.data.store.parts import write_splits
from yolodash.data.store.truth import read_truth
from yolodash.errors import DatasetError, ImageError
from yolodash.ui import messages
from yolodash.ui.annotating import person
from yolodash.ui.datasets.listing import Listing, Stamp
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain

Parts = Mapping[str, tuple[str, ...]]
_SAVED = "datasets_split_saved"
_VIDEOS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".gif")


@st.cache_resource(show_spinner=False, max_entries=4)
def classes_of(folder: str, stamp: Stamp, _stems: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """The class of each box of each picture."""
    del stamp  # what the cache goes by
    return {stem: _classes(Path(folder), stem) for stem in _stems}


def _classes(dataset: Path, stem: str) -> tuple[int, ...]:
    try:
        return tuple(box.class_id for box in read_truth(dataset, stem).boxes)
    except (DatasetError, ImageError):
        return ()


def show(listing: Listing) -> None:
    """What the parts are now, what they would be, and the button."""
    if not listing.pictures:
        st.info(_("This data set has no pictures yet."), icon=":material/image:")
        return
    if st.session_state.pop(_SAVED, False):
        st.success(_("The parts are saved."), icon=":material/check_circle:")
    left, right = st.columns([2, 3], gap="large")
    with left:
        first, second = st.slider(
            _("Where train ends, and where val ends; the rest is test"),
            5,
            100,
            (80, 90),
            5,
            format="%d%%",
            key="datasets_shares",
        )
        seed = st.number_input(_("Seed"), 0, step=1, key="datasets_seed")
        together = st.toggle(_("Keep together what shows the same"), value=True, key="datasets_together",
                             help=_("Near duplicates and frames of one video: a picture to validate with, whose twin "
                                    "was trained on, measures memory."))  # fmt: skip
        ratios = (first / 100, (second - first) / 100, (100 - second) / 100)
        groups = _groups(listing) if together else {}
        parts = _divided(listing, ratios, int(seed), groups)
        st.button(_("Save these parts"), type="primary", icon=":material/call_split:", key="datasets_save_split",
                  on_click=_saved, args=(listing.dataset, parts))  # fmt: skip
        _undo(listing.dataset)
        with st.expander(_("Copy as command"), icon=":material/terminal:"):
            st.code(command(listing.dataset.name, ratios, int(seed), together), language="bash", wrap_lines=True)
    with right:
        _compare(listing, parts)
        if together and groups:
            count = len(set(groups.values()))
            text = ngettext("{pictures} pictures stay together in {count} group.",
                            "{pictures} pictures stay together in {count} groups.", count)  # fmt: skip
            st.caption(text.format(pictures=len(groups), count=count))


def command(name: str, ratios: tuple[float, ...], seed: int, together: bool) -> str:
    """The same on the command line."""
    shares = ",".join(f"{ratio:.2f}" for ratio in ratios)
    more = "" if together else " --no-group"
    return f"python -m yolodash dataset split {shlex.quote(name)} --seed {seed} --ratios {shares}{more}"


def _divided(listing: Listing, ratios: tuple[float, ...], seed: int, groups: Mapping[str, str]) -> Parts:
    stems = tuple(one.stem for one in listing.pictures)
    return split_pictures(
        classes_of(str(listing.dataset), listing.stamp, stems), groups=groups, ratios=ratios, seed=seed
    )


def _groups(listing: Listing) -> dict[str, str]:
    """What must not be parted; looks at every picture the first time."""
    pictures = {one.stem: one.path for one in listing.pictures}
    bar = st.empty()

    def progress(done: int, of: int) -> None:
        if done % 20 == 0:
            said = _("Looking for near duplicates: {done} of {total}").format(done=done, total=of)
            bar.progress(done / max(of, 1), text=said)

    found = kept_signatures(listing.dataset, list(pictures.values()), progress)
    bar.empty()
    videos = {one.stem: one.origin for one in listing.pictures if one.origin.lower().endswith(_VIDEOS)}
    return groups_of(pictures, found, {**{stem: origin_of(stem) for stem in pictures}, **videos})


def _compare(listing: Listing, parts: Parts) -> None:
    """Pictures and boxes of each class in every part, as they would be; the parts of now in a line."""
    now = Counter(part for one in listing.pictures for part in (one.splits or ("–",)))
    said = " · ".join(f"**{plain(part)}** {now[part]:,}" for part in (*SPLITS, "–") if now[part])
    st.markdown(_("Now: {parts}").format(parts=said))
    would = " · ".join(f"**{part}** {len(parts[part]):,}" for part in SPLITS)
    st.markdown(_("Then: {parts}").format(parts=would))
    stems = tuple(one.stem for one in listing.pictures)
    classes = classes_of(str(listing.dataset), listing.stamp, stems)
    counts = {part: Counter(i for stem in parts[part] for i in classes[stem]) for part in SPLITS}
    rows = [one for one in listing.living if any(counts[part][one.id] for part in SPLITS)]
    table = pd.DataFrame(
        {_("Boxes a class, then"): [one.name for one in rows]}
        | {part: [counts[part][one.id] for one in rows] for part in SPLITS}
    )
    if rows:
        bars = {
            part: st.column_config.ProgressColumn(
                part, format="%d", min_value=0, max_value=max(1, *table[part]), width="small"
            )
            for part in SPLITS
        }
        st.dataframe(
            table, hide_index=True, width="stretch", height=min(38 * (len(table) + 1), 300), column_config=bars
        )


def _saved(dataset: Path, parts: Parts) -> None:
    with messages.shown():
        write_splits(dataset, parts, by=person.name())
        st.session_state[_SAVED] = True


def _undo(dataset: Path) -> None:
    """The parts as they were before the last change."""
    last = None
    for one in events(dataset):
        if one.get("event") == "split" and isinstance(one.get("before"), dict):
            last = one
    if last is not None and any(last["before"].values()):
        at = str(last.get("at", ""))[:16].replace("T", " ")
        st.button(_("Take back the parts before {at}").format(at=at), icon=":material/undo:", key="datasets_undo_split",
                  on_click=_saved, args=(dataset, last["before"]), type="tertiary")  # fmt: skip
