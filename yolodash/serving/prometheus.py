"""A status in the text format of Prometheus.

Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from yolodash.serving.status import Status

Sample = tuple[str, dict[str, str], float | None]


def text(status: Status) -> str:
    """The whole file; what is not known is left out."""
    lines: list[str] = []
    for name, kind, about, samples in _families(status):
        known = [(suffix, labels, value) for suffix, labels, value in samples if value is not None]
        if known:
            lines += [f"# HELP yolodash_{name} {about}", f"# TYPE yolodash_{name} {kind}"]
            lines += [f"yolodash_{name}{suffix}{_labels(labels)} {value:.12g}" for suffix, labels, value in known]
    return "\n".join(lines) + "\n"


def _families(status: Status) -> Iterator[tuple[str, str, str, list[Sample]]]:
    """Name, kind, explanation and samples of each family; a sample is suffix, labels and value."""
    times, (count, seconds) = status.times, status.page_runs
    quantiles = (("0.5", times.p50), ("0.95", times.p95), ("0.99", times.p99))
    yield "sessions", "gauge", "Open connections.", [("", {}, status.sessions)]
    yield "kept_sessions", "gauge", "Browsers for which something is kept.", [("", {}, status.kept_sessions)]
    waiting: list[Sample] = [("", {"device": line.device}, line.waiting) for line in status.lines]
    yield "queue_waiting", "gauge", "Jobs that wait for a device.", waiting
    running: list[Sample] = [("", {"device": line.device}, line.running) for line in status.lines]
    yield "queue_running", "gauge", "Whether somebody has the device.", running
    runs: list[Sample] = [
        ("", {"quantile": share}, None if value is None else value / 1000) for share, value in quantiles
    ]
    about = "Seconds that a run of a page takes; quantiles of the last ten minutes."
    yield "page_seconds", "summary", about, [*runs, ("_sum", {}, seconds), ("_count", {}, count)]
    waited = None if times.waited is None else times.waited / 1000
    about = "Seconds that a run of a page waits for its turn; 95 % of the last ten minutes stay below."
    yield "page_wait_seconds", "gauge", about, [("", {"quantile": "0.95"}, waited)]
    yield "memory_resident_bytes", "gauge", "Memory of the server.", [("", {}, status.resident)]
    yield "memory_total_bytes", "gauge", "Memory of the machine.", [("", {}, status.memory_total)]
    yield "memory_free_bytes", "gauge", "Memory that is free.", [("", {}, status.memory_free)]
    yield "gpu_memory_used_bytes", "gauge", "Memory in use.", _of_gpus(status, "used")
    yield "gpu_memory_total_bytes", "gauge", "Memory in all.", _of_gpus(status, "total")
    yield "gpu_busy_percent", "gauge", "How busy a GPU is.", _of_gpus(status, "busy")
    sizes: list[Sample] = [("", {"folder": name}, size) for name, size in status.folders.items()]
    yield "disk_bytes", "gauge", "What a folder of the workspace takes.", sizes
    yield "disk_free_bytes", "gauge", "What is free on its disk.", [("", {}, status.disk_free)]
    yield "disk_total_bytes", "gauge", "The size of its disk.", [("", {}, status.disk_total)]


def _of_gpus(status: Status, attribute: str) -> list[Sample]:
    return [("", {"gpu": str(number)}, getattr(gpu, attribute)) for number, gpu in enumerate(status.gpus)]


def _labels(labels: dict[str, str]) -> str:
    quoted = [f'{name}="{_escaped(value)}"' for name, value in labels.items()]
    return "{" + ",".join(quoted) + "}" if quoted else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
