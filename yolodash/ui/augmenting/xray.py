"""One transform taken apart: its formula with the numbers of one draw, a box before and after, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from yolodash.data.augment.affine import Matrix
from yolodash.data.augment.boxes import Boxes
from yolodash.data.augment.chance import Drawn
from yolodash.data.augment.cutting import CutPolicy, settled, stays, visible
from yolodash.data.augment.recipe import Recipe
from yolodash.data.augment.steps import Step
from yolodash.data.augment.transforms import BY_NAME, TRANSFORMS, alone
from yolodash.data.augment.varied import draw_for, follow, shares, steps_of
from yolodash.data.images import encode_jpeg
from yolodash.ui.augmenting import fields, preview
from yolodash.ui.augmenting.fields import key
from yolodash.ui.augmenting.subject import Subject
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.tables import table

MOST_MEASURED, COPIES_MEASURED = 50, 3
MOST_ROWS = 4
_NOTHING = 1e-12


def show(subject: Subject, index: int, recipe: Recipe, seed: int, policy: CutPolicy) -> None:
    """Choose a transform and a draw; see what it does there, alone."""
    st.subheader(_("X-ray: one transform alone"), anchor=False)
    acting = fields.chosen()
    order = [*acting, *(one.name for one in TRANSFORMS if one.name not in acting)]
    left, right = st.columns([2, 3], gap="medium")
    if st.session_state.get(key("xray")) is None:
        st.session_state[key("xray")] = next((one for one in acting if BY_NAME[one].loses), order[0])
    name = left.selectbox(
        _("Transform"), order, format_func=lambda one: _(BY_NAME[one].title), key=key("xray"), persist_state="session"
    )
    copy = right.segmented_control(
        _("Draw"), range(1, preview.DRAWS + 1), default=1, required=True, key=key("draw"), persist_state="session"
    )
    only = alone(recipe, name)
    size = subject.kept.source(index).size
    drawn = draw_for(only, seed=seed, index=index, copy=copy, pictures=len(subject.training), size=size)
    with left:
        _formula(name, drawn, steps_of(drawn, size))
        _cost(subject, only, seed, policy, name)
    with right:
        _pictures(subject, index, only, seed, policy, copy)
    _boxes(subject, index, drawn, policy)


def _formula(name: str, drawn: Drawn, steps: Sequence[Step]) -> None:
    """In letters, then with the numbers of this draw."""
    st.latex(BY_NAME[name].formula)
    moved = [step for step in steps if step.matrix is not None and not np.array_equal(step.matrix, np.eye(3))]
    if name == "mosaic" and drawn.mosaic is not None:
        text = _(
            "The four meet at ({x}, {y}) of a canvas of {side} × {side}. Its middle is shown, a quarter of it: of the "
            "boxes of four pictures about those of one are left."
        )
        st.caption(text.format(x=drawn.mosaic.x, y=drawn.mosaic.y, side=2 * drawn.mosaic.side))
    elif moved and moved[-1].matrix is not None:
        st.caption(_("Here, from pixels of the original to those of the result:"))
        st.latex(matrix_latex(moved[-1].matrix))
    else:
        st.latex(numbers_latex(name, drawn))


def matrix_latex(matrix: Matrix) -> str:
    """A matrix with four digits that count."""
    rows = r"\\".join("&".join(f"{value:.4g}" if abs(value) > _NOTHING else "0" for value in row) for row in matrix)
    return r"\begin{pmatrix}" + rows + r"\end{pmatrix}"


def numbers_latex(name: str, drawn: Drawn) -> str:
    """The numbers of a transform that moves nothing."""
    extras, coloured = drawn.extras, drawn.colour
    light, stops = extras.light, extras.light.exposure
    holes = ",\\;".join(f"{hole.side:.2f}" for hole in extras.cutout.holes)
    told = {
        "brightness": f"x\\mapsto x{255 * light.brightness:+.1f}",
        "exposure": f"x\\mapsto x\\cdot 2^{{{stops:.2f}/2.2}}={2 ** (stops / 2.2):.3f}\\,x",
        "contrast": f"x\\mapsto {light.contrast:.3f}\\,(x-127.5)+127.5",
        "hue": f"f={coloured.hue:.4f}",
        "saturation": f"f={coloured.saturation:.3f}",
        "value": f"f={coloured.value:.3f}",
        "blur": f"\\sigma={extras.blur.deviation:.2f}\\text{{ px}}",
        "noise": f"\\sigma={extras.noise.deviation:.1f}",
        "jpeg": f"q={extras.jpeg.quality}",
        "cutout": f"\\text{{side}}={holes}",
        "mixup": f"\\lambda={extras.mixup.share:.2f}" if extras.mixup is not None else "",
    }
    return told.get(name, r"x'=x,\;y'=y")


def _pictures(subject: Subject, index: int, only: Recipe, seed: int, policy: CutPolicy, copy: int) -> None:
    """Before and after, with the boxes."""
    st.image(
        pair(subject.key, subject.stamp, index, only, seed, policy, copy, subject),
        width="stretch",
        caption=_("Before, and after this transform alone. Crossed out: lost."),
    )


@st.cache_data(show_spinner=False, max_entries=200)
def pair(
    stored: str, stamp: str, index: int, only: Recipe, seed: int, policy: CutPolicy, copy: int, _subject: Subject
) -> bytes:
    """Both pictures beside each other as JPEG."""
    source = _subject.kept.preview_source(index)
    ids = _subject.kept.class_ids(index)
    image = _subject.kept.preview(index)
    before = preview.with_boxes(image, source.boxes, ids, [True] * len(ids), _subject, beyond=policy.way == "keep")
    after = preview.one_draw(_subject, index, copy, only, seed, policy).image
    return encode_jpeg(preview.grid([preview.fitted(before), preview.fitted(after)]), 90)


def _boxes(subject: Subject, index: int, drawn: Drawn, policy: CutPolicy) -> None:
    """The first boxes in numbers: before, after, how much is seen, and what becomes of them."""
    followed = follow(index, drawn, subject.kept.source)
    own = np.flatnonzero(followed.source == 0)[:MOST_ROWS]
    if not len(own):
        st.caption(_("This picture has no boxes: it shows what is no object."))
        return
    before, seen, kept = subject.kept.source(index).boxes, visible(followed), stays(followed, policy)
    after, ids, names = settled(followed, policy), subject.kept.class_ids(index), subject.names()
    rows = []
    for place in own:
        row = int(followed.row[place])
        verdict = _("stays") if kept[place] else "x " + _("lost")
        name = plain(names.get(ids[row], str(ids[row])))
        rows.append([name, _four(before[row]), _four(after[place]), f"{seen[place]:.0%}", verdict])
    header = [_("class"), _("before: x1, y1, x2, y2"), _("after"), _("seen"), ""]
    st.markdown(table(header, rows, [":---", "---:", "---:", "---:", ":---"]))
    more = len(subject.training[index].image.annotations.class_ids) - len(own)
    if more > 0:
        st.caption(_("and {count} more boxes").format(count=f"{more:,}"))


def _four(box: Boxes) -> str:
    return ", ".join(f"{value:.1f}" for value in box)


def _cost(subject: Subject, only: Recipe, seed: int, policy: CutPolicy, name: str) -> None:
    """The share of boxes that would be lost on this data set, by this transform alone."""
    if not BY_NAME[name].loses:
        st.caption(_("It loses no box: nothing leaves the picture."))
        return
    lost, total = lost_of(subject.key, subject.stamp, only, seed, policy, subject)
    st.markdown(lost_sentence(lost, total, min(MOST_MEASURED, len(subject.training))))


def lost_sentence(lost: int, total: int, pictures: int) -> str:
    """How many boxes are lost, and of what that was measured."""
    if not total:
        return _("There are no boxes in this data set to be lost.")
    said = _("Boxes lost on this data set: **{share}** ({lost} of {total}, {pictures} pictures, three draws each).")
    return said.format(share=f"{lost / total:.1%}", lost=f"{lost:,}", total=f"{total:,}", pictures=pictures)


@st.cache_data(show_spinner=False, max_entries=200)
def lost_of(
    stored: str, stamp: str, recipe: Recipe, seed: int, policy: CutPolicy, _subject: Subject
) -> tuple[int, int]:
    """Lost boxes, and boxes in all, of pictures spread over the data set."""
    count = len(_subject.training)
    indices = np.unique(np.linspace(0, count - 1, min(count, MOST_MEASURED)).round().astype(int)).tolist()
    found = [
        shares(
            indices, recipe, _subject.kept.source, policy,
            seed=seed, copy=copy, pictures=count,
        )
        for copy in range(1, COPIES_MEASURED + 1)
    ]  # fmt: skip
    return sum(one for one, _of in found), sum(of for _lost, of in found)
