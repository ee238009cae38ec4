"""Widgets of the Explain page for one row: picking it, why it got its score, what if, and what would change it."""

import json
import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from app import notice, plots, tables, waiting, words
from app.explanation import behind, findings, queries
from app.explanation.draw import asked
from app.explanation.views import ExplainView
from core.errors import CoreError
from core.explain import figures
from core.explain.counterfactuals import Target
from core.explain.explanation import Explanation
from core.explain.row_explanation import Draw, RowExplanation, RowFacts, drawn, furthest_off
from core.explain.what_if import Range
from core.explain.wording import quantity

ROW, WHERE = "row", "where"
ID, SEED, CHANGES, SEARCH = "explain.id", "explain.seed", "explain.changes", "explain.search"
DRAWN = "explain.drawn"
ROW_SECONDS, SEARCH_SECONDS = 8.0, 12.0
STEP_PIXELS, FRAME = 28, 110
MOST_VALUES = 16
OUTCOMES = {"any": None, "positive": 1, "negative": 0, "not known": -1}


def one_row(home: str, view: ExplainView, found: Explanation) -> None:
    """Draw the picker, and what is known of the row that it picked."""
    worst = furthest_off(found, most=behind.MOST) if view.where else ()
    row = _pick(view, found, worst)
    behind.draw(view, worst, key=ID)
    if not row:
        notice.nothing_here("No such row", "No row of the sample is of this kind: widen it.", key="explain.no_row")
        return
    try:
        one = queries.row(home, view, row)
    except CoreError as error:
        notice.cannot_show(error, title="This row cannot be explained")
        return
    if one is None:
        waiting.shown_when_ready(
            home, "explanation", _job(view, row), seconds=ROW_SECONDS, what=f"why {row} got its score"
        )
        return
    _why(view, one)
    _what_if(home, view, one)
    _counterfactuals(home, view, one)


def _job(view: ExplainView, row: str, **more: Any) -> dict[str, Any]:
    return {**view.job, "where": "", "part": "row", "row": row, **more}


def _pick(view: ExplainView, found: Explanation, worst: Sequence[RowFacts]) -> str:
    """Draw the ways to pick a row and return its id, which stands in the URL; empty: there is none.

    Of the rows behind a finding the furthest off is explained until another is picked.
    """
    wanted = asked(ROW, ID)
    if st.session_state.get(ID) != wanted:
        st.session_state[ID] = wanted
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="explain.picker"):
        st.text_input("Row by its id", key=ID, width=180, placeholder="prediction id")
        if view.schema.task == "binary":
            _outcome("Actual", "explain.actual", view.schema.words.positive_actual)
            _outcome("Decision", "explain.decision", view.schema.words.positive_decision)
        low, high = _score_range(found)
        st.button("Draw another", icon=":material/casino:", on_click=_draw_another)
    row = str(st.session_state.get(ID) or "").strip()
    if not row:
        ids = drawn(
            found,
            Draw(actual=_chosen("explain.actual"), decision=_chosen("explain.decision"), low=low, high=high),
            seed=int(st.session_state.get(SEED, 0)),
        )
        row = ids[0] if ids else ""
        row = worst[0].id if worst and st.session_state.get(DRAWN) != view.where else row
    if row:
        st.query_params[ROW] = row
    st.session_state[f"seen.{ID}"] = row
    return row


def _outcome(label: str, key: str, positive: str) -> None:
    named = {"any": "any", "positive": positive, "negative": f"not {positive}", "not known": "not known"}
    st.selectbox(label, list(OUTCOMES), key=key, format_func=lambda one: named[one], width=130, on_change=_clear)


def _chosen(key: str) -> int | None:
    return OUTCOMES.get(str(st.session_state.get(key, "any")))


def _clear() -> None:
    """Forget the row: another is drawn, of the rows of this filter."""
    st.session_state[ID] = ""
    st.session_state[DRAWN] = st.query_params.get(WHERE, "")
    st.query_params.pop(ROW, None)


def _draw_another() -> None:
    _clear()
    st.session_state[SEED] = int(st.session_state.get(SEED, 0)) + 1


