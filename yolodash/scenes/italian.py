"""Questions in Italian, from their programs: nouns have a gender, and articles and adjectives follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yolodash.scenes.asked import Things, asked
from yolodash.scenes.programs import Step

_MASCULINE, _FEMININE = 0, 1
_NOUNS = {  # one, many, gender
    "cube": ("cubo", "cubi", _MASCULINE),
    "sphere": ("sfera", "sfere", _FEMININE),
    "cylinder": ("cilindro", "cilindri", _MASCULINE),
    "": ("cosa", "cose", _FEMININE),
}
_ADJECTIVES = {  # masculine and feminine, then the same of many
    "small": ("piccolo", "piccola", "piccoli", "piccole"),
    "large": ("grande", "grande", "grandi", "grandi"),
    "gray": ("grigio", "grigia", "grigi", "grigie"),
    "red": ("rosso", "rossa", "rossi", "rosse"),
    "blue": ("blu",) * 4,
    "green": ("verde", "verde", "verdi", "verdi"),
    "brown": ("marrone", "marrone", "marroni", "marroni"),
    "purple": ("viola",) * 4,
    "cyan": ("ciano",) * 4,
    "yellow": ("giallo", "gialla", "gialli", "gialle"),
}
_OF = {"rubber": "di gomma", "metal": "di metallo"}
_THE, _A, _HOW_MANY = ("il", "la"), ("un", "una"), ("quanti", "quante")
_PLACE = {  # before a masculine and a feminine noun, with its article
    "left": ("a sinistra del", "a sinistra della"),
    "right": ("a destra del", "a destra della"),
    "behind": ("dietro il", "dietro la"),
    "front": ("davanti al", "davanti alla"),
}
_WHAT = {
    "size": ("che dimensione ha", _FEMININE, "dimensione"),
    "colour": ("di che colore è", _MASCULINE, "colore"),
    "material": ("di che materiale è", _MASCULINE, "materiale"),
    "shape": ("che forma ha", _FEMININE, "forma"),
}
_THE_SAME = ("lo stesso", "la stessa")


def question(program: Sequence[Step]) -> str:
    """The question that a program answers.

    Raises:
        ValueError: it is of no form that a question has.
    """
    said = _question(program)
    return said[0].upper() + said[1:]


def _question(program: Sequence[Step]) -> str:
    about = asked(program)
    things = about.things
    match about.form:
        case "query" if things[0].other is None:
            return f"{_WHAT[about.attribute][0]} {_with(_THE, things[0])}?"
        case "query":
            return f"c'è {_with(_A, things[0])}; {_WHAT[about.attribute][0]}?"
        case "count":
            return f"{_HOW_MANY[_gender(things[0])]} {_many(things[0])} ci sono?"
        case "exist":
            return f"c'è {_A[_gender(things[0])]} {phrase(things[0].words)}{_beside(things[0])}?"
        case "greater":
            return f"ci sono più {_many(things[0])} che {_many(things[1])}?"
        case "same":
            _asks, gender, name = _WHAT[about.attribute]
            return f"{_with(_THE, things[0])} e {_with(_THE, things[1])} hanno {_THE_SAME[gender]} {name}?"


def phrase(words: Mapping[str, str], *, many: bool = False) -> str:
    """A description without its article: ``cubo piccolo rosso di metallo``."""
    one, several, gender = _NOUNS[words.get("shape", "")]
    said = [several if many else one]
    said += [_ADJECTIVES[words[key]][gender + 2 * many] for key in ("size", "colour") if key in words]
    return " ".join([*said, *(_OF[words[key]] for key in ("material",) if key in words)])


def size(word: str) -> str:
    """A size as an answer: it agrees with ``dimensione``."""
    return _ADJECTIVES[word][_FEMININE]


def _with(article: tuple[str, str], thing: Things) -> str:
    """``il cubo rosso che è a sinistra della sfera``."""
    beside = f" che è{_beside(thing)}" if thing.other else ""
    return f"{article[_gender(thing)]} {phrase(thing.words)}{beside}"


def _many(things: Things) -> str:
    return phrase(things.words, many=True) + _beside(things)


def _beside(thing: Things) -> str:
    """How it stands to another, with a space before; empty where nothing is said of that."""
    if thing.other is None:
        return ""
    further = f" che è{_beside(thing.other)}" if thing.other.other else ""
    return f" {_PLACE[thing.relation][_gender(thing.other)]} {phrase(thing.other.words)}{further}"


def _gender(thing: Things) -> int:
    return _NOUNS[thing.words.get("shape", "")][2]
