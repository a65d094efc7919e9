"""Reads the text of a Darknet ``.cfg``: sections with options, each with its line.

Nothing here knows what a layer is. Options are checked for type and range when they are asked for, so that every
refusal can name the line.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from yolodash.errors import N_, ModelFileError

LONGEST_FILE = 1_000_000
MOST_SECTIONS = 2_000
MOST_OPTIONS = 200
LONGEST_LIST = 1_000

_SECTION = re.compile(r"\[\s*([A-Za-z0-9_]+)\s*\]")
_INTEGER = re.compile(r"[+-]?\d{1,15}")


@dataclass(frozen=True)
class Option:
    """The text after an equals sign, and its line in the file."""

    text: str
    line: int


@dataclass
class Section:
    """One ``[kind]`` with its options. Darknet takes the first of two options with one name; so does this."""

    kind: str
    line: int
    file: str
    options: dict[str, Option] = field(default_factory=dict)

    def where(self, option: str = "") -> str:
        """``FILE:LINE`` of an option, or of the section itself."""
        line = self.options[option].line if option in self.options else self.line
        return f"{self.file}:{line}"

    def error(self, what: str, *, fix: str, option: str = "", **values: object) -> ModelFileError:
        """A refusal that names this section's (or one option's) line; ``{section}`` and ``{option}`` are filled in."""
        return ModelFileError(
            what, fix=fix, where=self.where(option), **{"section": self.kind, "option": option, **values}
        )

    def text(self, option: str, default: str = "") -> str:
        """An option as it stands."""
        return self.options[option].text if option in self.options else default

    def integer(self, option: str, default: int | None = None, *, least: int, most: int) -> int:
        """A whole number in ``[least, most]``; without a default the option must be there."""
        if option not in self.options and default is not None:
            return default
        text = self._required(option)
        if _INTEGER.fullmatch(text) is None or not least <= int(text) <= most:
            raise self.error(
                N_("the option {option} of [{section}] is '{text}', not a whole number from {least} to {most}"),
                fix=N_("correct this line, or take the cfg that was published with the weights"),
                option=option,
                text=text,
                least=least,
                most=most,
            )
        return int(text)

    def flag(self, option: str) -> bool:
        """Whether a switch is set; it is off when it is not there."""
        return self.integer(option, 0, least=0, most=1) == 1

    def number(self, option: str, default: float, *, least: float, most: float) -> float:
        """A finite number in ``[least, most]``."""
        if option not in self.options:
            return default
        return self._checked_number(option, self.text(option), least, most)

    def numbers(self, option: str, *, least: float, most: float) -> tuple[float, ...]:
        """A list of finite numbers, separated by commas."""
        return tuple(self._checked_number(option, text, least, most) for text in self._items(option))

    def integers(self, option: str, *, least: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers, separated by commas."""
        result = []
        for text in self._items(option):
            if _INTEGER.fullmatch(text) is None or not least <= int(text) <= most:
                raise self.error(
                    N_("the option {option} of [{section}] holds '{text}', not a whole number from {least} to {most}"),
                    fix=N_("correct this line, or take the cfg that was published with the weights"),
                    option=option,
                    text=text,
                    least=least,
                    most=most,
                )
            result.append(int(text))
        return tuple(result)

    def choice(self, option: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        text = self.text(option, default)
        if text not in choices:
            raise self.error(
                N_("the option {option} of [{section}] is '{text}', which is not known here"),
                fix=N_("known are: {choices}"),
                option=option,
                text=text,
                choices=", ".join(choices),
            )
        return text

    def refuse(self, *options: str) -> None:
        """Stop at a switch that would change the result and that is not built here; 0 is as good as absent."""
        for option in options:
            if self.text(option, "0") not in {"0", "", "none"}:
                raise self.error(
                    N_("[{section}] uses {option}={text}, which YoloDash cannot compute"),
                    fix=N_("use a network without it"),
                    option=option,
                    text=self.text(option),
                )

    def _required(self, option: str) -> str:
        if option not in self.options:
            raise self.error(
                N_("[{section}] has no option {missing}"),
                fix=N_("add it, or take the cfg that was published with the weights"),
                missing=option,
            )
        return self.options[option].text

    def _items(self, option: str) -> list[str]:
        items = self._required(option).split(",", LONGEST_LIST)
        if len(items) > LONGEST_LIST:
            raise self.error(
                N_("the option {option} of [{section}] lists more than {most} values"),
                fix=N_("take the cfg that was published with the weights"),
                option=option,
                most=LONGEST_LIST,
            )
        return items[:-1] if items[-1] == "" else items

    def _checked_number(self, option: str, text: str, least: float, most: float) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and least <= value <= most):
            raise self.error(
                N_("the option {option} of [{section}] holds '{text}', not a number from {least} to {most}"),
                fix=N_("correct this line, or take the cfg that was published with the weights"),
                option=option,
                text=text,
                least=least,
                most=most,
            )
        return value


