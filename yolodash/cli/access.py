"""``access``: passwords for the roles on a server that others reach."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from yolodash.errors import N_, OptionError
from yolodash.serving import passwords
from yolodash.serving.roles import Role, role_called

app = typer.Typer(
    help="Passwords for the roles visitor, annotator and trainer, on a server that others reach.", no_args_is_help=True
)
Which = Annotated[str, typer.Argument(metavar="ROLE", help="visitor, annotator or trainer.")]


@app.command("set")
def set_(role: Which) -> None:
    """Set a role's password: asked for on the terminal, or read as one line from a pipe; never an argument."""
    chosen = role_called(role)
    passwords.set_password(chosen, _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n"))
    typer.echo(f"{chosen.word}: password set; who was signed in by an earlier one is signed out")
    if Role.VISITOR not in passwords.kept():
        typer.echo("visitor: no password; everyone who reaches the server may learn and detect")


@app.command()
def remove(role: Which) -> None:
    """Take a role's password away: then nobody can sign in to it, and visitors without one come in unasked."""
    chosen = role_called(role)
    removed = passwords.remove_password(chosen)
    typer.echo(f"{chosen.word}: " + ("password removed" if removed else "had no password in the workspace"))


@app.command("list")
def list_() -> None:
    """Which roles have a password."""
    known = passwords.kept()
    for role in Role:
        typer.echo(f"{role.word}: {'password set' if role in known else 'no password'}")


def _asked() -> str:
    """A password, typed twice without being shown."""
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise OptionError(N_("The two passwords differ"), fix=N_("type the same one twice"))
    return first
