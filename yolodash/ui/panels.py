"""The glass box: why a box is there, or why none is, from the network's own numbers on."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import streamlit as st

from yolodash.inference.explanation import Account, Condition, Explanation, Missed, account, explain, why_not
from yolodash.structures import Candidates, Fate, ImageSize, Selection, Thresholds
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.overlay import Pick

TOP = 5
"""Classes shown before the reader asks for the rest."""


def glass_box(candidates: Candidates, selection: Selection, thresholds: Thresholds, pick: Pick | None) -> None:
    """What belongs beside the picture: the explanation of what was clicked, or what to click."""
    if pick is None:
        st.subheader(_("Glass box"), anchor=False)
        st.write(_("Click a box to see why it is there. Click beside the boxes to see why there is none."))
    elif pick.index >= 0:
        class_id = pick.class_id if pick.class_id >= 0 else None
        explained = explain(candidates, pick.index, thresholds, selection=selection, class_id=class_id)
        detection(candidates, explained)
    else:
        missed(candidates, thresholds, selection, pick)


def detection(candidates: Candidates, explained: Explanation) -> None:
    """One candidate, in reading order: where it comes from, its raw numbers, its box, its score, its fate."""
    name = class_name(candidates, explained.class_id)
    st.subheader(f"{plain(name)} · {explained.score:.3f}", anchor=False)
    st.markdown(origin(candidates, explained))
    st.markdown("**" + _("1 · What the network said") + "**")
    raw_numbers(candidates, explained)
    st.markdown("**" + _("2 · From its numbers to the box and the score") + "**")
    working(explained)
    st.markdown("**" + _("3 · What became of it") + "**")
    st.markdown(fate_sentence(candidates, explained))
    suppressed(candidates, explained)


def origin(candidates: Candidates, explained: Explanation) -> str:
    """Scale, cell and anchor in a sentence."""
    rows, columns = grid(candidates, explained.scale)
    where = _(
        "Scale {scale} of {scales} (stride {stride}): row {row}, column {column} of the {rows}×{columns} cells"
    ).format(
        scale=explained.scale + 1,
        scales=len(candidates.heads),
        stride=explained.stride,
        row=explained.row,
        column=explained.column,
        rows=rows,
        columns=columns,
    )
    if explained.anchor_box is None:
        return where + _(", box {number} of this cell (all counted from 0).").format(number=explained.anchor)
    width, height = explained.anchor_size
    return where + _(", anchor {number}: {width:g}×{height:g} pixels (all counted from 0).").format(
        number=explained.anchor, width=width, height=height
    )


def raw_numbers(candidates: Candidates, explained: Explanation) -> None:
    """t_x … t_o in a row, then the classes, the most probable first."""
    symbols = ("$t_x$", "$t_y$", "$t_w$", "$t_h$", "$t_o$")
    header = "| " + " | ".join(symbols) + " |\n|" + "---:|" * len(symbols) + "\n"
    st.markdown(header + "| " + " | ".join(f"{value:.3f}" for value in explained.raw[:5]) + " |")
    table = class_table(candidates, explained)
    st.dataframe(table.head(TOP), hide_index=True, width="stretch")
    if len(table) > TOP:
        label = ngettext("The other {count} class", "The other {count} classes", len(table) - TOP)
        with st.expander(label.format(count=len(table) - TOP)):
            st.dataframe(table.iloc[TOP:], hide_index=True, width="stretch", height=240)


def class_table(candidates: Candidates, explained: Explanation) -> pd.DataFrame:
    """Every class with its raw number and its probability, the most probable first."""
    probabilities = candidates.class_probabilities[explained.index]
    table = pd.DataFrame(
        {
            _("Class"): list(candidates.names),
            _("Raw number"): [round(value, 3) for value in explained.raw[5:]],
            _("Probability"): [round(float(value), 4) for value in probabilities],
        }
    )
    return table.sort_values(_("Probability"), ascending=False, kind="stable")


def working(explained: Explanation) -> None:
    """Each step: the formula, the formula with its numbers, the result."""
    lines = []
    for step in explained.steps:
        indent = " " * len(step.symbol)
        lines.append(f"{step.symbol} = {step.formula}\n{indent} = {step.filled}\n{indent} = {step.value:.6g}")
    st.code("\n".join(lines), language=None, wrap_lines=True)


def fate_sentence(candidates: Candidates, explained: Explanation) -> str:
    """What became of a candidate, and what would have let it through."""
    if explained.fate is Fate.KEPT:
        return _("It is kept: number {rank} by score among the boxes that survive.").format(rank=explained.rank)
    suppressor = explained.suppressor
    by = None if suppressor is None else (suppressor.index, suppressor.iou)
    return ended(candidates, explained.fate, explained.condition, by)


def suppressed(candidates: Candidates, explained: Explanation) -> None:
    """The boxes that a detection suppressed, with their overlap."""
    if not explained.suppressed:
        if explained.fate is Fate.KEPT:
            st.caption(_("It suppressed no other box."))
        return
    count = len(explained.suppressed)
    st.caption(
        ngettext(
            "It suppressed {count} box of lower score, dashed in the picture:",
            "It suppressed {count} boxes of lower score, dashed in the picture:",
            count,
        ).format(count=count)
    )
    indices = [overlap.index for overlap in explained.suppressed]
    table = pd.DataFrame(
        {
            _("Candidate"): indices,
            _("Score"): [round(pair_score(candidates, index, explained.class_id), 4) for index in indices],
            _("IoU with this box"): [round(overlap.iou, 3) for overlap in explained.suppressed],
        }
    )
    st.dataframe(table, hide_index=True, width="stretch", height=min(35 * (count + 1) + 3, 213))


def missed(candidates: Candidates, thresholds: Thresholds, selection: Selection, pick: Pick) -> None:
    """Nothing was found at a point: the best pair of each class there, and the gate that ended it."""
    st.subheader(_("Why is there nothing here?"), anchor=False)
    found = why_not(candidates, thresholds, pick.x, pick.y)
    if not found:
        st.write(_("No candidate's box or cell holds this point."))
        return
    st.caption(_("For each class, the candidate that came closest at this point, and the gate that ended it."))
    for best in found[:TOP]:
        by = None if best.suppressor is None else (best.suppressor.index, best.suppressor.iou)
        name = plain(class_name(candidates, best.class_id))
        st.markdown(f"**{name}** · {best.score:.4f}  \n" + ended(candidates, best.fate, best.condition, by))
    if len(found) > TOP:
        others_missed(candidates, found[TOP:])
    with st.expander(_("The numbers of the first of them")):
        first = found[0]
        detection(
            candidates, explain(candidates, first.index, thresholds, selection=selection, class_id=first.class_id)
        )


def others_missed(candidates: Candidates, found: list[Missed]) -> None:
    """The classes after the first few, as a table."""
    label = ngettext("The other {count} class", "The other {count} classes", len(found))
    gates = fate_names()
    with st.expander(label.format(count=len(found))):
        table = pd.DataFrame(
            {
                _("Class"): [class_name(candidates, best.class_id) for best in found],
                _("Score"): [float(f"{best.score:.3g}") for best in found],
                _("Ended by"): [gates[best.fate] for best in found],
            }
        )
        st.dataframe(table, hide_index=True, width="stretch", height=240)


def ended(candidates: Candidates, fate: Fate, condition: Condition | None, suppressor: tuple[int, float] | None) -> str:
    """The gate that ended a pair, and the number that would let it through."""
    value = 0.0 if condition is None else condition.value
    match fate:
        case Fate.BELOW_OBJECTNESS:
            return _("Objectness too low. It would pass with a score threshold below {value}.").format(
                value=down(value)
            )
        case Fate.BELOW_SCORE:
            return _("Score too low. It would pass with a score threshold below {value}.").format(value=down(value))
        case Fate.CLASS_NOT_CHOSEN:
            return _("This class is not among the chosen ones. It would pass if you chose it.")
        case Fate.SUPPRESSED:
            return _suppression(suppressor, condition)
        case Fate.OVER_MAXIMUM:
            return _("Over the maximum. It would pass with a maximum of {value} or more.").format(value=round(value))
        case Fate.KEPT:
            return _("It is kept.")


def _suppression(suppressor: tuple[int, float] | None, condition: Condition | None) -> str:
    index, iou = suppressor or (-1, 0.0)
    value = iou if condition is None else condition.value
    return _(
        "Suppressed by candidate {index}, which scores higher and overlaps it with IoU {iou}. "
        "It would pass with an NMS IoU threshold of {value} or more."
    ).format(index=index, iou=f"{iou:.3f}", value=up(value))


def account_line(candidates: Candidates, selection: Selection) -> None:
    """Where the number of candidates comes from."""
    counted: Account = account(candidates, selection)
    st.caption(
        _("Candidates at {width}×{height}: {formula} = {total}").format(
            width=candidates.network_size.width,
            height=candidates.network_size.height,
            formula=plain(counted.formula),
            total=f"{counted.total:,}",
        )
    )


def fate_names() -> dict[Fate, str]:
    """The fates, in words."""
    return {
        Fate.KEPT: _("kept"),
        Fate.BELOW_OBJECTNESS: _("objectness too low"),
        Fate.BELOW_SCORE: _("score too low"),
        Fate.CLASS_NOT_CHOSEN: _("class not chosen"),
        Fate.SUPPRESSED: _("suppressed"),
        Fate.OVER_MAXIMUM: _("over the maximum"),
    }


def class_name(candidates: Candidates, class_id: int) -> str:
    """A class's name, or its number where the model has no name for it."""
    return candidates.names[class_id] if class_id < len(candidates.names) else f"class {class_id}"


def grid(candidates: Candidates, scale: int) -> tuple[int, int]:
    """Rows and columns of one scale."""
    size: ImageSize = candidates.network_size
    stride = candidates.heads[scale].stride
    return size.height // stride, size.width // stride


def pair_score(candidates: Candidates, index: int, class_id: int) -> float:
    """Objectness × class, as the network's family counts it."""
    probability = float(candidates.class_probabilities[index, class_id])
    tree = candidates.heads[int(candidates.scale[index])].tree
    return probability if tree is not None else float(candidates.objectness[index]) * probability


def down(value: float) -> str:
    """A number that is shown no larger than it is, in four digits: set below it, a threshold is below the value."""
    return _rounded(value, math.floor)


def up(value: float) -> str:
    """A number that is shown no smaller than it is, in four digits."""
    return _rounded(value, math.ceil)


def _rounded(value: float, direction: Callable[[float], int]) -> str:
    if value <= 0:
        return "0"
    digits = max(0, 3 - math.floor(math.log10(value)))
    whole = direction(value * 10**digits)
    return f"{whole / 10**digits:.{digits}f}"
