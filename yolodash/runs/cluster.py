"""Trainings as jobs of a cluster: Slurm, or this machine in its place, through ``submitit``.

    train … --cluster slurm ── the run's folder, then a job ── on every node a task a GPU, each with a process of it

Each task's process finds the others as under ``torchrun``: RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT. A
job that is preempted, or whose time is up, finishes its step, saves, and waits in the cluster's line again.

What the cluster must offer: the same paths and the same Python on every node and on the machine that submits; and for
the workspace a file system that they share, on which renaming is atomic and ``flock`` counts on all machines, for a
run's liveness is a lock. NFS 4 does, and NFS 3 with its lock daemon (not mounted ``nolock`` or ``local_lock``); Lustre
mounted ``flock`` (not ``localflock``); GPFS; BeeGFS and CephFS with their locks switched on. Where locks stay on one
machine, a run at work reads as died from the others: nothing is lost by that, but nothing stops a second worker either.

``submitit`` is imported here alone, and only to submit, cancel or ask.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from yolodash import workspace
from yolodash.errors import N_, DeviceError, OptionError
from yolodash.runs import state as states
from yolodash.runs.config import TrainOptions, check_shares, options_from
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.launch import LOG, environment_of
from yolodash.runs.processes import CLUSTER, GPUS, PARENT, end_with_parent, said, sharing_environment
from yolodash.runs.state import CLUSTER_FILE

Cluster = Literal["slurm", "local"]
SAVING_SECONDS = 120
"""Between the cluster's warning and the end of a job."""
MOST_TIMEOUTS = 1000
POLL = 0.2
_TIME = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")
_ENDED = ("CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE", "COMPLETED")


@dataclass(frozen=True)
class Ask:
    """What is asked of a cluster.

    Attributes:
        cluster: ``slurm``, or ``local`` for this machine.
        nodes: machines.
        gpus_per_node: of each, and as many processes; with 0, one process on the processor.
        partition: of Slurm; its default where empty.
        minutes: until the job has to wait in line again.
    """

    cluster: Cluster
    nodes: int = 1
    gpus_per_node: int = 1
    partition: str = ""
    minutes: int = 1440

    def __post_init__(self) -> None:
        """Refuse what one machine cannot be."""
        if self.cluster == "local" and self.nodes > 1:
            raise OptionError(N_("This machine is one node"), where="--nodes", fix=N_("take --cluster slurm, or 1"))

    @property
    def tasks_per_node(self) -> int:
        """Processes on each node."""
        return max(1, self.gpus_per_node)

    @property
    def world(self) -> int:
        """Processes in all."""
        return self.nodes * self.tasks_per_node


def minutes_of(text: str) -> int:
    """Slurm's ways to say a time: MINUTES, MINUTES:SECONDS, HH:MM:SS, DAYS-HH, DAYS-HH:MM, DAYS-HH:MM:SS.

    Raises:
        OptionError: it is none of them, or 0.
    """
    found = _TIME.fullmatch(text.strip())
    minutes = 0.0
    if found is not None:
        days, *parts = (int(part) if part else None for part in found.groups())
        first, second, third = parts[0] or 0, parts[1] or 0, parts[2] or 0
        in_hours = days is not None or parts[2] is not None
        minutes = (days or 0) * 1440 + (first * 60 + second + third / 60 if in_hours else first + second / 60)
    if minutes <= 0:
        raise OptionError(
            N_("'{text}' is no time"), where="--time", fix=N_("give minutes, HH:MM:SS or DAYS-HH:MM"), text=text
        )
    return max(1, round(minutes))


def refuse_no_cluster(cluster: Cluster) -> None:
    """Look whether a job can be submitted from here.

    Raises:
        OptionError: ``submitit`` is not installed.
        DeviceError: this machine belongs to no Slurm cluster.
    """
    if importlib.util.find_spec("submitit") is None:
        raise OptionError(
            N_("Jobs on a cluster need the package submitit, which is not installed"),
            where="--cluster",
            fix=N_("install the extra 'cluster': pip install '.[cluster]', or pip install submitit"),
        )
    if cluster == "slurm" and shutil.which("srun") is None:
        raise DeviceError(
            N_("This machine belongs to no Slurm cluster: it has no srun"),
            where="--cluster",
            fix=N_("submit from the cluster's login node, or try with --cluster local"),
        )


