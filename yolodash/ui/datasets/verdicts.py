"""What became of the boxes that models proposed, summed over a data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from yolodash.data.store.pictures import StoredPicture
from yolodash.data.store.truth import read_truth
from yolodash.errors import DatasetError, ImageError
from yolodash.ui.annotating import proposals
from yolodash.ui.datasets.listing import Listing
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain

Verdicts = Counter[tuple[str, str]]
_Kept = dict[str, tuple[tuple[int, int, float], Verdicts]]


@st.cache_resource(show_spinner=False, max_entries=8)
def _kept(_dataset: str) -> _Kept:
    return {}


def show(listing: Listing) -> None:
    """A line a model, as soon as one proposed anything."""
    found = counted(listing.dataset, listing.pictures)
    models = sorted({model for model, _verdict in found})
    if models:
        st.markdown("**" + _("What became of the boxes that models proposed") + "**")
        st.markdown("\n".join(f"- {line(model, found)}" for model in models))


def line(model: str, found: Verdicts) -> str:
    """A model's counts, and the share of judged boxes that nobody had to change."""
    counts = {verdict: found[model, verdict] for verdict in proposals.VERDICTS}
    judged = sum(counts.values()) - counts["open"]
    text = _("**{model}**: {accepted} accepted, {changed} changed, {refused} refused, {open} open")
    said = text.format(model=plain(model) or "–", **{verdict: f"{count:,}" for verdict, count in counts.items()})
    if not judged:
        return said
    share = f"{counts['accepted'] / judged:.0%}"
    return f"{said} · " + _("{share} right as proposed").format(share=share)


def counted(dataset: Path, pictures: Sequence[StoredPicture]) -> Verdicts:
    """How many proposals of all pictures have each verdict; only pictures that changed are read again."""
    kept = _kept(str(dataset))
    total: Verdicts = Counter()
    for one in pictures:
        if not one.revision:
            continue
        stamp = one.revision, one.bytes, one.added
        known = kept.get(one.stem)
        if known is None or known[0] != stamp:
            known = kept[one.stem] = stamp, _of(dataset, one.stem)
        total.update(known[1])
    return total


def _of(dataset: Path, stem: str) -> Verdicts:
    try:
        return proposals.counts_by_model(read_truth(dataset, stem))
    except (DatasetError, ImageError):  # the health says so itself
        return Counter()
