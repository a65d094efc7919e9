"""The worker of a run: ``python -m yolodash.runs.worker NAME``, or the command line itself in the foreground.

It holds the run's lock, waits in the device's line, trains, and says in ``state.json`` how that went. Asked to stop, by
a signal or by the file ``stop``, it finishes its step and saves.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from yolodash.data.batches import Batches
from yolodash.data.opening import open_dataset
from yolodash.errors import YoloDashError
from yolodash.evaluation.running import Pictures, pictures_of
from yolodash.inference.devices import resolve_device
from yolodash.losses.yolov5 import Gains
from yolodash.models.detector import Detector
from yolodash.runs import state as states
from yolodash.runs.checking import precision_for, refuse_size
from yolodash.runs.config import TrainOptions, options_from
from yolodash.runs.evaluating import evaluate_run
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.pictures import RunPictures
from yolodash.runs.processes import Shown, devices_in_cluster, in_cluster, launcher, lower_priority, said, turns
from yolodash.runs.signals import heeded
from yolodash.runs.sweeping import work_sweep
from yolodash.runs.told_errors import unforeseen
from yolodash.runs.watching import watch_run
from yolodash.training.anchors import AnchorCheck, check_anchors
from yolodash.training.beginning import Start, continued, starting_network
from yolodash.training.checkpoint import LAST, Position, State, recorded_processes
from yolodash.training.distributed import ALONE, Processes, from_environment, from_first, joined, sharing_told
from yolodash.training.loop import Job, Outcome, train
from yolodash.training.reproducibility import seed_everything
from yolodash.training.settings import Settings
from yolodash.training.validation import MORE_WITHOUT_GRADIENTS, Metrics, validate

PROGRESS_SECONDS = 1.0


class _StoppedInLineError(Exception):
    """Asked to stop while the device was still another's."""


@dataclass(frozen=True)
class Place:
    """Where this process trains.

    Attributes:
        device: its own.
        queues: the devices whose turns the run waits for; none where a cluster gave them to it alone.
        processes: those that share the run.
    """

    device: str
    queues: tuple[str, ...]
    processes: Processes = ALONE


class Reporter:
    """Looks on for a run: progress and state on the disk, the device's turns, and the wish to stop."""

    def __init__(self, run: Path, options: TrainOptions, place: Place, shown: Shown) -> None:
        self.run, self.epochs, self.place, self.shown = run, options.epochs, place, shown
        self.epoch = self.under_way = 0
        self.pictures: RunPictures | None = None
        self.in_line = False
        self.asked = self.signalled = False
        self._said = 0.0

    def turn(self) -> AbstractContextManager[None]:
        """The device for one batch; whoever waits for an answer on a page comes between two of them."""
        return turns(self.place.queues, f"run {self.run.name}")

    def line(self) -> AbstractContextManager[None]:
        """The line of runs on this device: one of them at a time, or each would take the memory and time of all."""
        return turns([f"{queue}-runs" for queue in self.place.queues], f"run {self.run.name}", self._waits)

    def _waits(self, jobs: int) -> None:
        self.state("queued", f"waits for {jobs} other")

    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        if not self.asked and (self.signalled or (self.run / states.STOP).exists()):
            self.asked = True
            self.state("stopping")
        return self.asked

    def state(self, state: str, message: str = "", *, error: YoloDashError | None = None) -> None:
        """Write the run's state."""
        states.write_state(self.run, state, self.epoch, self.epochs, message, error=error)

    def batch_done(self, position: Position, steps: int) -> None:
        """Once a second, say where the epoch is."""
        self.under_way = position.epoch
        if self.pictures is not None:
            self.pictures.batch_done(position.epoch, position.step)
        if time.monotonic() - self._said < PROGRESS_SECONDS and position.step < steps:
            return
        self._said = time.monotonic()
        progress = progress_record(position, steps, self.epochs)
        with contextlib.suppress(OSError):  # only a display: the checkpoint says when the disk is full
            states.write_display(self.run / states.PROGRESS, progress)
        self.shown.batch(progress)

    def epoch_done(self, record: dict[str, Any], state: State) -> None:
        """Say that an epoch is on the disk."""
        self.epoch = state.position.epoch
        self.state("stopping" if self.asked else "running")
        self.shown.epoch(record, self.epochs)


