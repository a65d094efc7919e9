"""``runs list|show|stop|kill|compare|delete|import|sweep``: what was trained, how it goes, and what came of it."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from yolodash.bins import BIN_DAYS, size_on_disk
from yolodash.cli.models import write_json
from yolodash.runs.cluster import observe
from yolodash.runs.comparison import Group, RunResult, compare_runs, differing, expanded, grouped
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.housekeeping import bin_run
from yolodash.runs.metrics import best_of, read_metrics
from yolodash.runs.state import RunState, read_state
from yolodash.runs.sweep import kill_run, members_of, stop_run

app = typer.Typer(help="What was trained, how it goes, and what came of it.", no_args_is_help=True)

Json = Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write JSON to FILE; - for stdout.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Of a run.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME…", help="Of runs.")]


@app.command("list")
def list_all(json_file: Json = None) -> None:
    """The runs in the workspace, the newest first."""
    from yolodash.runs.store import list_runs

    entries = list_runs()
    rows = []
    for entry in entries:
        run = find_run(entry.name)
        state, best = read_state(run), best_of(read_metrics(run))
        rows.append({**asdict(entry), "state": state.state, "epoch": state.epoch, "epochs": state.epochs,
                     "message": state.message, "bytes": size_on_disk(run),
                     "map50": best and best.get("map50"), "map": best and best.get("map")})  # fmt: skip
    if json_file is not None:
        write_json(json_file, {"runs": rows})
    if json_file == "-":
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        done = f"{row['epoch']}/{row['epochs']}" if row["epochs"] else ""
        found = "" if row["map50"] is None else f"mAP50 {row['map50']:.3f}  mAP {row['map']:.3f}"
        typer.echo(
            f"{row['name']:<{width}}  {row['kind']:<8}  {row['state']:<9} {done:>9}  "
            f"{row['bytes'] / 1e6:8.1f} MB  {found}".rstrip()
        )


@app.command()
def show(name: Name, json_file: Json = None) -> None:
    """One run: what it was told, how far it is, what it measured."""
    run = find_run(name)
    observe(run)
    about, state, records = read_run(run), read_state(run), read_metrics(run)
    from yolodash.cli.sweep import member_line, sweep_record

    sweep = about["kind"] == "sweep"
    if json_file is not None:
        record = {"run": about, "state": asdict(state), "metrics": records, "bytes": size_on_disk(run),
                  "path": str(run)}  # fmt: skip
        write_json(json_file, {**record, "runs": sweep_record(run)["runs"]} if sweep else record)
    if json_file == "-":
        return
    typer.echo(f"{about['name']}: {about['kind']}, {state_told(state)}")
    typer.echo(f"{run}, {size_on_disk(run) / 1e6:.1f} MB, of {about['created']}")
    if about["command"]:
        typer.echo("python -m yolodash " + " ".join(about["command"]))
    for member in members_of(run) if sweep else ():
        typer.echo(member_line(member))
    from yolodash.cli.train import epoch_line

    for record in records[-10:]:
        typer.echo(epoch_line(record, state.epochs or len(records)))


def state_told(state: RunState) -> str:
    """A state in a few words."""
    words = {"died": "died: no worker holds its lock; train --resume goes on from its last checkpoint"}
    told = words.get(state.state, state.state)
    done = f", {state.epoch} of {state.epochs} epochs" if state.epochs else ""
    return told + done + (f": {state.message}" if state.message else "")


@app.command()
def stop(names: Names, json_file: Json = None) -> None:
    """Let runs finish their step, save and stop."""
    _each(names, lambda run: {"stopping": stop_run(run)}, "is asked to stop", "had no worker", json_file)


@app.command("kill")
def kill_runs(names: Names, json_file: Json = None) -> None:
    """End the workers of runs at once; what they did since their last checkpoint is lost."""
    _each(names, lambda run: {"killed": kill_run(run)}, "was killed", "had no worker", json_file)


@app.command()
def delete(names: Names, json_file: Json = None) -> None:
    """Put runs into the bin of the workspace. Of a sweep, the runs that have trained stay."""

    def one(run: Path) -> dict[str, Any]:
        entries = bin_run(run)
        return {"bin": str(entries[-1].path), "bytes": sum(entry.bytes for entry in entries)}

    _each(names, one, f"is in the bin for {BIN_DAYS} days", "", json_file)


def _each(names: list[str], job: Any, yes: str, no: str, json_file: str | None) -> None:
    rows = []
    for run in [find_run(name) for name in names]:  # all names before the first deed
        done = job(run)
        rows.append({"name": run.name, **done})
        if json_file != "-":
            typer.echo(f"{run.name} {yes if next(iter(done.values())) else no}")
    if json_file is not None:
        write_json(json_file, {"runs": rows})


@app.command()
def compare(names: Names, json_file: Json = None) -> None:
    """Runs or sweeps side by side, and means over their seeds. Refuses what was validated on different data."""
    results = compare_runs(expanded([find_run(name) for name in names]))
    groups = grouped(results)
    if json_file is not None:
        write_json(json_file, comparison_record(results, groups))
    if json_file == "-":
        return
    options = differing(results)
    heading = ["run".ljust(24), *(name[-10:].rjust(10) for name in options), "epochs   mAP50     mAP   best   seconds"]
    typer.echo("  ".join(heading))
    for result in results:
        typer.echo(_result_line(result, options))
    for group in groups:
        if len(group.runs) > 1:
            told = ", ".join(f"{name} {value}" for name, value in group.options.items()) or "all"
            typer.echo(
                f"{told}: mAP50 {group.map50:.3f} ± {group.map50_spread:.3f}, mAP {group.map:.3f} ± "
                f"{group.map_spread:.3f} over {len(group.runs)} runs"
            )


def _result_line(result: RunResult, options: list[str]) -> str:
    last, best = result.last or {}, result.best or {}
    values = [str(result.options.get(name))[-10:].rjust(10) for name in options]
    numbers = f"{result.epochs:>6}  {last['map50']:6.3f}  {last['map']:6.3f}  {best['map']:5.3f}  {result.seconds:8.0f}"
    return "  ".join([result.name.ljust(24), *values, numbers])


def comparison_record(results: tuple[RunResult, ...], groups: tuple[Group, ...]) -> dict[str, Any]:
    """The JSON of ``compare``; null where a number is not known."""
    rows = [{**asdict(result), "seconds": _known(result.seconds)} for result in results]
    means = [
        {**asdict(group), "map50_spread": _known(group.map50_spread), "map_spread": _known(group.map_spread)}
        for group in groups
    ]
    return {"differing": differing(results), "runs": rows, "groups": means}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


@app.command("import")
def import_folder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a run of the YOLOv5 repository.")],
    name: Annotated[str | None, typer.Option(help="Of the new run; the folder's own without it.")] = None,
    json_file: Json = None,
) -> None:
    """Take over a run of the YOLOv5 repository: its curves, options and best weights."""
    from yolodash.runs.importing import import_run
    from yolodash.workspace import safe_name

    run = import_run(folder, name or safe_name(folder.resolve().name))
    records = read_metrics(run)
    if json_file is not None:
        write_json(json_file, {"name": run.name, "path": str(run), "epochs": len(records)})
    if json_file != "-":
        typer.echo(f"{run.name}: {len(records)} epochs")
