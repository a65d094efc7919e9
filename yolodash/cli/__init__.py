"""``python -m yolodash COMMAND``: the same jobs as the pages, for scripts and clusters.

Exit code 0: done. 1: a problem with the input, one line on stderr. 2: wrong usage. 130: interrupted. Here, and in
``ui.messages``, errors become words; importing this module imports no torch, the commands do when they run.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import typer
from typer.main import get_command

from yolodash import __version__
from yolodash.cli import access, dataset, detect, evaluate, models, runs, scenes, status, sweep, train, video
from yolodash.errors import YoloDashError, one_line
from yolodash.runs.launch import let_threads_sleep

application = typer.Typer(
    help="See what a YOLO detector sees.",
    epilog="--debug, anywhere: show the traceback of an error.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
application.command("detect")(detect.detect)
application.command("video")(video.video)
application.command("scenes")(scenes.scenes)
application.command("evaluate")(evaluate.evaluate)
application.command("train")(train.train)
application.command("status")(status.status)
runs.app.command("sweep", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(sweep.sweep)
application.add_typer(models.app, name="models")
application.add_typer(runs.app, name="runs")
application.add_typer(dataset.app, name="dataset")
application.add_typer(access.app, name="access")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"yolodash {__version__}")
        raise typer.Exit


@application.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Show the version."),
) -> None:
    """See what a YOLO detector sees."""
    let_threads_sleep()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what stands after ``python -m yolodash``; None for the process's own.

    Returns:
        the exit code.
    """
    words, debug = _without_debug(list(sys.argv[1:] if arguments is None else arguments))
    try:
        get_command(application).main(args=words, prog_name="python -m yolodash")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if debug:
            traceback.print_exc()
        typer.echo(f"error: {_sentence(error)}", err=True)
        return 1
    return 0


def _without_debug(words: list[str]) -> tuple[list[str], bool]:
    """The words without ``--debug``, which may stand anywhere before a ``--``."""
    end = words.index("--") if "--" in words else len(words)
    kept = [word for word in words[:end] if word != "--debug"]
    return kept + words[end:], len(kept) < end


def _sentence(error: Exception) -> str:
    """What went wrong, on one line."""
    if isinstance(error, YoloDashError):
        return str(error)
    if isinstance(error, MemoryError):
        return "The memory of this machine is not enough — close other programs, or take a smaller model, size or batch"
    name = type(error).__name__
    return f"Something unexpected went wrong: {name}: {one_line(str(error))} — run it again with --debug and report it"
