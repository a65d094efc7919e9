"""``status``: how the server of this workspace does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

import typer

from yolodash import workspace
from yolodash.cli.models import write_json
from yolodash.serving.latency import Clock
from yolodash.serving.status import FRESH, SERVER, Status, Times, folder_sizes, look


def status(
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write JSON; - for stdout.")] = None,
) -> None:
    """Show sessions, queues, times of pages, memory and disk of this workspace and its server."""
    found = _server(look(None, Clock(), folder_sizes()))
    if json_file is not None:
        write_json(json_file, found.record())
        return
    known = found.sessions is not None
    typer.echo(f"server: {found.sessions} open tabs" if known else "server: none has written its status lately")
    for line in found.lines:
        typer.echo(f"{line.device}: {'at work' if line.running else 'free'}, {line.waiting} waiting")
    if found.times.p95 is not None:
        times = found.times
        told = f"p50 {times.p50} ms, p95 {times.p95} ms, p95 of the wait before {times.waited} ms"
        typer.echo(f"pages: {times.runs} runs in 10 minutes, {told}")
    typer.echo(f"sessions kept: {found.kept_sessions}")
    for name, size in found.folders.items():
        typer.echo(f"{name}: {size / 1e6:,.1f} MB")
    typer.echo(f"disk: {found.disk_free / 1e9:,.1f} of {found.disk_total / 1e9:,.1f} GB free")


def with_server(own: Status, told: dict[str, Any] | None) -> Status:
    """What we see ourselves, and what only the server knows: its sessions, the times of its pages, its memory.

    Raises:
        KeyError, TypeError, ValueError: it is no status.
    """
    if told is None:
        return replace(own, resident=None)
    runs, seconds = told["page_runs"]
    return replace(
        own,
        sessions=told["sessions"],
        times=Times(**told["times"]),
        page_runs=(int(runs), float(seconds)),
        resident=told["resident"],
    )


def _server(own: Status) -> Status:
    """Our status with what the server wrote last, if that is fresh and whole."""
    try:
        told = json.loads((workspace.home() / SERVER).read_bytes())
        return with_server(own, told if own.taken - float(told["taken"]) < FRESH else None)
    except (OSError, ValueError, KeyError, TypeError):
        return with_server(own, None)