def refuse_on_cluster(options: TrainOptions, ask: Ask) -> None:
    """Look at what a cluster is asked for.

    Raises:
        OptionError: a list of devices, or a batch that its processes cannot share.
    """
    if len(options.devices) > 1:
        raise OptionError(
            N_("A cluster gives every process its device"), where="--device", fix=N_("say --gpus-per-node instead")
        )
    if options.device.startswith("cuda") and not ask.gpus_per_node:
        raise OptionError(
            N_("A job without a GPU cannot train on {device}"),
            where="--gpus-per-node",
            fix=N_("give at least 1, or --device cpu"),
            device=options.device,
        )
    check_shares(options.batch, ask.world)


def submit(run: Path, ask: Ask) -> str:
    """Hand a run to a cluster; its state says which job it is.

    Returns:
        the job's number.

    Raises:
        OptionError, DeviceError: ``submitit`` is missing, this is no cluster, or it refuses the job.
    """
    refuse_no_cluster(ask.cluster)
    found, epochs = states.read_state(run), options_from(read_run(run)["options"]).epochs
    (run / states.STOP).unlink(missing_ok=True)
    workspace.write_json(run / CLUSTER_FILE, {**asdict(ask), "job": None})
    states.write_state(run, "queued", found.epoch or 0, epochs)
    with open(run / LOG, "ab") as log:  # a process of its own: a job on this machine gets neither terminal nor pipes
        subprocess.run(
            [sys.executable, "-m", "yolodash.runs.cluster", run.name],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment_of(), start_new_session=True, check=False,
        )  # fmt: skip
    record = states.read_json(run / CLUSTER_FILE) or {}
    if not record.get("job"):
        error = DeviceError(
            N_("The cluster did not take the job: {reason}"),
            where="--cluster",
            fix=N_("look into the log files in the run's folder, then resume the run"),
            reason=record.get("error", ""),
        )
        states.write_state(run, "failed", found.epoch or 0, epochs, error=error)
        raise error
    return str(record["job"])


def submit_again(run: Path) -> str:
    """Hand a run to the cluster that it was on, as before."""
    record = states.read_json(run / CLUSTER_FILE) or {}
    return submit(run, Ask(**{name: record[name] for name in Ask.__dataclass_fields__ if name in record}))


def _submitted(run: Path) -> None:
    """Submit, in a process of its own, and note the job's number."""
    from yolodash.runs import cluster  # under this name the job finds the class

    record = states.read_json(run / CLUSTER_FILE) or {}
    ask = Ask(**{name: record[name] for name in Ask.__dataclass_fields__})
    try:
        job = _executor(run, ask).submit(cluster.Task(str(run), ask))
    except Exception as error:
        workspace.write_json(run / CLUSTER_FILE, {**record, "error": _reason(error)})
        raise
    workspace.write_json(run / CLUSTER_FILE, {**record, "job": str(job.job_id)})
    told = _job_told(str(job.job_id), ask)
    states.log(run, told)
    found = states.written_state(run)
    if found.state == "queued":
        states.write_state(run, "queued", found.epoch, found.epochs, told)


def _executor(run: Path, ask: Ask) -> Any:
    import submitit

    executor = submitit.AutoExecutor(
        run / "cluster", cluster=ask.cluster, slurm_max_num_timeout=MOST_TIMEOUTS, local_max_num_timeout=MOST_TIMEOUTS
    )
    workers = options_from(read_run(run)["options"]).workers
    executor.update_parameters(
        name=f"yolodash-{run.name}",
        nodes=ask.nodes,
        tasks_per_node=ask.tasks_per_node,
        gpus_per_node=ask.gpus_per_node,
        cpus_per_task=workers + 1,
        timeout_min=ask.minutes,
        stderr_to_stdout=True,
        slurm_signal_delay_s=SAVING_SECONDS,
        slurm_srun_args=["--kill-on-bad-exit=1"],
        **({"slurm_partition": ask.partition} if ask.partition else {}),
    )
    return executor


def _reason(error: Exception) -> str:
    """The last line of what the cluster's command said."""
    return (str(error).strip() or type(error).__name__).splitlines()[-1]


def _job_told(job: str, ask: Ask) -> str:
    return f"job {job} of {ask.cluster}"


