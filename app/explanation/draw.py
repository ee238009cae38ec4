"""Widgets of the Explain page for all rows together: importance, dots, dependence, and importance over time."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app import explained, navigation, notice, plots, tables, waiting, words
from app.explanation import findings
from app.explanation.views import ExplainView
from app.views import Selection
from core.errors import CoreError
from core.explain import figures
from core.explain.attribution_drift import AttributionDrift
from core.explain.explanation import ARTEFACT, Explanation
from core.explain.global_importance import shares
from core.explain.wording import PREDICTION, number
from core.importance.service import NO_SUMS
from core.states import State

PARTS = {"all": "All rows", "row": "One row", "time": "Since training"}
PART, FEATURE, CLASS = "part", "feature", "class"
MOST_BARS, MOST_LINES, MOST_SHIFTS = 15, 10, 12
LINE_PIXELS, SWARM_PIXELS, FRAME = 24, 40, 90
TALL = 380
UNITS_SECONDS = 90.0
QUANTILES = (5, 25, 50, 75, 95)


def asked(name: str, key: str) -> str:
    """Return what was chosen on the page, else what the URL asks for; empty: nothing yet."""
    query = st.query_params.get(name, "")
    if query and query != st.session_state.get(f"seen.{key}"):
        return query
    return str(st.session_state.get(key) or query)


def refused(error: CoreError, selection: Selection, *, bad_filter: bool) -> None:
    """Say why nothing is explained; where only the filter of the URL is at fault, show the way without it."""
    what = "The filter of this link cannot be used" if bad_filter else "Scores of this version cannot be explained"
    st.title(what, anchor=False)
    notice.cannot_show(error, title=selection.model)
    if bad_filter:
        st.page_link(
            navigation.path("explain"),
            label="All rows → Explain",
            icon=":material/psychology:",
            query_params=selection.query(),
        )


def choose_part(view: ExplainView) -> str:
    """Draw the switch of the page's parts, which stands in the URL; only the chosen one is worked out."""
    options = list(PARTS)
    wanted = asked(PART, "explain.part")
    if "row" in st.query_params and not wanted:
        wanted = "row"
    st.session_state["explain.part"] = wanted if wanted in options else options[0]
    with st.container(horizontal=True, vertical_alignment="center", key="explain.parts"):
        chosen = st.segmented_control(
            "Part",
            options,
            key="explain.part",
            required=True,
            format_func=lambda name: PARTS[name],
            label_visibility="collapsed",
        )
        if view.of_class:
            _choose_class(view)
    part = str(chosen or options[0])
    st.query_params[PART] = part
    st.session_state["seen.explain.part"] = part
    return part


def _choose_class(view: ExplainView) -> None:
    if st.session_state.get("explain.class") not in view.schema.classes:
        st.session_state["explain.class"] = view.of_class
    chosen = st.selectbox("Class", view.schema.classes, key="explain.class", label_visibility="collapsed", width=180)
    st.query_params[CLASS] = chosen
    st.session_state["seen.explain.class"] = chosen


def all_rows(view: ExplainView, found: Explanation) -> None:
    """Draw importance, dots and one feature's dependence of a sample."""
    _importance(view, found)
    if not any(one.value for one in found.importance):
        return
    left, right = st.columns(2, gap="small")
    with left:
        _beeswarm(view, found)
    with right:
        _dependence(view, found)


def _importance(view: ExplainView, found: Explanation) -> None:
    points = found.importance[:MOST_BARS]
    st.caption(words.plain(findings.capital(findings.sample_caption(found, view.schema.words.rows))))
    plots.draw(
        findings.importance_finding(found),
        figures.importance_bars(points, unit=found.unit),
        key="explain.importance",
        table=tables.PlotTable(
            name="importance",
            columns={
                "feature": [one.feature for one in found.importance],
                f"mean_abs_shap_{found.unit.replace(' ', '_')}": [one.value for one in found.importance],
                "ci_low": [one.low for one in found.importance],
                "ci_high": [one.high for one in found.importance],
                "n": [one.n for one in found.importance],
                "meaning": [view.schema.features[one.feature].meaning or "" for one in found.importance],
            },
        ),
        height=FRAME + LINE_PIXELS * max(len(points), 4),
    )
    more = len(found.importance) - len(points)
    hidden = f" {words.plural(more, 'smaller feature')} in the table." if more > 0 else ""
    st.caption(f"{findings.LIMITS['importance']}{hidden}")
    if points:
        explained.number_button(_explained(view, found), key="explain")


def _explained(view: ExplainView, found: Explanation) -> explained.Explained:
    first = found.importance[0]
    share = shares(found.importance).get(first.feature)
    unit = "" if found.unit == PREDICTION else f" {found.unit}"
    low, high = first.low, first.high
    return explained.Explained(
        name=f"importance of {first.feature}",
        value=f"{_short(first.value or 0.0)}{unit}",
        interval=""
        if low is None or high is None
        else f"{number(float(f'{low:.3g}'))} to {number(float(f'{high:.3g}'))}",
        definition="How far this feature moves a score away from the base on average, up or down: the mean of its "
        "|SHAP| values over the sampled rows. It belongs to this model and these rows.",
        formula=r"\frac{1}{n}\sum_i |\varphi_{i}| \pm t_{n-1}\,\frac{s}{\sqrt n}",
        facts={
            "window": words.window(view.window, view.schema.grain),
            "rows": findings.sample_caption(found, view.schema.words.rows),
            "of": found.origin.rows,
            "share of all movement": words.percent(share),
            "every row adds up": findings.within(found.additivity_error),
            "worked out in": f"{found.seconds:.1f} s, once",
        },
        provenance_id=found.data_version[:12],
        topic="explain",
    )


