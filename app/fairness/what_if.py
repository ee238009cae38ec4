"""What a smaller gap would cost, and the choice of the group that the others are compared with."""

import json

import streamlit as st

from app import chosen, notice, plots, words
from app.fairness import attach, findings, queries
from app.fairness.draw import GAPS
from app.fairness.views import FairnessView, WhatIf
from app.tables import Cell, PlotTable
from core.errors import CoreError
from core.fairness import figures
from core.fairness.choice import LONGEST_REASON
from core.fairness.frontier import LIMITS, UNLAWFUL, Objective
from core.fairness.reweighing import MEANING
from core.fairness.thresholds import Consequence

CONSTRAINT_KEY, OBJECTIVE_KEY = "fairness.constraint", "fairness.objective"
OPEN_KEY = "fairness.choosing"
OBJECTIVES = {Objective.ACCURACY: "price in accuracy", Objective.VALUE: "price in money"}


def what_if(home: str, view: FairnessView) -> None:
    """Draw the frontier of thresholds per group and the path of reweighting; nothing is applied from here."""
    st.warning(f"Thresholds that differ by a protected group {UNLAWFUL}. Nothing is applied from here.", icon="⚖️")
    with st.container(gap="small", key="fairness.what_if"):
        constraint = st.segmented_control(
            "Constraint",
            list(GAPS),
            default=GAPS[0],
            key=CONSTRAINT_KEY,
            required=True,
            format_func=lambda one: findings.capital(findings.NAMES[one]),
            label_visibility="collapsed",
        )
        objective = st.segmented_control(
            "Price",
            list(OBJECTIVES),
            default=Objective.ACCURACY,
            key=OBJECTIVE_KEY,
            required=True,
            format_func=lambda one: OBJECTIVES[one],
            label_visibility="collapsed",
        )
    found = queries.mitigation(
        home, view, constraint=str(constraint or GAPS[0]), objective=objective or Objective.ACCURACY
    )
    if found.frontier is None:
        notice.nothing_here("No frontier", findings.capital(found.why_no_frontier), key="fairness.no_frontier")
    else:
        plots.draw(
            findings.frontier_words(found),
            figures.frontier_curve(found.frontier, found.reweighing, unit=found.currency),
            key="fairness.frontier",
            table=PlotTable(name=f"{view.model}-frontier", columns=_columns(found)),
            height=320,
        )
        _take_away(view, found)
        attach.draw(home, view, found, found.frontier)
    if found.reweighing is None:
        st.caption(f"Reweighting: {words.plain(found.why_no_reweighing)}.")
    else:
        st.caption(f"Reweighting: {MEANING}")
    st.caption("Limits: " + "; ".join(LIMITS) + ".")


def _points(found: WhatIf) -> list[tuple[str, Consequence]]:
    curve = found.frontier
    if curve is None:
        return []
    shown = [("as decided now", curve.present), *(("thresholds by group", point) for point in curve.points)]
    return shown + [("reweighted", point) for point in (found.reweighing.points if found.reweighing else ())]


def _columns(found: WhatIf) -> dict[str, list[Cell]]:
    points = _points(found)
    labels = found.frontier.labels if found.frontier is not None else ()
    columns: dict[str, list[Cell]] = {
        "what": [name for name, _ in points],
        "gap": [point.gap for _, point in points],
        "accuracy": [point.accuracy for _, point in points],
        "accuracy low": [point.accuracy_low for _, point in points],
        "accuracy high": [point.accuracy_high for _, point in points],
        "n": [point.n for _, point in points],
    }
    if any(point.value is not None for _, point in points):
        columns[f"net value {found.currency}"] = [point.value for _, point in points]
    for place, group in enumerate(labels):
        if any(point.thresholds[place] is not None for _, point in points):
            columns[f"threshold {group}"] = [point.thresholds[place] for _, point in points]
    return columns


def _take_away(view: FairnessView, found: WhatIf) -> None:
    """Draw the button that hands the what-if out as a file."""
    document = {
        "kind": "watchroom/fairness-what-if",
        "notice": UNLAWFUL,
        "applied": False,
        "model": view.model,
        "version": view.version,
        "release_blocks": [str(view.answer.window.start), str(view.answer.window.end)],
        "column": view.column,
        "constraint": found.frontier.constraint if found.frontier is not None else "",
        "columns": {name: [_json(value) for value in values] for name, values in _columns(found).items()},
        "limits": list(LIMITS),
        "data_version": view.provenance_id,
    }
    st.download_button(
        "Take this away as a file",
        json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False),
        file_name=f"{view.model}-fairness-what-if.json",
        mime="application/json",
        icon=":material/download:",
        type="tertiary",
        key="fairness.take_away",
        help="All points of the frontier; nothing changes in the model.",
    )


def _json(value: Cell) -> Cell | str:
    """Return a value that JSON has: a threshold of everyone or nobody is a word."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "nobody" if value > 0 else "everyone"
    return value


def reference_group(view: FairnessView) -> None:
    """Draw which group the others are compared with, who chose it and why, and the button to choose."""
    choice = view.choice
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="fairness.choice"):
        if choice is None or choice.group is None:
            st.caption("No reference group is chosen: only differences between groups are shown.")
        else:
            st.caption(
                f"Compared with **{words.plain(choice.group)}**: chosen by {words.plain(choice.chosen_by)} on "
                f"{words.plain(words.moment(choice.chosen_at))}, because {words.plain(choice.reason)}"
            )
        if st.button("Choose the reference group", icon=":material/flag:", type="tertiary", key="fairness.choose"):
            st.session_state[OPEN_KEY] = True
    if st.session_state.get(OPEN_KEY):
        _dialog(view)


def _close() -> None:
    st.session_state.pop(OPEN_KEY, None)


@st.dialog("Choose the reference group", position="right", width="medium", on_dismiss=_close)
def _dialog(view: FairnessView) -> None:
    """Ask for the group and the reason, and store both."""
    st.markdown(
        f"The groups of {words.plain(view.column)} are compared with the one you choose: four fifths, differences and "
        "ratios are told against it. The choice, your name and the reason are kept in the audit trail."
    )
    options = ["none", *(f"g{place}" for place in view.shown())]
    picked = st.selectbox(
        "Reference group",
        options,
        key="fairness.group",
        format_func=lambda one: "no reference group" if one == "none" else view.answer.rates.labels[int(one[1:])],
    )
    reason = st.text_area(
        "Reason", key="fairness.reason", max_chars=LONGEST_REASON, placeholder="e.g. largest group, agreed with counsel"
    )
    if not st.button("Keep the choice", type="primary", icon=":material/flag:", key="fairness.confirm"):
        return
    try:
        group = None if picked in (None, "none") else int(str(picked)[1:])
        queries.choose(chosen.home(), view, group=group, reason=reason)
    except CoreError as error:
        st.error(words.plain(str(error)))
        return
    _close()
    st.rerun()