class Follower(Reporter):
    """In a process that only trains: the first one decides and writes, and this one says nothing but why it failed."""

    def turn(self) -> AbstractContextManager[None]:
        """The first process has it for all."""
        return contextlib.nullcontext()

    line = turn

    def stopping(self) -> bool:
        """The first process is asked."""
        return False

    def state(self, state: str, message: str = "", *, error: YoloDashError | None = None) -> None:
        """Only a failure."""
        if state == "failed":
            super().state(state, message, error=error)

    def batch_done(self, position: Position, steps: int) -> None:
        """Nothing to say."""

    def epoch_done(self, record: dict[str, Any], state: State) -> None:
        """How far it is, for a failure."""
        self.epoch = state.position.epoch


def progress_record(position: Position, steps: int, epochs: int) -> dict[str, Any]:
    """Where an epoch is, for whoever looks."""
    pictures = max(position.pictures, 1)
    per_batch = position.seconds / max(position.step, 1)
    left = (steps - position.step) + (epochs - position.epoch - 1) * steps
    box, objectness, class_ = (value / pictures for value in position.losses)
    return {
        "epoch": position.epoch,
        "epochs": epochs,
        "step": position.step,
        "steps": steps,
        "loss_box": box,
        "loss_objectness": objectness,
        "loss_class": class_,
        "images_per_second": round(position.pictures / max(position.seconds, 1e-9), 2),
        "seconds_left": round(per_batch * left, 1),
    }


def work(run: Path, shown: Shown | None = None) -> Outcome:
    """Do, or go on with, what a run's folder says.

    Raises:
        YoloDashError: what went wrong, which ``state.json`` says too.
        WorkspaceError: another process works on it.
    """
    with states.at_work(run):
        options = options_from(read_run(run)["options"])
        device = resolve_device(options.device)
        reporter = Reporter(run, options, Place(device, (device,)), shown or Shown())
        with _signals(reporter):
            return _reported(reporter, lambda: "stopped" if reporter.stopping() else _train(reporter, options))


def work_share(run: Path) -> None:
    """Do this process's share of a run on several devices; its place comes from the environment.

    Raises:
        YoloDashError: as for ``work``.
    """
    options = options_from(read_run(run)["options"])
    try:
        place = _own_place(options)
    except YoloDashError as error:
        states.write_state(run, "failed", states.read_state(run).epoch, options.epochs, error=error)
        raise
    if in_cluster():
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)  # a warning of the cluster, which the task around us heeds
    if not place.processes.first:
        if in_cluster():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it reaches the first one too, which stops all
        follower = Follower(run, options, place, Shown())
        _reported(follower, lambda: _share(follower, options))
        return
    with states.at_work(run, pid=launcher()):
        reporter = Reporter(run, options, place, Shown())
        with _signals(reporter) if in_cluster() else contextlib.nullcontext():
            _reported(reporter, lambda: _share(reporter, options))


def _share(reporter: Reporter, options: TrainOptions) -> Outcome:
    """Train together with the other processes."""
    processes = reporter.place.processes
    with joined(processes, reporter.place.device):
        return "stopped" if from_first(reporter.stopping, processes) else _train(reporter, options)


def _own_place(options: TrainOptions) -> Place:
    """The device that is this process's: of the list in the run's options, or what the cluster's job has.

    Raises:
        DeviceError: it is not there.
    """
    processes = from_environment()
    names = devices_in_cluster(options.device) or options.devices
    queues = () if in_cluster() == "slurm" else tuple(resolve_device(name) for name in names)
    return Place(resolve_device(names[processes.local_rank]), queues, processes)


def _reported(reporter: Reporter, job: Callable[[], Outcome]) -> Outcome:
    """Do a job in the runs' line, and write how it ended, however it ends."""
    try:
        reporter.in_line = True
        with reporter.line():
            reporter.in_line = False
            reporter.state("running")
            outcome = job()
    except _StoppedInLineError:
        outcome = "stopped"
    except YoloDashError as error:
        _say_failed(reporter, error)
        raise
    except KeyboardInterrupt:
        reporter.state("stopped", "interrupted: what was done since the last epoch is lost")
        raise
    except BaseException as error:
        for line in traceback.format_exception(error):
            states.log(reporter.run, line.rstrip())
        _say_failed(reporter, unforeseen(error))
        raise
    message = "no better network for as long as patience lasts" if outcome == "early" else ""
    reporter.state("stopped" if outcome == "stopped" else "finished", message)
    return outcome


def _say_failed(reporter: Reporter, error: YoloDashError) -> None:
    """Write a failure; where the disk is full, the held lock that is let go says at least that the run ended."""
    with contextlib.suppress(YoloDashError):
        before = states.written_state(reporter.run)
        if reporter.place.processes.alone or before.state != "failed":  # of several, the first one knows why
            reporter.state("failed", error=error)


