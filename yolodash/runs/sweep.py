"""A sweep: one training for every combination of a few options and seeds, so that a difference shows its spread.

A sweep is a run whose folder lists its member runs. Each of them is an ordinary training, made with the sweep and
queued; the sweep's worker (``runs.sweeping``) does them one after the other. Each can also be stopped and resumed
alone.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.bins import BinEntry
from yolodash.errors import N_, InputError, OptionError, WorkspaceError
from yolodash.models.catalogue import ModelFiles, locate
from yolodash.runs.command_line import train_words
from yolodash.runs.config import TrainOptions
from yolodash.runs.creating import looked_at, network_stem, suggested_name
from yolodash.runs.folders import (
    Exist,
    create_run,
    delete_run,
    find_run,
    name_taken,
    new_run_folder,
    numbered,
    read_run,
)
from yolodash.runs.launch import launch
from yolodash.runs.state import (
    RunState,
    busy,
    is_alive,
    kill,
    read_json,
    read_state,
    request_stop,
    worked_on,
    write_state,
)

MOST_RUNS = 500


@dataclass(frozen=True)
class Plan:
    """What a sweep is made of.

    Attributes:
        options: what all its runs have in common.
        freeze, epochs, seeds: the values to go through.
        weights: likewise; empty for those of ``options``.
        sizes: likewise; empty for the one of ``options``.
    """

    options: TrainOptions
    freeze: tuple[int, ...] = (0,)
    epochs: tuple[int, ...] = (3,)
    seeds: tuple[int, ...] = (0,)
    weights: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what makes no matrix.

        Raises:
            OptionError: a list is empty or names a value twice, there are too many runs, or a value makes no sense.
        """
        for name in ("freeze", "epochs", "seeds"):
            if not getattr(self, name):
                raise OptionError(N_("A sweep needs a value here"), where=f"--{name}", fix=N_("give one or more"))
        for name in ("freeze", "epochs", "seeds", "weights", "sizes"):
            _refuse_twice(name, getattr(self, name))
        if self.count > MOST_RUNS:
            raise OptionError(
                N_("These are {count} runs"),
                fix=N_("give fewer values: {most} runs at most"),
                count=self.count,
                most=MOST_RUNS,
            )
        self.members()

    @property
    def count(self) -> int:
        """How many runs it makes."""
        return len(self.freeze) * len(self.epochs) * len(self.seeds) * max(len(self.weights), 1) * max(
            len(self.sizes), 1
        )  # fmt: skip

    def members(self) -> tuple[tuple[str, TrainOptions], ...]:
        """The ending of each run's name and its options; all cells with the first seed come first."""
        weights, sizes = self.weights or (self.options.weights,), self.sizes or (self.options.size,)
        stems = dict(zip(weights, _distinct([_stem(one) for one in weights]), strict=True))
        made = []
        for seed, weight, size, epochs, freeze in product(self.seeds, weights, sizes, self.epochs, self.freeze):
            parts = [stems[weight]] * (len(weights) > 1) + [f"p{size}"] * (len(sizes) > 1)
            label = "-".join([*parts, f"f{freeze}", f"e{epochs}", f"s{seed}"])
            options = replace(self.options, seed=seed, weights=weight, size=size, epochs=epochs, freeze=freeze)
            made.append((label, options))
        return tuple(made)


@dataclass(frozen=True)
class Member:
    """One run of a sweep.

    Attributes:
        name: of the run.
        run: its folder; None where it was deleted.
        options: as its ``run.json`` says.
        state: how far it is.
    """

    name: str
    run: Path | None
    options: dict[str, Any]
    state: RunState

    @property
    def epochs(self) -> int:
        """How many it is to do; 0 where it was deleted."""
        return int(self.options.get("epochs", 0))

    @property
    def at_work(self) -> bool:
        """Whether a worker is busy with it."""
        return self.run is not None and is_alive(self.run)


def create_sweep(
    plan: Plan,
    name: str | None = None,
    *,
    exist: Exist = "error",
    command: Sequence[str] = (),
    find_weights: Callable[[str], ModelFiles] = locate,
) -> Path:
    """The folders of a sweep and of all its runs, which wait for its worker; all of them, or none.

    Raises:
        WorkspaceError: a name is taken or cannot be one, or the disk cannot be written to.
        DatasetError: the data set cannot be read, or has nothing to train or to validate with.
        ModelFileError, DownloadError: there are no such weights.
    """
    members = plan.members()
    found = {weight: find_weights(weight) for weight in {options.weights for _, options in members} if weight}
    kept, data = looked_at(members[0][1], found.__getitem__)
    base = name or workspace.safe_name(f"sweep-{suggested_name(members[0][1])}")
    chosen = _free_name(base, [label for label, _ in members], name is None or exist == "rename")
    options = {
        f"{chosen}-{label}": replace(
            one, data=kept.data, cfg=kept.cfg, weights=str(found[one.weights].weights.resolve()) if one.weights else ""
        )
        for label, one in members
    }
    with _taken_back() as made:
        for member, one in options.items():
            words = train_words(one, member)
            made.append(
                create_run(
                    "train", member, options=one.record(), data=data, command=words, epochs=one.epochs, sweep=chosen
                )
            )
        told, epochs = _record(plan, list(options)), sum(one.epochs for one in options.values())
        made.append(create_run("sweep", chosen, options=told, data=data, command=command, epochs=epochs))
    return made[-1]