class Task:
    """What every task of a job does; submitit calls ``checkpoint`` in the first before the job has to go."""

    def __init__(self, run: str, ask: Ask) -> None:
        self.run, self.ask = run, ask

    def __call__(self) -> None:
        """Start this task's process of the training, and wait for it."""
        if self.ask.cluster == "local":
            end_with_parent()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "yolodash.runs.processes", "--rank", self.run],
            stdin=subprocess.DEVNULL,
            env=self._environment(),
        )
        while self.process.poll() is None:  # no long wait, in which a signal's handler could not ask for it too
            time.sleep(POLL)
        _end_noted(Path(self.run))
        if self.process.returncode:
            raise SystemExit(f"the training ended with code {self.process.returncode}")

    def _environment(self) -> dict[str, str]:
        from submitit.helpers import TorchDistributedEnvironment

        TorchDistributedEnvironment().export(set_cuda_visible_devices=False, overwrite=True)
        own = {CLUSTER: self.ask.cluster, GPUS: str(self.ask.gpus_per_node), PARENT: str(os.getpid())}
        if self.ask.cluster == "local":
            own |= {"MASTER_ADDR": "127.0.0.1", **sharing_environment(self.ask.tasks_per_node)}
        return {**environment_of(), **own}

    def checkpoint(self) -> Any:
        """Let the training save and stop; what is to be submitted again, or None where somebody stopped it."""
        from submitit.helpers import DelayedSubmission

        run = Path(self.run)
        wanted = (run / states.STOP).exists()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGTERM)
        deadline = time.monotonic() + SAVING_SECONDS * 0.8
        while states.is_alive(run) and time.monotonic() < deadline:
            time.sleep(POLL)
        found = states.written_state(run)
        if wanted or found.state in ("finished", "failed"):
            return None
        job = str((states.read_json(run / CLUSTER_FILE) or {}).get("job"))
        states.write_state(run, "queued", found.epoch, found.epochs, _job_told(job, self.ask))
        return DelayedSubmission(Task(self.run, self.ask))


def leave(run: Path) -> None:
    """A run goes on outside of its cluster, or its job has ended."""
    record = states.read_json(run / CLUSTER_FILE)
    if record is not None and record.get("job"):
        workspace.write_json(run / CLUSTER_FILE, {**record, "job": None})


def _end_noted(run: Path) -> None:
    """The job is none any more, unless it waits in line again."""
    if os.environ.get("RANK") == "0" and states.written_state(run).state != "queued":
        leave(run)


def cancel(run: Path, *, wait: float = 60.0) -> bool:
    """End a run's job at once, in line or at work.

    Returns:
        whether there was one.

    Raises:
        DeviceError: the cluster does not answer.
        WorkspaceError: the job does not end.
    """
    record = states.read_json(run / CLUSTER_FILE) or {}
    job, waits = record.get("job"), not states.is_alive(run)
    if not job or states.read_state(run).state not in states.AT_WORK:
        return False
    _end_job(run, str(record.get("cluster")), str(job))
    states.wait_for_end(run, wait)
    leave(run)
    states.log(run, "killed")
    if waits:
        found = states.written_state(run)
        states.write_state(run, "stopped", found.epoch, found.epochs, "its job was cancelled")
    return True


def _end_job(run: Path, cluster: str, job: str) -> None:
    """``scancel``, or the same for a job on this machine."""
    if cluster == "local":
        if _is_our_job(job):
            os.kill(int(job), signal.SIGKILL)  # of its controller; the tasks end with it, and their processes with them
        return
    from submitit.slurm.slurm import SlurmJob

    try:
        SlurmJob(run / "cluster", job).cancel()
    except (OSError, subprocess.CalledProcessError) as error:
        raise DeviceError(
            N_("The cluster did not cancel the job {job}: {reason}"),
            fix=N_("cancel it there: scancel {job}"),
            job=job,
            reason=_reason(error),
        ) from error


def observe(run: Path) -> None:
    """Ask the cluster whether a job in line is still there; where it is gone, the run reads as died."""
    record = states.read_json(run / CLUSTER_FILE) or {}
    job = record.get("job")
    if job and not states.is_alive(run) and states.read_state(run).state == "queued" and _is_gone(run, record):
        leave(run)


def _is_gone(run: Path, record: dict[str, Any]) -> bool:
    if record.get("cluster") == "local":
        return not _is_our_job(str(record["job"]))
    if importlib.util.find_spec("submitit") is None or shutil.which("sacct") is None:
        return False
    from submitit.slurm.slurm import SlurmJob

    return SlurmJob(run / "cluster", str(record["job"])).state.startswith(_ENDED)


def _is_our_job(process: str) -> bool:
    """Whether a process of this machine is the controller of a submitit job."""
    try:
        return b"submitit" in Path(f"/proc/{int(process)}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False


def main(arguments: list[str]) -> int:
    """Submit a run, in a process of its own."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m yolodash.runs.cluster NAME\n")
        return 2
    return said(lambda: _submitted(find_run(arguments[0])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
