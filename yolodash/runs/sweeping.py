"""The worker of a sweep: its runs one after the other, each in a process of its own, in the device's line.

It trains nothing itself and holds nothing but its lock: what is done is in the folders of the runs. So it can be
killed at any moment, and goes on with the run that was broken off. When it dies, the run at work stops and saves.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from yolodash.errors import YoloDashError
from yolodash.runs import state as states
from yolodash.runs.folders import find_run
from yolodash.runs.launch import begin
from yolodash.runs.signals import DEATH_OF_PARENT, heeded
from yolodash.runs.sweep import Member, ended, members_of

POLL = 0.2

Told = Callable[[Member], None]
"""Called with each run that has ended."""


class _Watch:
    """Whether somebody asked the sweep to stop, and how far its runs are."""

    def __init__(self, sweep: Path) -> None:
        self.sweep = sweep
        self.asked = False
        self._said: tuple[str, int, str] | None = None

    def ask(self, number: int) -> None:
        """A signal asks to stop."""
        self.asked = True

    def stopping(self) -> bool:
        self.asked = self.asked or (self.sweep / states.STOP).exists()
        return self.asked

    def say(self, message: str) -> None:
        """Write the state where it has changed; epochs are those of all runs together."""
        members = members_of(self.sweep)
        done = sum(member.state.epoch or 0 for member in members)
        said = ("stopping" if self.asked else "running", done, message)
        if said != self._said:
            self._said = said
            states.write_state(self.sweep, said[0], done, sum(member.epochs for member in members), message)


def work_sweep(sweep: Path, told: Told = lambda _: None) -> str:
    """Do, or go on with, the runs of a sweep that are not finished.

    Returns:
        ``finished``, ``stopped`` or ``failed``, as ``state.json`` says it.

    Raises:
        WorkspaceError: another process works on it, or the disk is full.
    """
    with states.at_work(sweep):
        (sweep / states.STOP).unlink(missing_ok=True)
        watch = _Watch(sweep)
        with heeded(watch.ask, signal.SIGTERM, signal.SIGINT):
            _line_up(sweep)
            _work(watch, told)
        return _say_ended(watch)


def _line_up(sweep: Path) -> None:
    """Let every run that is not finished wait for its turn, those that stopped or failed before included."""
    for member in members_of(sweep):
        if member.run is not None and not ended(member) and not states.is_alive(member.run):
            (member.run / states.STOP).unlink(missing_ok=True)
            states.write_state(member.run, "queued", member.state.epoch, member.epochs, states.IN_SWEEP)


def _work(watch: _Watch, told: Told) -> None:
    """Each run in its turn; one that is trained from elsewhere meanwhile is waited for at the end."""
    line = [member.name for member in members_of(watch.sweep) if not ended(member)]
    total = len(members_of(watch.sweep))
    while line and not watch.stopping():
        now = {member.name: member for member in members_of(watch.sweep)}
        member = next((now[name] for name in line if not now[name].at_work), None)
        if member is None:
            watch.say("")
            time.sleep(POLL)
            continue
        line.remove(member.name)
        if member.run is not None and member.state.state == "queued":
            _train(watch, member.run, f"run {total - len(line)} of {total}: {member.name}")
            told(next(one for one in members_of(watch.sweep) if one.name == member.name))


def _train(watch: _Watch, run: Path, message: str) -> None:
    """One run's own worker, to its end; asked to stop, it stops after its step."""
    watch.say(message)
    process = begin(run, ready=_stop_with(os.getpid()))
    passed_on = False
    while process.poll() is None:
        if watch.stopping() and not passed_on:
            passed_on = _pass_on(run, process)
        watch.say(message)
        time.sleep(POLL)


def _pass_on(run: Path, process: subprocess.Popen[bytes]) -> bool:
    """Ask a run to stop; before it has its lock there is nothing to save, and it waits for its turn again."""
    if states.is_alive(run):
        return states.request_stop(run)
    process.terminate()
    return True


def _say_ended(watch: _Watch) -> str:
    """How the sweep ended: the state and the sentence are those of its runs."""
    members = members_of(watch.sweep)
    left = [member for member in members if member.run is not None and not ended(member)]
    error: YoloDashError | None = None
    failed = [member for member in left if member.state.state == "failed"]
    if not left:
        state, message = "finished", ""
    elif failed and not watch.asked:
        state, message = "failed", f"{len(failed)} of {len(members)} runs failed; {failed[0].name}: "
        message += failed[0].state.message
        error = _of_run(failed[0])
    else:
        state, message = "stopped", f"{len(left)} of {len(members)} runs are left"
    done = sum(member.state.epoch or 0 for member in members)
    states.write_state(watch.sweep, state, done, sum(member.epochs for member in members), message, error=error)
    return state


def _of_run(member: Member) -> YoloDashError | None:
    """What a run of the sweep failed with, under its name."""
    error = member.state.error
    if error is not None:
        error.where = ": ".join(filter(None, (member.name, error.where)))
    return error


def _stop_with(parent: int) -> Callable[[], None]:
    """Makes a new process stop, as if it were asked to, when the one that began it dies; on Linux."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: after a fork it could hang

    def ready() -> None:
        if library is not None:
            library.prctl(DEATH_OF_PARENT, signal.SIGTERM)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)

    return ready


def main(arguments: list[str]) -> int:
    """The worker's own process."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m yolodash.runs.sweeping NAME\n")
        return 2
    try:
        return 0 if work_sweep(find_run(arguments[0], "sweep")) != "failed" else 1
    except YoloDashError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
