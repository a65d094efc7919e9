"""Options that make no sense, refused in a sentence."""

from __future__ import annotations

from yolodash.errors import N_, OptionError


def check_whole(name: str, value: object, least: int, most: int) -> None:
    """Refuse an option that is no whole number within its bounds.

    Raises:
        OptionError: says which numbers make sense.
    """
    if type(value) is not int or not least <= value <= most:
        raise OptionError(
            N_("{value} makes no sense here"),
            where=f"--{name}",
            fix=N_("give a whole number from {least} to {most}"),
            value=str(value),
            least=least,
            most=most,
        )