def read_cfg(path: Path) -> list[Section]:
    """The sections of a ``.cfg``, ``[net]`` first.

    Raises:
        ModelFileError: for what is no text, no Darknet cfg, or longer than any cfg that people have.
    """
    return parse_cfg(_read_text(path), path.name)


def parse_cfg(text: str, file: str = "cfg") -> list[Section]:
    """As ``read_cfg``, for a text; ``file`` is the name that refusals give."""
    sections: list[Section] = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = re.sub(r"\s", "", re.split("[#;]", raw, maxsplit=1)[0])
        if line.startswith("["):
            sections.append(_section(line, number, file))
        elif line:
            _add_option(sections, line, number, file)
        if len(sections) > MOST_SECTIONS:
            raise ModelFileError(
                N_("the cfg has more than {most} sections; the deepest detectors have a few hundred"),
                fix=N_("take the cfg that was published with the weights"),
                where=f"{file}:{number}",
                most=MOST_SECTIONS,
            )
    if not sections or sections[0].kind != "net":
        raise ModelFileError(
            N_("the file is no Darknet cfg: it does not begin with a section [net]"),
            fix=N_("choose the .cfg file that was published with the weights"),
            where=file,
        )
    return sections


def _read_text(path: Path) -> str:
    try:
        if not path.is_file():
            raise FileNotFoundError(path)
        with path.open("rb") as stream:
            data = stream.read(LONGEST_FILE + 1)
    except OSError as error:
        raise ModelFileError(
            N_("the cfg file cannot be read"), fix=N_("check the path and its permissions"), where=path
        ) from error
    if len(data) > LONGEST_FILE:
        raise ModelFileError(
            N_("the cfg file is longer than {most} bytes; the longest published ones have 20,000"),
            fix=N_("choose the .cfg file that was published with the weights"),
            where=path.name,
            most=f"{LONGEST_FILE:,}",
        )
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = data.decode(encoding, errors="replace")
    if "\0" in text:
        raise ModelFileError(
            N_("the cfg file is no text"),
            fix=N_("choose the .cfg file that was published with the weights; perhaps cfg and weights are swapped"),
            where=path.name,
        )
    return text


_ALIASES = {
    "network": "net",
    "conv": "convolutional",
    "conn": "connected",
    "max": "maxpool",
    "avg": "avgpool",
    "soft": "softmax",
}
"""Short names that Darknet takes too."""


def _section(line: str, number: int, file: str) -> Section:
    match = _SECTION.fullmatch(line)
    if match is None:
        raise ModelFileError(
            N_("'{line}' is no section: one looks like [convolutional]"),
            fix=N_("correct this line"),
            where=f"{file}:{number}",
            line=line,
        )
    return Section(_ALIASES.get(match[1], match[1]), number, file)


def _add_option(sections: list[Section], line: str, number: int, file: str) -> None:
    name, equals, value = line.partition("=")
    if not equals or not name or not sections:
        raise ModelFileError(
            N_("'{line}' is neither a section such as [net] nor an option such as stride=2 inside one"),
            fix=N_("choose the .cfg file that was published with the weights, or correct this line"),
            where=f"{file}:{number}",
            line=line,
        )
    options = sections[-1].options
    if len(options) >= MOST_OPTIONS:
        raise sections[-1].error(
            N_("[{section}] has more than {most} options"), fix=N_("remove what is not needed"), most=MOST_OPTIONS
        )
    options.setdefault(name, Option(value, number))