def _score_range(found: Explanation) -> tuple[float | None, float | None]:
    scores = [one for one in found.rows["score"].to_pylist() if one is not None and math.isfinite(one)]
    if not scores or min(scores) == max(scores):
        return None, None
    ends = (float(min(scores)), float(max(scores)))
    held = st.session_state.get("explain.range")
    if held is not None and not (ends[0] <= held[0] <= held[1] <= ends[1]):
        del st.session_state["explain.range"]
    low, high = st.slider("Score", *ends, value=ends, key="explain.range", width=220, on_change=_clear)
    return float(low), float(high)


def _why(view: ExplainView, one: RowExplanation) -> None:
    st.subheader(findings.row_title(one, view.schema.words.row), anchor=False)
    st.caption(words.plain(_facts(view, one)))
    left, right = st.columns([2, 3], gap="small")
    with left:
        st.markdown("**Main reasons, from the numbers**")
        st.markdown("\n".join(f"{at}. {words.plain(text)}" for at, text in enumerate(one.reasons, start=1)) or "None.")
        _values(view, one)
    with right:
        plots.draw(
            findings.waterfall_finding(one),
            figures.waterfall_steps(one.steps, unit=one.unit, base=one.base, margin=one.margin),
            key="explain.waterfall",
            table=_steps_table(one),
            height=FRAME + STEP_PIXELS * max(len(one.steps), 5),
        )
        hidden = findings.withheld_words(one)
        error = words.plain(findings.within(one.additivity_error))
        st.caption(f"{findings.LIMITS['row'].format(error=error)}{f' {hidden}' if hidden else ''}")


def _facts(view: ExplainView, one: RowExplanation) -> str:
    called, facts = view.schema.words, one.facts
    told = [f"base {findings.base_words(one)}"]
    if view.schema.task == "binary":
        for value, positive, name in (
            (facts.decision, called.positive_decision, "decided"),
            (facts.actual, called.positive_actual, "came true"),
        ):
            known = "not known yet" if value is None else positive if value == 1 else f"not {positive}"
            told.append(f"{name}: {known}")
    elif facts.actual is not None and view.schema.task == "regression":
        told.append(f"actual {quantity(facts.actual)}")
    day = [] if facts.day is None else [words.unit(date.fromisoformat(facts.day), view.schema.grain)]
    return " · ".join([*day, *told])


def _values(view: ExplainView, one: RowExplanation) -> None:
    moved = {bar.features[0]: bar.phi for bar in one.bars if not bar.withheld}
    names = sorted(view.schema.features, key=lambda name: -abs(moved.get(name, 0.0)))
    st.dataframe(
        {
            "feature": names,
            "value": [
                tables.cell(quantity(one.values[name], view.schema.features[name].unit))
                if name in one.values
                else "withheld"
                for name in names
            ],
            "SHAP": [words.signed(f"{moved[name]:+.3f}") if name in moved else "withheld" for name in names],
            "meaning": [view.schema.features[name].meaning or "" for name in names],
        },
        hide_index=True,
        height="content" if len(names) <= MOST_VALUES else 300,
        key="explain.values",
    )


def _steps_table(one: RowExplanation) -> tables.PlotTable:
    return tables.PlotTable(
        name=f"why-{one.facts.id}",
        columns={
            "step": [figures.step_name(step) for step in one.steps],
            "value": [None if step.value is None else quantity(step.value) for step in one.steps],
            "shap": [float(f"{step.phi:.4g}") for step in one.steps],
            "from": [float(f"{step.start:.4g}") for step in one.steps],
            "to": [float(f"{step.end:.4g}") for step in one.steps],
        },
    )


def _what_if(home: str, view: ExplainView, one: RowExplanation) -> None:
    """Draw the editor of values; the answer comes from the model file, by a job."""
    fold = st.expander("What if a value were another", icon=":material/tune:", key="explain.if", on_change="rerun")
    if not fold.open:
        return
    with fold:
        if not one.can_change:
            st.markdown("◌ Logged SHAP values say nothing of other values: this needs the model file.")
            return
        names = [name for name in view.schema.features if name in one.ranges]
        chosen = st.multiselect("Change", names, key="explain.changed", max_selections=6)
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            wanted = {name: _editor(name, one, view, one.ranges[name]) for name in chosen}
        held = {name: value for name, value in wanted.items() if value != one.values.get(name)}
        if st.button("Score it", type="primary", disabled=not held, key="explain.score"):
            st.session_state[CHANGES] = json.dumps([one.facts.id, held], sort_keys=True)
        st.caption(findings.LIMITS["what-if"])
        _answered(home, view, one)