def _short(value: float) -> str:
    return number(float(f"{value:.3g}"))


def _beeswarm(view: ExplainView, found: Explanation) -> None:
    swarms = found.swarms(view.schema, most=MOST_LINES)
    places = [found.features.index(one.feature) for one in found.importance]
    values = found.values[:, places]
    plots.draw(
        findings.beeswarm_finding(found),
        figures.beeswarm_dots(swarms, unit=found.unit),
        key="explain.beeswarm",
        table=tables.PlotTable(
            name="shap-quantiles",
            columns={
                "feature": [one.feature for one in found.importance],
                **{f"shap_p{share}": _quantile(values, share) for share in QUANTILES},
            },
        ),
        height=max(TALL, FRAME + SWARM_PIXELS * len(swarms)),
    )
    st.caption(findings.LIMITS["beeswarm"])


def _quantile(values: NDArray[np.float64], share: int) -> list[float]:
    return [float(f"{one:.4g}") for one in np.percentile(values, share, axis=0)]


def _dependence(view: ExplainView, found: Explanation) -> None:
    names = [one.feature for one in found.importance if one.feature not in found.withheld]
    if not names:
        notice.nothing_here("Nothing to draw", "Every feature is withheld, row by row.", key="explain.no_dependence")
        return
    feature = _choose_feature(names)
    shown = found.dependence(feature, view.schema)
    plots.draw(
        findings.dependence_finding(feature, shown.partner),
        figures.dependence_dots(shown, unit=found.unit),
        key="explain.dependence",
        table=tables.PlotTable(
            name=f"dependence-{feature}",
            columns={feature: _named(shown.shown, shown.levels), "shap": [float(f"{one:.4g}") for one in shown.values]},
        ),
        height=max(TALL, FRAME + SWARM_PIXELS * min(len(found.importance), MOST_LINES)) - 54,
    )
    meaning = view.schema.features[feature].meaning
    about = f"{words.plain(feature)}: {words.plain(meaning)}. " if meaning else ""
    st.caption(f"{about}{findings.LIMITS['dependence']}")


def _named(values: Sequence[float], levels: Sequence[str]) -> list[str | float | None]:
    return [None if not math.isfinite(value) else levels[int(value)] if levels else value for value in values]


def _choose_feature(names: list[str]) -> str:
    wanted = asked(FEATURE, "explain.feature")
    st.session_state["explain.feature"] = wanted if wanted in names else names[0]
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="explain.of"):
        st.markdown("What it adds by the value of", width="content")
        feature = str(st.selectbox("Feature", names, key="explain.feature", label_visibility="collapsed"))
    st.query_params[FEATURE] = feature
    st.session_state["seen.explain.feature"] = feature
    return feature


def state(view: ExplainView) -> None:
    """Draw the state of attribution drift with its numbers and why it has its colour."""
    verdict = view.verdict
    if view.drift is None and verdict is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="explain.state"):
        judged = verdict is not None and verdict.state is not State.NOT_APPLICABLE
        st.markdown(words.badge(verdict.state) if verdict and judged else ":gray-badge[◌ not judged]", width="content")
        told = findings.drift_finding(view.drift) if view.drift else words.plain(view.no_drift)
        st.markdown(f"Attribution against training: {told}", width="stretch")
        if verdict is not None:
            explained.colour_button(_coloured(view), key="explain.state")


def _coloured(view: ExplainView) -> explained.Coloured:
    verdict, limit = view.verdict, view.limit
    assert verdict is not None
    return explained.Coloured(
        state=verdict.state,
        reason=verdict.reason,
        rules=(
            words.plain(f"warning: the whole 95 % interval of NDCG below {limit.warning:g}")
            if limit.warning is not None
            else "no limit is set",
            f"counts in {limit.persistence.needed} of the last {limit.persistence.of} windows",
            f"7 units together, at least {limit.minimum_n} explained rows; the rank correlation is told, not judged",
        ),
        facts={
            "this window alone": words.state(verdict.raw_state),
            "p-value": words.p_value(verdict.adjusted_p),
            "false alarms a month": words.rate(verdict.false_alarms_month),
            "limits": limit.source,
        },
    )


def over_time(home: str, view: ExplainView) -> None:
    """Draw the shares of importance of reference and window, or the job that works them out of the model file."""
    if view.drift is not None:
        _shift(view.drift)
    elif view.no_drift == NO_SUMS and (view.explanation is None or view.explanation.origin.source == ARTEFACT):
        job = {"model": view.model, "version": view.version}
        waiting.shown_when_ready(home, "shap_units", job, seconds=UNITS_SECONDS, what="the importance of each unit")
    else:
        notice.nothing_here("Importance cannot be compared yet", view.no_drift, key="explain.no_drift")


def _shift(drift: AttributionDrift) -> None:
    shown = findings.shifts(drift, most=MOST_SHIFTS)
    every = findings.shifts(drift, most=len(drift.features))
    plots.draw(
        findings.drift_finding(drift),
        figures.importance_shift(shown),
        key="explain.shift",
        table=tables.PlotTable(
            name="importance-shift",
            columns={
                "feature": [one.feature for one in every],
                "share_reference": [float(one.before) for one in every],
                "share_window": [float(one.now) for one in every],
            },
        ),
        height=FRAME + LINE_PIXELS * max(len(shown), 6),
    )
    rows = f"{drift.n:,} explained rows of the window, {drift.n_reference:,} of the reference."
    st.caption(f"{rows} {findings.LIMITS['drift']}")
