"""The difference of two groups in sentences: over the seeds, and over the pictures where evaluations were kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

import streamlit as st

from yolodash.errors import YoloDashError
from yolodash.runs.comparison import Difference, difference
from yolodash.runs.folders import find_run
from yolodash.runs.housekeeping import citations
from yolodash.runs.store import list_runs
from yolodash.ui import messages, state
from yolodash.ui.comparing.choice import Asked
from yolodash.ui.comparing.groups import Shown, duration, metric_names
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain


def show(groups: Sequence[Shown], asked: Asked) -> None:
    """Choose two groups; what lies between them, how sure that is, and what it costs."""
    if len(groups) < 2:
        st.markdown(_("One group of runs. Choose another run or sweep in the sidebar to see a difference."))
        one_group(groups, asked)
        return
    first, second = choose_two(groups)
    found = difference(first.runs, second.runs, asked.metric, asked.epoch)
    st.markdown(said(first, second, found, asked))
    st.markdown(time_said(first, second))
    over_pictures(first, second)


def one_group(groups: Sequence[Shown], asked: Asked) -> None:
    """Name of the only group, so that the letter is explained."""
    for group in groups:
        st.markdown(f"**{group.letter}** · {plain(group.name)}")


def choose_two(groups: Sequence[Shown]) -> tuple[Shown, Shown]:
    """From which group to which; at first to the last one, from one that differs in one thing only."""
    by_letter = {group.letter: group for group in groups}
    letters = tuple(by_letter)
    last = groups[-1]
    near = next((group.letter for group in groups if _apart(group, last) == 1), letters[0])
    for key, name, usual in (("compare_from", "from", near), ("compare_to", "to", letters[-1])):
        if st.session_state.get(key) not in by_letter:
            st.session_state[key] = state.from_address(name, state.one_of(letters, str), usual)
    one = st.selectbox(_("From"), letters, format_func=lambda one: by_letter[one].title, key="compare_from")
    other = st.selectbox(_("To"), letters, format_func=lambda one: by_letter[one].title, key="compare_to")
    state.mirror({"from": None if one == near else one, "to": None if other == letters[-1] else other})
    return by_letter[one], by_letter[other]


def _apart(first: Shown, second: Shown) -> int:
    """In how many options two groups differ."""
    return sum(value != second.options.get(name) for name, value in first.options.items())


def said(first: Shown, second: Shown, found: Difference, asked: Asked) -> str:
    """The difference and whether it can be chance."""
    metric = metric_names()[asked.metric]
    if first.letter == second.letter:
        return _("Choose two different groups.")
    if not math.isfinite(found.mean):
        return _("{metric} is not known for all of these runs.").format(metric=metric)
    head = _("**{second} − {first}: {metric} {difference}**").format(
        second=second.letter, first=first.letter, metric=metric, difference=f"{found.mean:+.3f}"
    )
    if found.seeds < 2:
        return (
            head
            + "  \n"
            + _("One seed a side: nothing says how much of this is chance. Train both with two more seeds.")
        )
    if found.pairs:
        spread = _("± {spread} over {count} seeds, the runs of each seed compared with each other").format(
            spread=f"{found.spread:.3f}", count=len(found.pairs)
        )
    else:
        spread = _("{count} runs a side or more, of different seeds").format(count=found.seeds)
    interval = _("95 % interval {low} to {high}").format(low=f"{found.low:+.3f}", high=f"{found.high:+.3f}")
    return f"{head}  \n{spread}; {interval}.  \n{verdict(first, second, found)}"


def verdict(first: Shown, second: Shown, found: Difference) -> str:
    """What the interval means."""
    if found.decided:
        better = second if found.mean > 0 else first
        return _("**{letter}** is better, and not by the chance of the seeds.").format(letter=better.letter)
    one_way = found.pairs and (min(found.pairs.values()) > 0 or max(found.pairs.values()) < 0)
    if one_way:
        return _("Every seed says the same, but there are too few to be sure. Add seeds.")
    return _("The interval holds 0: with other seeds it could be the other way round.")


def time_said(first: Shown, second: Shown) -> str:
    """What the one costs against the other."""
    one, other = first.minutes(), second.minutes()
    if not one or not other or fmean(one) <= 0:
        return ""
    return _(":material/timer: {first} takes {a} a run, {second} takes {b}: {ratio} times as long.").format(
        first=first.letter, a=duration(fmean(one)), second=second.letter, b=duration(fmean(other)),
        ratio=f"{fmean(other) / fmean(one):.2g}",
    )  # fmt: skip


def over_pictures(first: Shown, second: Shown) -> None:
    """Where both have an evaluation that was kept: the difference drawn anew over the pictures."""
    finished = {entry.name for entry in list_runs("evaluate") if entry.state == "finished"}
    pair = [evaluation_of(group, finished) if finished else None for group in (first, second)]
    one, other = pair
    if one is None or other is None or first.letter == second.letter:
        st.caption(
            _("Evaluate a run of each on the page Evaluate, and their difference over the pictures stands here, too.")
        )
        return
    from yolodash.ui.evaluation import comparison, controls, source

    try:
        sets = [controls.opened(f"run:{name}") for name in (one, other)]
        scored = [source.measured(each, each.key, "coco") for each in sets]
        drawn = comparison.difference(scored[0], scored[1], sets[0].key, sets[1].key, "coco")
    except YoloDashError as error:
        messages.show(error)
        return
    st.markdown(
        _("**Over the pictures** (evaluations {first} and {second}): ").format(first=plain(one), second=plain(other))
        + comparison.said(first.letter, second.letter, drawn)
    )


def evaluation_of(group: Shown, finished: set[str]) -> str | None:
    """The name of an evaluation of one of the group's runs."""
    for run in group.runs:
        for citation in citations(find_run(run.name)):
            if citation.how == "evaluated" and citation.run in finished:
                return citation.run
    return None