def _editor(name: str, one: RowExplanation, view: ExplainView, limits: Range) -> float | str | None:
    held, key = one.values.get(name), f"explain.value.{one.facts.id}.{name}"
    if not limits.numeric:
        levels = list(limits.levels)
        place = levels.index(held) if held in levels else 0
        return str(st.selectbox(name, levels, index=place, key=key, width=200))
    unit = view.schema.features[name].unit
    low, high = limits.low, limits.high
    start = float(held) if isinstance(held, float) else (low or 0.0)
    start = max(low, start) if low is not None else start
    start = min(high, start) if high is not None else start
    ends = f"{quantity(low) if low is not None else 'any'} to {quantity(high) if high is not None else 'any'}"
    label = f"{name}, {unit}" if unit else name
    value = st.number_input(label, low, high, start, key=key, width=200, help=f"The contract allows {ends}.")
    return float(value)


def _answered(home: str, view: ExplainView, one: RowExplanation) -> None:
    stored = json.loads(st.session_state.get(CHANGES) or "null")
    if stored is None or stored[0] != one.facts.id:
        return
    try:
        changed = queries.row(home, view, one.facts.id, stored[1])
    except CoreError as error:
        notice.cannot_show(error, title="This cannot be scored")
        return
    if changed is None:
        job = _job(view, one.facts.id, changes=stored[1])
        waiting.shown_when_ready(home, "explanation", job, seconds=ROW_SECONDS, what="the score with other values")
        return
    st.markdown(f"**{findings.change_words(one, changed)}**")
    plots.draw(
        findings.waterfall_finding(changed),
        figures.waterfall_steps(changed.steps, unit=changed.unit, base=changed.base, margin=changed.margin),
        key="explain.changed.waterfall",
        table=_steps_table(changed),
        height=FRAME + STEP_PIXELS * max(len(changed.steps), 5),
    )


def _counterfactuals(home: str, view: ExplainView, one: RowExplanation) -> None:
    """Draw the nearest rows that would be decided otherwise; the search runs as a job, when asked for."""
    title = "The nearest rows that would be decided otherwise"
    fold = st.expander(title, icon=":material/alt_route:", key="explain.near", on_change="rerun")
    if not fold.open:
        return
    with fold:
        if not one.can_change:
            st.markdown("◌ Logged SHAP values say nothing of other rows: this needs the model file.")
            return
        target = _target(view, one)
        try:
            found = queries.counterfactuals(home, view, one.facts.id, target)
        except CoreError as error:
            notice.cannot_show(error, title="The search cannot be made")
            return
        if found is None:
            named = None if target is None else [target.level, target.above]
            job = _job(view, one.facts.id) | {"part": "counterfactuals", "target": named}
            waiting.shown_when_ready(home, "explanation", job, seconds=SEARCH_SECONDS, what="the nearest other rows")
            return
        if found.reason:
            st.markdown(f"◌ {words.plain(found.reason)}.")
        else:
            st.dataframe(findings.counterfactual_rows(found, one), hide_index=True, key="explain.near.rows")
        fixed = words.enumerate_names(list(found.changeable), 6) or "none"
        st.caption(
            f"{findings.LIMITS['counterfactuals']} Method: greedy search over quantiles and levels of the reference, "
            f"then coordinate refinement; distance: Gower, scaled by the 5 % to 95 % range. "
            f"{found.tried:,} rows tried; could change: {words.plain(fixed)}."
        )


def _target(view: ExplainView, one: RowExplanation) -> Target | None:
    """Return the prediction that is wanted of a regression; other tasks cross their threshold."""
    if view.schema.task != "regression":
        return None
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        above = st.selectbox("Prediction", ["at least", "below"], key="explain.side", width=120) == "at least"
        start = one.prediction * (1.1 if above else 0.9)
        level = st.number_input("this much", value=float(f"{start:.3g}"), key=f"explain.level.{one.facts.id}.{above}")
    return Target(level=float(level), above=above)
