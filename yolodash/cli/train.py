"""``train``: from labelled pictures to a better model, in the foreground or as a worker that lives on."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from yolodash.cli.models import located
from yolodash.data.augment.recipe import RECIPES, Recipe
from yolodash.runs.checking import refuse_at_once, refuse_size
from yolodash.runs.cluster import Ask, Cluster, leave, minutes_of, refuse_no_cluster, refuse_on_cluster, submit
from yolodash.runs.config import (
    Hyperparameters,
    Optimizer,
    Precision,
    Schedule,
    TrainOptions,
    check_shares,
    options_from,
)
from yolodash.runs.creating import create_training
from yolodash.runs.folders import Exist, find_run, read_run
from yolodash.runs.launch import launch
from yolodash.runs.recipes import read_recipe, with_values
from yolodash.runs.resuming import refuse_finished
from yolodash.runs.state import STOP, read_state, write_state


def train(
    data: Annotated[str | None, typer.Option(help="data.yaml, folder, COCO JSON, zip or a name.")] = None,
    weights: Annotated[str | None, typer.Option(help="Begin from a file, a run, or a model of the catalogue.")] = None,
    cfg: Annotated[str | None, typer.Option(help="Begin from nothing: yolov5n … yolov5x, or a Darknet .cfg.")] = None,
    epochs: Annotated[int, typer.Option(min=1, help="How often every picture is seen.")] = 100,
    batch: Annotated[int, typer.Option(min=1, help="Pictures at once.")] = 16,
    size: Annotated[int, typer.Option("--size", "--img", "--imgsz", min=32, help="Side of the input.")] = 640,
    freeze: Annotated[int, typer.Option(min=0, help="Of so many first layers the weights stay (backbone: 10).")] = 0,
    freeze_statistics: Annotated[
        bool, typer.Option("--freeze-statistics", help="Their batch-norm statistics stay too.")
    ] = False,
    optimizer: Annotated[Optimizer, typer.Option()] = "sgd",
    schedule: Annotated[Schedule, typer.Option(help="Of the learning rate.")] = "linear",
    learning_rate: Annotated[float | None, typer.Option(min=0, help="After the warm-up; .01.")] = None,
    patience: Annotated[int, typer.Option(min=0, help="End after so many epochs without a better one; 0 never.")] = 100,
    augment: Annotated[str, typer.Option(metavar="RECIPE", help=f"{', '.join(RECIPES)}, or a YAML file.")] = "default",
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="One number of the recipe, such as mosaic=0.5; repeatable."),
    ] = None,
    precision: Annotated[Precision, typer.Option()] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda:0 …")] = "auto",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    workers: Annotated[int, typer.Option(min=0, help="That prepare pictures; changes no number.")] = 2,
    name: Annotated[str | None, typer.Option(help="Of the run.")] = None,
    exist: Annotated[Exist, typer.Option(help="Where the name is taken.")] = "error",
    resume: Annotated[str | None, typer.Option(metavar="NAME", help="Go on with a run that stopped or died.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start the worker and return.")] = False,
    cluster: Annotated[Cluster | None, typer.Option(help="Hand it to Slurm, or to this machine in its place.")] = None,
    nodes: Annotated[int | None, typer.Option(min=1, help="Of the cluster; 1.")] = None,
    gpus_per_node: Annotated[int | None, typer.Option(min=0, help="A process each; Slurm 1, local 0.")] = None,
    partition: Annotated[str | None, typer.Option(help="Of Slurm.")] = None,
    time: Annotated[str | None, typer.Option(help="Of the job: minutes, HH:MM:SS, DAYS-HH:MM; a day.")] = None,
) -> None:
    """Train a network on a data set, or go on with a run."""
    ask = asked_of_cluster(device, cluster, nodes, gpus_per_node, partition, time)
    if resume is not None:
        if data is not None or weights is not None or cfg is not None:
            raise typer.BadParameter("--resume takes its data and weights from the run")
        return start(_resumed(resume), detach, ask)
    if data is None:
        raise typer.BadParameter("give --data, or --resume NAME")
    recipe, numbers = asked_numbers(augment, values, learning_rate)
    options = TrainOptions(
        data=data, weights=weights or "", cfg=cfg or "", epochs=epochs, batch=batch, size=size, seed=seed,
        workers=workers, freeze=freeze, freeze_statistics=freeze_statistics, optimizer=optimizer, schedule=schedule,
        precision=precision, device=device, patience=patience, augment=recipe, hyperparameters=numbers,
    )  # fmt: skip
    refuse(options, ask)
    run = create_training(options, name, exist=exist, command=["train", *sys.argv[2:]], find_weights=located)
    return start(run, detach, ask)


def asked_numbers(
    augment: str, values: list[str] | None, learning_rate: float | None
) -> tuple[Recipe, Hyperparameters]:
    """What ``--augment``, ``--set`` and ``--learning-rate`` mean together.

    Raises:
        OptionError: there is no such recipe, or a value sets nothing.
    """
    recipe, numbers = with_values(*read_recipe(augment), values or [])
    return recipe, numbers if learning_rate is None else replace(numbers, learning_rate=learning_rate)


def _resumed(name: str) -> Path:
    """The folder of a run to go on with.

    Raises:
        InputError: there is no such run.
        WorkspaceError: somebody works on it.
        OptionError: it is finished.
    """
    run = find_run(name, "train")
    refuse_finished(run)
    return run


def asked_of_cluster(
    device: str,
    cluster: Cluster | None,
    nodes: int | None,
    gpus_per_node: int | None,
    partition: str | None,
    time: str | None,
) -> Ask | None:
    """What the options ask of a cluster; None without one.

    Raises:
        OptionError, DeviceError: nothing can be submitted from here.
    """
    if cluster is None:
        given = {"--nodes": nodes, "--gpus-per-node": gpus_per_node, "--partition": partition, "--time": time}
        alone = [name for name, value in given.items() if value is not None]
        if alone:
            raise typer.BadParameter(f"{alone[0]} needs --cluster")
        return None
    refuse_no_cluster(cluster)
    gpus = int(cluster == "slurm" and device != "cpu") if gpus_per_node is None else gpus_per_node
    return Ask(cluster, nodes or 1, gpus, partition or "", 1440 if time is None else minutes_of(time))


def refuse(options: TrainOptions, ask: Ask | None) -> None:
    """Look at all that can be known before the run has a folder.

    Raises:
        YoloDashError: it cannot be trained so.
    """
    if ask is None:
        refuse_at_once(options)
    else:
        refuse_on_cluster(options, ask)
    if options.weights:
        located(options.weights)  # here, where a download shows how far it is
    from yolodash.losses.yolov5 import Gains
    from yolodash.training.beginning import starting_network
    from yolodash.training.freezing import freeze
    from yolodash.training.step import loss_of

    network = starting_network(options.weights, options.cfg, ["object"], options.size).network
    loss_of(network, Gains())
    refuse_size(network, options.size)
    freeze(network, options.freeze)


def start(run: Path, detach: bool, ask: Ask | None = None) -> None:
    """Submit a run, start its worker and return, or be the worker."""
    options = options_from(read_run(run)["options"])
    if ask is not None:
        check_shares(options.batch, ask.world)
        job = submit(run, ask)
        typer.echo(f"{run.name} is job {job} of {ask.cluster}; python -m yolodash runs show {run.name}")
        return
    if detach:
        write_state(run, "queued", read_state(run).epoch, options.epochs)
        launch(run)
        typer.echo(f"{run.name} is on its way; python -m yolodash runs show {run.name}")
        return
    from yolodash.runs.processes import Shown, lower_priority, train_together

    lower_priority()
    (run / STOP).unlink(missing_ok=True)
    leave(run)
    on_terminal = sys.stderr.isatty()
    shown = Shown(
        batch=_show_batch if on_terminal else lambda _: None,
        epoch=lambda record, epochs: typer.echo(("\r\033[K" if on_terminal else "") + epoch_line(record, epochs)),
        note=lambda text: typer.echo(text, err=True),
    )
    typer.echo(f"run {run.name} in {run}")
    if len(options.devices) > 1:
        outcome = train_together(run, shown)
    else:
        from yolodash.runs.worker import work

        outcome = work(run, shown)
    ended = {"finished": "finished", "early": "ended early: no better network", "stopped": "stopped and saved"}
    typer.echo(f"{run.name}: {ended[outcome]}" + (f"; go on: train --resume {run.name}" * (outcome == "stopped")))


def _show_batch(progress: dict[str, Any]) -> None:
    """Where the epoch is, on one line that is written over."""
    typer.echo(
        f"\r\033[Kepoch {progress['epoch'] + 1}/{progress['epochs']}  batch {progress['step']}/{progress['steps']}  "
        f"box {progress['loss_box']:.4f}  objectness {progress['loss_objectness']:.4f}  "
        f"class {progress['loss_class']:.4f}  {progress['images_per_second']:.1f} pictures/s  "
        f"{duration(progress['seconds_left'])} left",
        err=True,
        nl=False,
    )


def epoch_line(record: dict[str, Any], epochs: int) -> str:
    """One epoch for people; what an imported run does not know is left out."""
    shown = (
        ("box", "loss_box", ".4f"), ("objectness", "loss_objectness", ".4f"), ("class", "loss_class", ".4f"),
        ("P", "precision", ".3f"), ("R", "recall", ".3f"), ("mAP50", "map50", ".4f"), ("mAP", "map", ".4f"),
    )  # fmt: skip
    parts = [f"epoch {record['epoch'] + 1}/{epochs}"]
    parts += [f"{name} {record[key]:{form}}" for name, key, form in shown if key in record]
    if "images_per_second" in record:
        parts.append(f"{record['images_per_second']:.1f} pictures/s")
    return "  ".join([*parts, *(["warm-up"] if record.get("warmup") else [])])


def duration(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    whole = math.ceil(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