@contextlib.contextmanager
def _taken_back() -> Iterator[list[Path]]:
    """A list of folders that go again where the block fails: nobody has begun with them."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for place in made:
            shutil.rmtree(place, ignore_errors=True)
        raise


def _record(plan: Plan, members: list[str]) -> dict[str, Any]:
    lists = {name: list(getattr(plan, name)) for name in ("freeze", "epochs", "seeds", "weights", "sizes")}
    return {"members": members, **lists, "train": plan.options.record()}


def _free_name(base: str, labels: Sequence[str], rename: bool) -> str:
    """A name that is free together with those of all members.

    Raises:
        WorkspaceError: it is taken or cannot be a name.
    """
    for chosen in numbered(base) if rename else (base,):
        try:
            for one in (chosen, *(f"{chosen}-{label}" for label in labels)):
                new_run_folder(one)
        except WorkspaceError:
            if not rename or not (workspace.folder("runs") / one).exists():
                raise
            continue
        return chosen
    raise name_taken(base)


def members_of(sweep: Path) -> tuple[Member, ...]:
    """The runs of a sweep, in the order in which they are done.

    Raises:
        InputError: the sweep's description cannot be read.
    """
    names = read_run(sweep)["options"].get("members")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(N_("This sweep does not say which runs it has"), where=sweep.name, fix=N_("start a new one"))
    return tuple(_member(name) for name in names)


def _member(name: str) -> Member:
    try:
        run = find_run(name, "train")
        return Member(name, run, dict(read_run(run)["options"]), read_state(run))
    except InputError:
        return Member(name, None, {}, RunState("deleted"))


def ended(member: Member) -> bool:
    """Whether nothing is left to do: it is finished, or was deleted."""
    return member.run is None or member.state.state == "finished"


def start_sweep(sweep: Path) -> None:
    """Start the worker of a sweep, for the first time or to go on.

    Raises:
        WorkspaceError: it has a worker.
        OptionError: all its runs are finished.
    """
    members = startable(sweep)
    done = sum(member.state.epoch or 0 for member in members)
    write_state(sweep, "queued", done, sum(member.epochs for member in members))
    launch(sweep)


def startable(sweep: Path) -> tuple[Member, ...]:
    """The runs of a sweep that can be begun or gone on with.

    Raises:
        WorkspaceError: it has a worker.
        OptionError: all its runs are finished.
    """
    if is_alive(sweep):
        raise worked_on(sweep)
    members = members_of(sweep)
    if all(ended(member) for member in members):
        raise OptionError(
            N_("All runs of this sweep are finished"),
            where=sweep.name,
            fix=N_("compare them: runs compare {name}"),
            name=sweep.name,
        )
    return members


def stop_run(run: Path) -> bool:
    """Ask a run or a sweep to stop after the step that is under way; the rest of a sweep stays queued.

    Returns:
        whether there was a worker.
    """
    asked = request_stop(run)
    return any([asked, *(request_stop(one) for one in _busy_members(run) if not asked)])


def kill_run(run: Path) -> bool:
    """End the worker of a run or a sweep at once, and that of the member at work.

    Returns:
        whether there was a worker.

    Raises:
        WorkspaceError: it runs on another machine, or does not end.
    """
    killed = kill(run)
    return any([killed, *(kill(one) for one in _busy_members(run))])


def _busy_members(run: Path) -> list[Path]:
    if read_run(run)["kind"] != "sweep":
        return []
    return [member.run for member in members_of(run) if member.run is not None and member.at_work]


def delete_sweep(sweep: Path, *, trained_too: bool = False) -> tuple[BinEntry, ...]:
    """Put a sweep into the bin, with those of its runs that nobody has begun with.

    Args:
        trained_too: the others as well.

    Raises:
        WorkspaceError: somebody works on it or on one of its runs.
    """
    members = members_of(sweep)
    gone = [
        member.run for member in members if member.run is not None and (trained_too or not _begun(member.run))
    ]  # fmt: skip
    for one in (sweep, *gone):
        if is_alive(one):
            raise busy(one)
    return tuple(delete_run(one) for one in (*gone, sweep))


def _begun(run: Path) -> bool:
    return is_alive(run) or (run / "last.safetensors").exists() or (run / "metrics.jsonl").exists()


def renamed(old: str, new: str) -> None:
    """Let sweeps and their members know each other after a run got another name; folders that are none stay."""
    for run in workspace.folder("runs").iterdir():
        about = read_json(run / "run.json") if not run.name.startswith(".") else None
        if about is None or not isinstance(about.get("options"), dict):
            continue
        members = about["options"].get("members")
        if about.get("sweep") == old:
            workspace.write_json(run / "run.json", {**about, "sweep": new})
        elif about.get("kind") == "sweep" and isinstance(members, list) and old in members:
            listed = [new if name == old else name for name in members]
            workspace.write_json(run / "run.json", {**about, "options": {**about["options"], "members": listed}})


def _refuse_twice(name: str, values: tuple[Any, ...]) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise OptionError(
            N_("{value} is given twice"), where=f"--{name}", fix=N_("give each value once"), value=str(twice)
        )


def _stem(weights: str) -> str:
    """A short name of weights, of letters that a run's name can have."""
    return "".join(c if c.isalnum() or c in "._" else "_" for c in network_stem(weights))[:40] or "fresh"


def _distinct(names: list[str]) -> list[str]:
    """The names, numbered where one comes again."""
    return [
        name if names.index(name) == place else f"{name}_{names[: place + 1].count(name)}"
        for place, name in enumerate(names)
    ]
