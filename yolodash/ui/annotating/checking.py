"""A model checks the labels of a data set: started, followed and stopped here, on any page that shows its doubts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from yolodash.data.store.classes import StoredClass
from yolodash.data.store.pictures import StoredPicture
from yolodash.models.catalogue import InstalledModel
from yolodash.runs import jobs
from yolodash.runs.doubting import Checked, Reader, begin_checking, check_folder
from yolodash.ui import messages
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain


@st.cache_resource(show_spinner=False, max_entries=12)
def _reader(folder: Path) -> Reader:
    return Reader(folder)


def checked(
    dataset: Path, pictures: Sequence[StoredPicture], classes: Sequence[StoredClass], model: InstalledModel
) -> Checked:
    """What a model has found so far. No network runs, and no torch is loaded."""
    return _reader(check_folder(dataset, model)).read(dataset, pictures, classes)


def show(dataset: Path, model: InstalledModel, found: Checked, *, key: str) -> None:
    """How far the check is, and the button that starts, goes on with or stops it.

    Args:
        key: of the page, since a button has one on each.
    """
    job = jobs.look(check_folder(dataset, model))
    if job is not None and job.at_work:
        _watch(dataset, model, key)
        return
    if job is not None and job.error is not None:
        messages.show(job.error)
    count, total = len(found.missing), len(found.missing) + len(found.doubts)
    if not total:
        st.caption(_("No picture has labels yet."))
    elif not count:
        text = ngettext("**{model}** checked {count} picture.", "**{model}** checked all {count} pictures.", total)
        st.caption(":material/fact_check: " + text.format(model=plain(model.name), count=f"{total:,}"))
    else:
        _offer(dataset, model, count, total, key)


def _offer(dataset: Path, model: InstalledModel, count: int, total: int, key: str) -> None:
    if count < total:
        text = _("**{model}** checked {done} of {count} labelled pictures.")
        st.caption(text.format(model=plain(model.name), done=f"{total - count:,}", count=f"{total:,}"))
    else:
        st.caption(_("**{model}** has not checked these labels yet.").format(model=plain(model.name)))
    label = ngettext("Check {count} picture", "Check {count} pictures", count).format(count=f"{count:,}")
    if st.button(label, key=f"{key}_check", icon=":material/fact_check:", type="primary"):
        with messages.shown():
            begin_checking(dataset, model)
            st.rerun()


@st.fragment(run_every=0.7)
def _watch(dataset: Path, model: InstalledModel, key: str) -> None:
    """How far it is; its end shows the page anew."""
    folder = check_folder(dataset, model)
    job = jobs.look(folder)
    if job is None or not job.at_work:
        st.rerun()
    left, right = st.columns([5, 2], vertical_alignment="center")
    if job.progress is None:
        left.progress(0.0, text=_("Loading {model} …").format(model=plain(model.name)))
    else:
        text = _("The model looks at picture {done} of {count}")
        done, count = job.progress.done, job.progress.total
        left.progress(done / max(count, 1), text=text.format(done=f"{min(done + 1, count):,}", count=f"{count:,}"))
    right.button(_("Stop"), icon=":material/stop:", key=f"{key}_check_stop", on_click=jobs.stop, args=(folder,),
                 width="stretch")  # fmt: skip
