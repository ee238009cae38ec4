"""The selected feature, the checks of all rows together, and the plots over windows."""

import streamlit as st

from app import method, notice, plots, tables, words
from app.explained import Coloured, Explained, colour_button, number_button
from app.quality import findings, tiles
from app.quality.rows import METRIC_OF
from app.quality.views import QualityRow, QualityView
from core.checks.verdicts import Verdict
from core.quality import figures
from core.quality.display import History, ShareSeries
from core.quality.shares import SHARES
from core.states import State
from core.windows import unit_noun

METRIC_KEY = "quality.metric"
DEFINITIONS = {
    "missing_share": "Share of all rows whose value is null or NaN. Judged is the difference from the reference.",
    "unseen_share": "Share of all rows whose level does not occur in the reference.",
    "out_of_range_share": "Share of all rows below the reference's minimum or above its maximum, infinities included.",
    "violation_share": "Share of all rows that break this feature's rule of the accepted contract.",
}


def whole(view: QualityView) -> None:
    """Draw the checks of all features together: state, finding, and what explains them."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="quality.whole"):
        st.subheader("All rows together", anchor=False, width="content")
        st.space("stretch")
        if st.button(
            "Explain these numbers", icon=":material/calculate:", type="tertiary", key="quality.explain_tiles"
        ):
            explain_tiles(view)
    shown = [view.whole[code] for code in findings.CHECKS if code in view.whole]
    st.table(
        {
            "check": [findings.CHECKS[one.check] for one in shown],
            "state": [words.badge(one.state) for one in shown],
            "why": [words.plain(one.reason) for one in shown],
            "limits": [limits_words(view, one.check) for one in shown],
        },
        border="horizontal",
        hide_index=True,
    )
    for one in view.segments[:MOST_SEGMENTS]:
        badge = words.badge(one.state) if one.state in findings.ALARMING else ":gray-badge[◌ over limit once]"
        st.markdown(f"{badge} {words.plain(segment_words(one))}")


MOST_SEGMENTS = 8


def segment_words(verdict: Verdict) -> str:
    """Return a verdict on a segment in a sentence."""
    where = ", ".join(f"{column} = {value}" for column, value in sorted(verdict.segment.items()))
    what = verdict.feature or findings.CHECKS.get(verdict.check, verdict.check)
    return f"{where}: {what}: {verdict.reason}"


def limits_words(view: QualityView, code: str) -> str:
    """Return the limits of a check in words."""
    limit = view.limits[code]
    unit = {"volume": "×", "freshness": "h", "silence": "windows"}.get(code, "points")
    size = 100 if unit == "points" else 1
    ends = [value for value in (limit.warning, limit.critical) if value is not None]
    return f"{' / '.join(f'{size * value:g}' for value in ends)} {unit}"


@st.dialog("Explain these numbers", position="right", width="medium")
def explain_tiles(view: QualityView) -> None:
    """Show definition, interval, rows and data version of the numbers in the tiles."""
    for one in tiles.explained(view):
        interval = f", 95 % interval {words.plain(one.interval)}" if one.interval else ""
        st.markdown(f"**{words.plain(one.name)} {words.plain(one.value)}**{interval}")
        st.markdown(one.definition)
        if one.formula:
            st.latex(one.formula, width="content")
        st.caption(" · ".join(f"{name}: {words.plain(fact)}" for name, fact in one.facts.items()))
    st.caption(f"data version `{view.provenance_id}`" if view.provenance_id else "no data version")
    method.fold("quality", place="dialog")


def feature(view: QualityView, row: QualityRow, history: History) -> None:
    """Draw the selected feature over windows beside the rules that were broken."""
    metric = _heading(view, row)
    left, right = st.columns(2, gap="small")
    with left:
        series = history.shares.get((row.feature, metric))
        if row.feature in view.protected:
            notice.withheld_levels(row.feature, key="quality.withheld")
        elif series is None or series.reason or not any(value is not None for value in series.value):
            why = "no rows" if series is None else series.reason.removeprefix("not applicable: ") or "no rows"
            notice.nothing_here(f"No share of rows to draw: {findings.NAMES[metric]}", why, key="quality.no_share")
        else:
            _share(view, series, history)
    with right:
        volume(history)
    rules(history)


def _heading(view: QualityView, row: QualityRow) -> str:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="quality.heading"):
        st.subheader(words.plain(row.feature), anchor=False, width="content")
        st.markdown(words.badge(row.state), width="content")
        st.space("stretch")
        metric = _chosen_metric(row)
        colour_button(_coloured(view, row), key="quality.feature")
        number_button(_explained(view, row, metric), key="quality.feature")
    if row.finding:
        st.caption(words.plain(row.finding[:1].upper() + row.finding[1:]))
    return metric


def _chosen_metric(row: QualityRow) -> str:
    """Return the share to draw: chosen by hand for this feature, else what its finding is about."""
    fitting = [name for name in SHARES if row.points.get(name) is not None and row.points[name].value is not None]
    largest = max(fitting, key=lambda name: row.points[name].value or 0.0, default="missing_share")
    first = row.leading if row.leading in fitting else largest
    if len(fitting) < 2:
        return first
    picked = st.segmented_control(
        "share",
        fitting,
        default=first,
        required=True,
        format_func=lambda name: findings.NAMES[name],
        key=f"{METRIC_KEY}.{row.feature}",
        label_visibility="collapsed",
        width="content",
    )
    return str(picked or first)


def _share(view: QualityView, series: ShareSeries, history: History) -> None:
    plots.draw(
        findings.share_finding(series),
        figures.share_over_windows(history, series, limit_lines(view, series)),
        key="quality.share",
        table=tables.PlotTable(
            name=f"{series.feature} {series.metric}",
            columns={
                "window": history.labels,
                "share": series.value,
                "ci_low": series.low,
                "ci_high": series.high,
                "rows": history.n,
            },
        ),
    )


def limit_lines(view: QualityView, series: ShareSeries) -> list[tuple[str, float, State]]:
    """Return the limits as shares: a check of changes is drawn around the reference, the others as they are."""
    limit = view.limits[series.metric]
    base = series.reference or 0.0 if series.metric == "missing_share" else 0.0
    lines = []
    for name, value, state in (
        ("warning", limit.warning, State.WARNING),
        ("critical", limit.critical, State.CRITICAL),
    ):
        if value is not None and base + value <= 1:
            lines.append((name, base + value, state))
    return lines


def volume(history: History) -> None:
    """Draw the rows of each window beside what is usual."""
    plots.draw(
        findings.rows_finding(history),
        figures.rows_over_windows(history),
        key="quality.rows",
        table=tables.PlotTable(
            name="rows by window",
            columns={
                "window": history.labels,
                "rows": history.n,
                "usual": history.expected,
                "usual_low": history.expected_low,
                "usual_high": history.expected_high,
            },
        ),
    )


def rules(history: History) -> None:
    """Draw the rows against the contract over windows, by rule; nothing where no rule was broken."""
    if not history.rules:
        return
    plots.draw(
        findings.rules_finding(history),
        figures.violation_bars(history),
        key="quality.rules",
        table=tables.PlotTable(
            name="rows against the contract",
            columns={
                "window": history.labels,
                "rows": history.n,
                **{rule.name: rule.count for rule in history.rules},
            },
        ),
    )


def _coloured(view: QualityView, row: QualityRow) -> Coloured:
    first = row.verdicts[0] if row.verdicts else None
    if first is None:
        return Coloured(
            state=State.NOT_APPLICABLE,
            reason="verdicts are kept of single windows of everybody: this selection has none",
            rules=("choose the last window and all segments to see the states",),
            facts={},
        )
    limit = view.limits[first.check]
    metric = METRIC_OF.get(first.check, first.check)
    what = findings.NAMES.get(metric, metric.replace("_", " "))
    often = "" if limit.needed == 1 else f", in {limit.needed} of {limit.of} windows"
    rules = tuple(
        f"{what}, {name}: at least {words.percent(value) if metric in SHARES else f'{value:g}'}{often}"
        for name, value in (("warning", limit.warning), ("critical", limit.critical))
        if value is not None
    )
    judged = [f"{findings.NAMES.get(one.check, one.check.replace('_', ' '))}: {one.reason}" for one in row.verdicts[1:]]
    return Coloured(
        state=row.state,
        reason=first.reason,
        rules=(*rules, *(words.plain(text) for text in judged)),
        facts={
            "this window alone": words.state(first.raw_state),
            "value": words.NONE if first.value is None else f"{first.value:,.4g}",
            "corrected p": words.p_value(first.adjusted_p) if first.adjusted_p is not None else "no test",
            "false alarms a month": words.rate(first.false_alarms_month),
            "source of the limits": limit.source,
        },
    )


def _explained(view: QualityView, row: QualityRow, metric: str) -> Explained:
    point = row.points[metric]
    low, high = point.ci_low, point.ci_high
    bounds = "" if low is None or high is None else f"{words.percent(low)} to {words.percent(high)}"
    return Explained(
        name=f"{row.feature}, {findings.NAMES[metric]}",
        value=words.percent(point.value),
        interval=bounds,
        definition=DEFINITIONS[metric],
        formula=r"\frac{\text{rows concerned}}{\text{all rows}}",
        facts={
            "window": words.window(view.window, view.grain),
            "rows": f"n = {point.n:,}",
            f"reference, all {unit_noun(view.grain)}s": words.percent(row.reference.get(metric)),
            **({"note": point.reason} if point.reason else {}),
        },
        provenance_id=point.provenance_id,
        topic="quality",
    )
