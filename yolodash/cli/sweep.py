"""``runs sweep``: one training for every combination of a few options and seeds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from yolodash.cli.models import located, write_json
from yolodash.cli.train import asked_numbers, train
from yolodash.errors import N_, OptionError
from yolodash.runs.config import TrainOptions
from yolodash.runs.folders import Exist, find_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.state import read_state
from yolodash.runs.sweep import Member, Plan, create_sweep, members_of, start_sweep, startable

OWN = ("data", "weights", "epochs", "size", "freeze", "seed", "name", "exist", "resume", "detach")
"""Options of ``train`` that a sweep has itself, or has no use for."""


def sweep(
    context: typer.Context,
    data: Annotated[str | None, typer.Option(help="data.yaml, folder, COCO JSON, zip or a name.")] = None,
    weights: Annotated[str, typer.Option(metavar="W,W…", help="Begin from these.")] = "",
    freeze: Annotated[str, typer.Option(metavar="N,N…", help="Of so many first layers the weights stay.")] = "0",
    epochs: Annotated[str, typer.Option(metavar="N,N…", help="How often every picture is seen.")] = "3",
    seeds: Annotated[str, typer.Option(metavar="N,N…", help="Each combination once with each.")] = "0",
    size: Annotated[str, typer.Option("--size", "--img", "--imgsz", metavar="N,N…", help="Side of the input.")] = "640",
    name: Annotated[str | None, typer.Option(help="Of the sweep; its runs are NAME-f10-e30-s0 and so on.")] = None,
    exist: Annotated[Exist, typer.Option(help="Where the name is taken.")] = "error",
    resume: Annotated[str | None, typer.Option(metavar="NAME", help="Go on with the runs that are left.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start the worker and return.")] = False,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write JSON to FILE; - for stdout.")
    ] = None,
) -> None:
    """Train every combination of freeze, epochs and seeds, one after the other. Takes the other options of 'train'."""
    if resume is not None:
        if data is not None or context.args:
            raise typer.BadParameter("--resume takes everything from the sweep")
        return run_sweep(find_run(resume, "sweep"), detach, json_file)
    if data is None:
        raise typer.BadParameter("give --data, or --resume NAME")
    sources = tuple(part for part in (part.strip() for part in weights.split(",")) if part)
    sizes = whole_numbers("size", size)
    plan = Plan(
        replace(common_options(context.args, data, sources[0] if sources else ""), size=(sizes or (640,))[0]),
        freeze=whole_numbers("freeze", freeze),
        epochs=whole_numbers("epochs", epochs),
        seeds=whole_numbers("seeds", seeds),
        weights=sources,
        sizes=sizes,
    )
    command = ["runs", "sweep", *sys.argv[3:]]
    made = create_sweep(plan, name, exist=exist, command=command, find_weights=located)
    return run_sweep(made, detach, json_file)


def common_options(words: list[str], data: str, weights: str) -> TrainOptions:
    """The options that all runs share, from the words that ``train`` takes.

    Raises:
        BadParameter: a word is none of its options.
        OptionError: a value makes no sense.
    """
    application = typer.Typer(add_completion=False)
    application.command()(train)
    command = typer.main.get_command(application)
    for parameter in command.params:
        given = [word for word in words if word.split("=")[0] in parameter.opts]
        if given and parameter.name in OWN:
            raise typer.BadParameter(f"no option of a sweep: {given[0]}")
    asked = command.make_context("runs sweep", list(words)).params
    recipe, numbers = asked_numbers(asked["augment"], asked["values"], asked["learning_rate"])
    plain = {one.name: asked[one.name] for one in fields(TrainOptions) if asked.get(one.name) is not None}
    given_here = {"data": data, "weights": weights, "augment": recipe, "hyperparameters": numbers}
    return TrainOptions(**{**plain, **given_here})


def whole_numbers(name: str, text: str) -> tuple[int, ...]:
    """``0,10`` as numbers.

    Raises:
        OptionError: it is none.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    wrong = next((part for part in parts if not part.isascii() or not part.isdecimal() or len(part) > 18), None)
    if wrong is not None:
        raise OptionError(
            N_("'{text}' is no whole number"), where=f"--{name}", fix=N_("give numbers such as 0,10"), text=wrong
        )
    return tuple(int(part) for part in parts)


def run_sweep(run: Path, detach: bool, json_file: str | None) -> None:
    """Start the worker of a sweep and return, or be the worker."""
    say: Callable[[str], None] = (lambda _: None) if json_file == "-" else typer.echo
    members = startable(run)
    if detach:
        start_sweep(run)
        say(f"{run.name} is on its way with {len(members)} runs; python -m yolodash runs show {run.name}")
    else:
        from yolodash.runs.sweeping import work_sweep

        say(f"sweep {run.name} of {len(members)} runs in {run}")
        say(f"{run.name}: {work_sweep(run, lambda member: say(member_line(member)))}")
    if json_file is not None:
        write_json(json_file, sweep_record(run))


def sweep_record(run: Path) -> dict[str, Any]:
    """A sweep as JSON: its runs, how far each is, and what it measured last."""
    return {
        "name": run.name,
        "path": str(run),
        "state": asdict(read_state(run)),
        "runs": [
            {
                "name": member.name,
                **{option: member.options.get(option) for option in ("freeze", "epochs", "seed", "weights", "size")},
                "state": member.state.state,
                "epoch": member.state.epoch,
                "message": member.state.message,
                **_last(member),
            }
            for member in members_of(run)
        ],
    }


def _last(member: Member) -> dict[str, Any]:
    records = read_metrics(member.run) if member.run is not None else []
    last = records[-1] if records else {}
    return {name: last.get(name) for name in ("precision", "recall", "map50", "map")}


def member_line(member: Member) -> str:
    """One run of a sweep for people."""
    found = _last(member)
    told = f"{member.name:<32} {member.state.state:<9} {member.state.epoch or 0:>4}/{member.epochs}"
    numbers = f"  mAP50 {found['map50']:.4f}  mAP {found['map']:.4f}" if found["map50"] is not None else ""
    return told + numbers + (f"  {member.state.message}" if member.state.state == "failed" else "")