def _signals(reporter: Reporter) -> AbstractContextManager[None]:
    """Let the first signal ask to stop, and the second interrupt."""

    def asked(number: int) -> None:
        if reporter.in_line and reporter.place.processes.alone:
            raise _StoppedInLineError
        if reporter.signalled and number == signal.SIGINT:
            raise KeyboardInterrupt
        reporter.signalled = True

    return heeded(asked, signal.SIGTERM, signal.SIGINT)


def _train(reporter: Reporter, options: TrainOptions) -> Outcome:
    processes = reporter.place.processes
    seed_everything(options.seed)
    dataset = open_dataset(options.data)
    training, validation = pictures_of(dataset, "train"), pictures_of(dataset, "val")
    ids = class_ids(training, validation)
    names = [training.names.get(i, f"class {i}") for i in ids]
    for note in {note.sentence() for note in (*training.notes, *validation.notes)}:
        _note(reporter, note)
    settings = settings_from(options, reporter.place.device)
    start = _start(reporter, options, names, training, settings)
    gains = gains_from(options)
    batches = Batches(
        training.images,
        {i: place for place, i in enumerate(ids)},
        size=settings.size,
        batch=settings.batch,
        recipe=options.augment,
        seed=settings.seed,
        workers=settings.workers,
        pinned=settings.device.startswith("cuda"),
        rank=processes.rank,
        world=processes.world,
    )
    before = recorded_processes(reporter.run / LAST)
    for text in sharing_told(processes, settings.device, settings.batch, len(training.images), before):
        _note(reporter, text)

    pictures = reporter.pictures = RunPictures(reporter.run, batches, names)

    def validated(network: Detector) -> Metrics:
        mapping = dict(enumerate(ids))
        return validate(
            network,
            validation,
            mapping,
            size=settings.size,
            batch=MORE_WITHOUT_GRADIENTS * settings.batch,
            device=settings.device,
            seen=lambda done: pictures.validated(reporter.under_way, done, validation),
        )

    return train(Job(start.network, batches, validated, settings, gains, reporter.run, start.cfg, processes), reporter)


def _start(
    reporter: Reporter, options: TrainOptions, names: list[str], training: Pictures, settings: Settings
) -> Start:
    """The run's own last network, or the one to begin from, its anchors held against the boxes."""
    last = reporter.run / LAST
    if last.exists():
        return continued(last)
    start = starting_network(options.weights, options.cfg, names, settings.size)
    refuse_size(start.network, settings.size)
    check = check_anchors(start.network, training.images, settings.size, seed=settings.seed)
    _note(reporter, anchors_told(check))
    return start


def anchors_told(check: AnchorCheck) -> str:
    """The check of the anchors, in a sentence."""
    told = f"anchors: best possible recall {check.best_possible_recall:.4f} over {check.boxes} boxes"
    return f"{told}; replaced by others with {check.new_recall:.4f}" if check.replaced else told


def _note(reporter: Reporter, text: str) -> None:
    if reporter.place.processes.first:
        states.log(reporter.run, text)
        reporter.shown.note(text)


def class_ids(*parts: Pictures) -> list[int]:
    """The data set's class ids in order; those that only boxes have included."""
    seen = {int(i) for part in parts for image in part.images for i in image.annotations.class_ids}
    return sorted(seen.union(*(part.names for part in parts)))


def settings_from(options: TrainOptions, device: str) -> Settings:
    """What the loop is told, with device and precision decided."""
    values = {
        one.name: getattr(options if hasattr(options, one.name) else options.hyperparameters, one.name)
        for one in fields(Settings)
    }
    return Settings(**{**values, "device": device, "precision": precision_for(options.precision, device)})


def gains_from(options: TrainOptions) -> Gains:
    """Weights of the loss's terms."""
    numbers = options.hyperparameters
    return Gains(numbers.box_gain, numbers.objectness_gain, numbers.class_gain, numbers.largest_ratio)


def _work_of(run: Path) -> None:
    """What a run of its kind is worked on by."""
    kind = read_run(run)["kind"]
    if kind == "evaluate":
        evaluate_run(run)
    elif kind == "video":
        watch_run(run)
    elif kind == "sweep":
        work_sweep(run)
    else:
        work(run)


def main(arguments: list[str]) -> int:
    """The worker's own process."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m yolodash.runs.worker NAME\n")
        return 2
    lower_priority()
    return said(lambda: _work_of(find_run(arguments[0])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
