"""How the server does: people, times, the queue, memory and disk; looked at again every few seconds."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from yolodash.serving.latency import PageRun, quantile
from yolodash.serving.status import Status, folder_sizes, look
from yolodash.ui import messages, tables
from yolodash.ui.evaluation.charts import COLOURS
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.status import watching

SECONDS = 5.0
MINUTES = 10
GIGA = 1e9


@st.fragment(run_every=SECONDS)
def live() -> None:
    """What changes."""
    with messages.shown():
        status = look(watching.sessions(), watching.clock(), sizes())
        figures(status)
        runs = watching.clock().newest(60.0 * MINUTES)
        picture, words = st.columns([3, 2], gap="large")
        with picture:
            st.plotly_chart(drawn(runs), width="stretch", key="status_times", config={"displayModeBar": False})
        with words:
            st.markdown("**" + _("Slowest pages, in milliseconds") + "**")
            st.markdown(slowest(runs) or _("No page has run yet."))
        _places(status)


@st.cache_data(ttl=60, show_spinner=False)
def sizes() -> dict[str, int]:
    """Bytes of each folder; counted once a minute, for all who look."""
    return folder_sizes()


def figures(status: Status) -> None:
    """The numbers that one looks at first."""
    sessions, page, memory, disk, queue = st.columns(5)
    sessions.metric(_("Open tabs"), "–" if status.sessions is None else status.sessions)
    page.metric(
        _("Page time, 95 %"),
        "–" if status.times.p95 is None else _("{milliseconds} ms").format(milliseconds=f"{status.times.p95:,.0f}"),
        help=_("Of a hundred page runs in the last ten minutes, 95 took the server no longer than this.")
        + " "
        + _("Before that, 95 waited no longer than {milliseconds} ms for their turn.").format(
            milliseconds=f"{status.times.waited or 0:,.0f}"
        ),
    )
    memory.metric(_("Free memory"), gigabytes(status.memory_free), help=_resident(status))
    disk.metric(_("Free disk"), gigabytes(status.disk_free))
    queue.metric(_("Jobs that wait"), sum(line.waiting for line in status.lines))


def _resident(status: Status) -> str:
    return _("This server takes {size}.").format(size=gigabytes(status.resident))


def gigabytes(count: int | None) -> str:
    """Bytes for people; a dash where it is not known."""
    if count is None:
        return "–"
    if count < GIGA:
        return _("{size} MB").format(size=f"{count / 1e6:,.0f}")
    return _("{size} GB").format(size=f"{count / GIGA:,.1f}")


def drawn(runs: list[PageRun]) -> Any:
    """Every page run of the last minutes as a dot: when, and how long."""
    import plotly.graph_objects as go

    now = time.time()
    figure = go.Figure(
        go.Scatter(
            x=[(run.ended - now) / 60 for run in runs],
            y=[1000 * run.seconds for run in runs],
            text=[run.page for run in runs],
            mode="markers",
            marker={"size": 8, "color": COLOURS[0], "opacity": 0.75},
            hovertemplate="%{text}: %{y:.0f} ms<extra></extra>",
        )
    )
    if runs:
        limit = 1000 * quantile([run.seconds for run in runs], 0.95)
        figure.add_hline(limit, line={"dash": "dash", "color": COLOURS[1]}, annotation_text="95 %")
    figure.update_layout(
        height=300, margin={"l": 60, "r": 10, "t": 30, "b": 45}, title={"text": _("Each run of a page"), "x": 0}
    )
    figure.update_xaxes(title=_("minutes ago"), range=[-MINUTES, 0.2], tickvals=[-10, -8, -6, -4, -2, 0])
    figure.update_xaxes(ticktext=["10", "8", "6", "4", "2", "0"])
    figure.update_yaxes(title=_("milliseconds on the server"), rangemode="tozero")
    return figure


def slowest(runs: list[PageRun], most: int = 6) -> str:
    """A table: page, how often, and its median and 95 %; the slowest first. Empty where nothing ran."""
    by_page: dict[str, list[float]] = {}
    for run in runs:
        by_page.setdefault(run.page, []).append(1000 * run.seconds)
    ordered = sorted(by_page.items(), key=lambda entry: -quantile(entry[1], 0.95))[:most]
    rows = [
        [messages.plain(page), str(len(found)), f"{quantile(found, 0.5):,.0f}", f"{quantile(found, 0.95):,.0f}"]
        for page, found in ordered
    ]
    header = (_("Page"), _("Runs"), _("median"), _("95 %"))
    return tables.table(header, rows, (":---", "---:", "---:", "---:")) if rows else ""


def _places(status: Status) -> None:
    """The queue, the disk, and GPUs where there are any."""
    queue, disk = st.columns([3, 2], gap="large")
    with queue:
        st.markdown("**" + _("Devices") + "**")
        for line in status.lines:
            state = _("at work") if line.running else _("idle")
            jobs = ngettext("{count} job waits", "{count} jobs wait", line.waiting).format(count=line.waiting)
            st.markdown(f"{messages.plain(line.device)}: {state} · {jobs}")
        if not status.lines:
            st.caption(_("No network has run in this workspace yet."))
        for gpu in status.gpus:
            told = _("{name}: {used} of {total} in use, {busy} % busy")
            values = {"used": gigabytes(gpu.used), "total": gigabytes(gpu.total), "busy": gpu.busy}
            st.markdown(told.format(name=messages.plain(gpu.name), **values))
    with disk:
        st.markdown("**" + _("Disk") + "**")
        rows = [[messages.plain(name), gigabytes(size)] for name, size in status.folders.items()]
        st.markdown(tables.table((_("Folder"), _("Takes")), rows, (":---", "---:")))
        kept = ngettext(
            "{count} browser has something kept here.",
            "{count} browsers have something kept here.",
            status.kept_sessions,
        )
        st.caption(kept.format(count=status.kept_sessions))
