"""The glass box: why a box is there, or why none is, from the network's own numbers on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from yolodash.inference.explanation import Account, Condition, Explanation, Missed, Overlap, account, explain, why_not
from yolodash.inference.working import Step
from yolodash.structures import Candidates, Fate, ImageSize, Selection, Thresholds
from yolodash.ui.first_look import what_to_click
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.overlay import Pick
from yolodash.ui.tables import table

TOP = 5
"""Classes shown before the reader asks for the rest."""


def glass_box(candidates: Candidates, selection: Selection, thresholds: Thresholds, pick: Pick | None) -> None:
    """What belongs beside the picture: the explanation of what was clicked, or what to click."""
    if pick is None:
        what_to_click()
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
    st.markdown(fate_sentence(explained))
    suppressed(candidates, explained)


def origin(candidates: Candidates, explained: Explanation) -> str:
    """Scale, cell and anchor in a sentence."""
    rows, columns = grid(candidates, explained.scale)
    cell = _("Stride {stride}: row {row}, column {column} of the {rows}×{columns} cells").format(
        stride=explained.stride, row=explained.row, column=explained.column, rows=rows, columns=columns
    )
    if explained.anchor_box is None:
        box = _("box {number} of this cell").format(number=explained.anchor)
    else:
        width, height = explained.anchor_size
        box = _("anchor {number}, {width:g}×{height:g} pixels").format(
            number=explained.anchor, width=width, height=height
        )
    return f"{cell} · {box}  \n" + _("Rows, columns and anchors are counted from 0.")


def raw_numbers(candidates: Candidates, explained: Explanation) -> None:
    """t_x … t_o in a row, then the classes, the most probable first."""
    st.markdown(table(("$t_x$", "$t_y$", "$t_w$", "$t_h$", "$t_o$"), [[f"{value:.4f}" for value in explained.raw[:5]]]))
    classes = class_table(candidates, explained)
    rows = [[plain(name), f"{raw:.4f}", f"{probability:.4f}"] for name, raw, probability in classes[:TOP]]
    st.markdown(table((_("Class"), "$t_c$", "$p(c)$"), rows))
    others_expander(classes[TOP:], (_("Class"), "t_c", "p(c)"))


def others_expander(rows: Sequence[tuple[object, ...]], header: Sequence[str]) -> None:
    """The rest of a list, folded."""
    if rows:
        label = ngettext("The other {count} class", "The other {count} classes", len(rows))
        with st.expander(label.format(count=len(rows))):
            st.dataframe(pd.DataFrame(rows, columns=list(header)), hide_index=True, width="stretch", height=240)


def class_table(candidates: Candidates, explained: Explanation) -> list[tuple[str, float, float]]:
    """Every class with its raw number and its probability, the most probable first."""
    probabilities = candidates.class_probabilities[explained.index]
    order = np.argsort(-probabilities, kind="stable")
    return [(class_name(candidates, int(i)), explained.raw[5 + i], float(probabilities[i])) for i in order]


def working(explained: Explanation) -> None:
    """Each step: the formula, the formula with its numbers, the result; in the order of the calculation."""
    steps = explained.steps
    corners, objectness = (next(i for i, step in enumerate(steps) if step.symbol == name) for name in ("x1", "p_o"))
    st.caption(_("The box in the network's pixels"))
    show_lines(steps[:corners])
    with st.expander(_("The same box in the picture's pixels")):
        show_lines(steps[corners:objectness])
    st.caption(_("Objectness × class = score"))
    show_lines(steps[objectness:])


def show_lines(steps: Sequence[Step]) -> None:
    """Some steps, one below the other."""
    st.markdown("\n\n".join(line_of(step) for step in steps))


def line_of(step: Step) -> str:
    """A formula, and below it the same with its numbers, as Markdown that wraps."""
    filled = "" if step.filled == step.formula else f"{plain(step.filled)} = "
    return f"**{plain(step.symbol)}** = {plain(step.formula)}  \n= {filled}**{step.value:.6g}**"


def fate_sentence(explained: Explanation) -> str:
    """What became of a candidate, and what would have let it through."""
    if explained.fate is Fate.KEPT:
        return _("It is kept: number {rank} by score among the boxes that survive.").format(rank=explained.rank)
    return ended(explained.fate, explained.condition, explained.suppressor)


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
    rows = [
        (overlap.index, round(pair_score(candidates, overlap.index, explained.class_id), 4), round(overlap.iou, 3))
        for overlap in explained.suppressed
    ]
    header = [_("Candidate"), _("Score"), _("IoU with this box")]
    st.dataframe(
        pd.DataFrame(rows, columns=header), hide_index=True, width="stretch", height=min(35 * (count + 1) + 3, 213)
    )


def missed(candidates: Candidates, thresholds: Thresholds, selection: Selection, pick: Pick) -> None:
    """Nothing was found at a point: the best pair of each class there, and the gate that ended it."""
    st.subheader(_("Why is there nothing here?"), anchor=False)
    found = why_not(candidates, thresholds, pick.x, pick.y)
    if not found:
        st.write(_("No candidate's box or cell holds this point."))
        return
    st.caption(_("For each class, the candidate that came closest at this point, and the gate that ended it."))
    for best in found[:TOP]:
        name = plain(class_name(candidates, best.class_id))
        st.markdown(f"**{name}** · {best.score:.4f}  \n{missed_sentence(best)}")
    gates = fate_names()
    others = [(class_name(candidates, one.class_id), float(f"{one.score:.3g}"), gates[one.fate]) for one in found[TOP:]]
    others_expander(others, (_("Class"), _("Score"), _("Ended by")))
    with st.expander(_("The numbers of the first of them")):
        first = found[0]
        detection(
            candidates, explain(candidates, first.index, thresholds, selection=selection, class_id=first.class_id)
        )


def missed_sentence(best: Missed) -> str:
    """The gate that ended the best pair of a class at a point."""
    if best.fate is Fate.KEPT:
        return _("It is kept, but its box does not hold this point: only its cell does.")
    text = ended(best.fate, best.condition, best.suppressor)
    return text if best.holds_point else text + " " + _("Only its cell holds this point, not its box.")


def ended(fate: Fate, condition: Condition | None, suppressor: Overlap | None) -> str:
    """The gate that ended a pair, and the number that would let it through."""
    if fate is Fate.SUPPRESSED and suppressor is not None:
        reason = _("Suppressed by candidate {index}, which scores higher and overlaps it with IoU {iou}.").format(
            index=suppressor.index, iou=f"{suppressor.iou:.3f}"
        )
    else:
        name = fate_names()[fate]
        reason = f"{name[:1].upper()}{name[1:]}."
    return f"{reason} {way_through(condition)}"


def way_through(condition: Condition | None) -> str:
    """What would have to change for a pair to pass the gate that ended it."""
    if condition is None:
        return _("No threshold lets it through.")
    match condition.option:
        case "score_threshold":
            return _("It would pass with a score threshold below {value}.").format(value=down(condition.value))
        case "classes":
            return _("It would pass if its class were chosen.")
        case "nms_iou_threshold":
            return _("It would pass with an NMS IoU threshold of {value} or more.").format(value=up(condition.value))
        case "max_detections":
            return _("It would pass with a maximum of {value} or more.").format(value=round(condition.value))


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
