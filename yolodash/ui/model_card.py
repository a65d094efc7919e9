"""The card of a bundled model: what it was made of, what was measured, and what it cannot do."""

from __future__ import annotations

import streamlit as st

from yolodash.models import catalogue
from yolodash.models.catalogue import Card, InstalledModel
from yolodash.models.catalogue.bundled import CLASSIFIER, DETECTOR
from yolodash.ui import messages
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain

HELD = "mAP50-95"
ATTRIBUTES = ("shape", "colour", "material", "size")


def label(name: str) -> str:
    """What a list of models calls one."""
    return _("{name} · bundled").format(name=name) if name == DETECTOR else name


def beside(model: InstalledModel) -> None:
    """Below the choice of a bundled model: its badge, and its card to open."""
    if model.origin != "bundled":
        return
    with messages.shown():
        card = catalogue.card_of(model.name)
        with st.popover(_("Model card"), icon=":material/id_card:", width="stretch"):
            show(card)


def badge() -> str:
    """The mark of a model that comes with the program, as Markdown."""
    return ":blue-badge[:material/inventory_2: " + _("bundled") + "]"


def show(card: Card) -> None:
    """The card, top to bottom: what it does, its figures, how it was made, where it ends."""
    st.markdown(f"**{plain(card.name)}** {badge()}  \n{purpose(card)}")
    measured, made = st.columns(2, gap="medium")
    measured.markdown(table(_("On scenes never seen"), figures(card)))
    made.markdown(table(_("How it was made"), making(card)))
    st.caption(limits(card))
    st.code("\n".join((card.data["command"], card.training["command"], card.evaluation["command"])), language="bash")


def headline(card: Card) -> str:
    """The figure that is quoted, with what it was measured on."""
    held = _("on {images} scenes never seen").format(images=f"{card.evaluation['images']:,}")
    if "map" in card.figures:
        return f"**{card.figures['map']:.3f}** {HELD}  \n{held}"
    worst = min(card.figures[question] for question in ATTRIBUTES)
    said = _("right, or more")
    return f"**{worst:.1%}** {said}  \n{held}"


def purpose(card: Card) -> str:
    """What the model does, in a sentence."""
    if card.name == CLASSIFIER:
        return _("Says of one box in a rendered scene which shape, colour, material and size the block has.")
    return _("Finds cubes, spheres and cylinders in rendered scenes. Small, so that it runs at once on any laptop.")


def limits(card: Card) -> str:
    """What not to expect."""
    if card.name == CLASSIFIER:
        return _(
            "It knows rendered blocks only. It is told where the box lies in the picture, too: from the crop alone a "
            "small block nearby looks like a large one far away."
        )
    return _("It knows rendered blocks only, seen from a little above; on photos its boxes mean nothing.")


def figures(card: Card) -> list[tuple[str, str]]:
    """What was measured on scenes that the training never saw."""
    names = {
        "map": HELD,
        "map50": "mAP50",
        "map75": "mAP75",
        "shape": _("Shape"),
        "colour": _("Colour"),
        "material": _("Material"),
        "size": _("Size"),
        "background": _("Background called none of these"),
        "photos": _("Photos called none of these"),
        "milliseconds": _("Milliseconds a picture"),
    }
    found = _("{question}, in detected boxes")
    names |= {f"{key}_in_detections": found.format(question=names[key]) for key in ATTRIBUTES}
    rows = [(names[key], value) for key, value in card.figures.items() if key in names]
    return [(name, f"{value:.1f}" if name == names["milliseconds"] else f"{value:.3f}") for name, value in rows]


def making(card: Card) -> list[tuple[str, str]]:
    """Data, time, machine and licence."""
    data, training, held = card.data, card.training, card.evaluation
    seen = _("{images} rendered scenes, seed {seed}")
    return [
        (_("Trained on"), seen.format(images=f"{data['images']:,}", seed=data["seed"])),
        (_("Measured on"), seen.format(images=f"{held['images']:,}", seed=held["seed"])),
        (
            _("Training"),
            _("{epochs} epochs, {minutes} minutes, seed {seed}").format(
                epochs=training["epochs"], minutes=round(training["seconds"] / 60), seed=training["seed"]
            ),
        ),
        (_("Processor"), plain(str(training["processor"]))),
        (_("Parameters"), f"{card.parameters:,} · " + _("{megabytes} MB").format(megabytes=f"{card.bytes / 1e6:.1f}")),
        (_("Version"), plain(f"{card.code['version']} ({card.code['commit'][:10]}), {card.created}")),
        (_("Licence"), plain(card.licence)),
    ]


def table(title: str, rows: list[tuple[str, str]]) -> str:
    """Two columns of Markdown under a title."""
    return "\n".join([f"| {title} | |", "| :--- | :--- |", *(f"| {name} | {value} |" for name, value in rows)])
