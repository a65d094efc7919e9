"""The same jobs as the pages, for scripts and clusters: ``python -m yolodash COMMAND``.

Exit codes: 0 done, 1 a problem with the input (one line on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback

import typer

from yolodash.cli import detect, models
from yolodash.errors import YoloDashError

app = typer.Typer(
    help="See what a detector sees.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
app.command("detect")(detect.detect)
app.add_typer(models.app, name="models")


@app.callback()
def options(debug: bool = typer.Option(False, "--debug", help="Show where in the code a problem arose.")) -> None:
    """See what a detector sees."""
    logging.basicConfig(level=logging.DEBUG if debug else logging.ERROR)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give back its exit code; every problem is one line on stderr."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result = app(args=given, prog_name="python -m yolodash", standalone_mode=False)
        return int(result or 0)
    except YoloDashError as error:
        return _failed(str(error), given)
    except typer.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        usage = getattr(error, "exit_code", None)
        if usage is not None and hasattr(error, "show"):
            error.show()
            return int(usage)
        reason = str(error).splitlines()[0] if str(error) else ""
        return _failed(
            f"Something unexpected happened: {type(error).__name__} {reason} — run again with --debug", given
        )


def _failed(sentence: str, given: list[str]) -> int:
    if "--debug" in given:
        traceback.print_exc()
    typer.echo(f"error: {sentence}", err=True)
    return 1
