"""Step: a question, the program that answers it, and what each of its steps leaves in play."""

from __future__ import annotations

import streamlit as st

from yolodash.inference import reasoning
from yolodash.inference.reasoning import Finding
from yolodash.scenes import programs
from yolodash.ui import tables
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.reasoning import running, subject, words
from yolodash.ui.learn.reasoning.subject import Subject


def show(about: Subject) -> None:
    """The scene, its question and the program; below what was said of each thing."""
    st.subheader(_("A question is a program; its things come from the networks"), anchor=False)
    text = subject.text_of(about.question)
    if not about.looked:
        running.waiting(about, text)
        return
    kept = reasoning.in_play(about.findings, subject.SCORE)
    running.play("answering", about, text, running.outcome(about, about.question.program, kept))
    table(kept)
    _below()


def table(kept: list[Finding]) -> None:
    """What the detector and the classifier said of each thing."""
    with st.expander(_("What the networks say of each thing"), icon=":material/table_rows:"):
        heads = [_("Thing"), _("Score"), *(words.attribute(name).capitalize() for name in programs.ATTRIBUTES)]
        rows = [[str(one.number), f"{one.score:.2f}", *map(words.value, one.words.values())] for one in kept]
        st.markdown(tables.table(heads, rows, ["---:", "---:", *["---"] * len(programs.ATTRIBUTES)]))
        st.caption(_("The boxes and scores are the detector's, the words the classifier's."))


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "reasoning_answer",
            _("Which part of this looks at pixels?"),
            {
                "networks": _("The detector and the classifier only"),
                "program": _("Every step of the program"),
                "last": _("The last step only"),
            },
            "networks",
            _("The networks turn the picture into a list of things. The program reads that list, never the picture."),
        )
    with said:
        lesson.remark(
            _(
                "“Behind” is an approximation: a thing counts as behind another where its box ends higher in the "
                "picture. Of pairs of blocks in such scenes about 95 in 100 are told rightly so. The lecture speaks of "
                "training one model for all of it; here only seeing is learned, and the program is given."
            )
        )
        lesson.show_code(programs.run, reasoning.find, reasoning.related)
