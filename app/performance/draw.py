"""The plots of the Performance page: one metric over windows and by segment, what was taken for what, versions."""

from collections.abc import Sequence

import streamlit as st

from app import choices, explained, notice, plots, style, tables, words
from app.findings import told
from app.performance import draw_estimation, findings
from app.performance.metrics import METRICS
from app.performance.views import MetricFact, PerformanceView, SegmentDots, VersionFact
from core.checks.limits import Limit
from core.drift.figures import distribution_bars
from core.performance import figures
from core.performance.display import Confusion, Dot, Dots, EstimatedLine, MetricSeries
from core.states import State
from core.windows import Grain

METRIC = "metric"
KEY = "performance.metric"
SEEN = "seen.metric"
MOST_DOTS = 12
CELL_PIXELS, DOTS_FRAME = 26, 84
TALL = 300


def choose(view: PerformanceView) -> str:
    """Draw the switch of the metric, which stands in the URL, and return the one chosen."""
    names = list(view.facts)
    asked = st.query_params.get(METRIC)
    if asked in names and asked != st.session_state.get(SEEN):
        st.session_state[KEY] = asked
    if st.session_state.get(KEY) not in names:
        st.session_state[KEY] = _leading(view)
    chosen = st.segmented_control(
        "Metric",
        names,
        key=KEY,
        required=True,
        format_func=lambda name: METRICS[name].short,
        label_visibility="collapsed",
        persist_state="session",
    )
    metric = str(chosen or view.headline)
    st.query_params[METRIC] = metric
    st.session_state[SEEN] = metric
    return metric


def _leading(view: PerformanceView) -> str:
    """Return the metric that the title is about."""
    alarming = (*(one.metric for one in view.breaches()), *(one.metric for one in view.alarms))
    return next((name for name in alarming if name in view.facts), view.headline)


def draw(view: PerformanceView, metric: str, home: str) -> None:
    """Draw everything about one metric."""
    _heading(view, view.facts[metric])
    _over_windows(view, metric)
    draw_estimation.beside(view, metric, home)
    left, right = st.columns(2, gap="small")
    with left:
        _segments(view, metric)
    with right:
        _taken(view)
    draw_estimation.lateness(view)
    if view.versions:
        _versions(view.versions[metric], metric)
    _all_metrics(view)


def _all_metrics(view: PerformanceView) -> None:
    """Draw every metric of the window in one table, those over a limit first."""
    st.subheader("All metrics of this window", anchor=False)
    facts = [*view.breaches(), *(one for one in view.facts.values() if one not in view.breaches())]
    st.dataframe(
        {
            "state": [_state(one) for one in facts],
            "metric": [METRICS[one.metric].name for one in facts],
            "value": [METRICS[one.metric].text(one.value) for one in facts],
            "95 % interval": [METRICS[one.metric].interval(one.low, one.high) or words.NONE for one in facts],
            "reference": [METRICS[one.metric].text(one.reference) for one in facts],
            "n": [one.n for one in facts],
            "note": [one.note.removeprefix("not applicable: ") for one in facts],
        },
        key="performance.all",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={
            "state": st.column_config.TextColumn("state", width=96),
            "n": st.column_config.NumberColumn("n", format="localized", width=70),
            "metric": st.column_config.TextColumn("metric", width=160),
            "value": st.column_config.TextColumn("value", width=70),
            "95 % interval": st.column_config.TextColumn("95 % interval", width=120),
            "reference": st.column_config.TextColumn("reference", width=76),
            "note": st.column_config.TextColumn("note", width=480),
        },
        alt="Every metric of this window",
    )


def _state(fact: MetricFact) -> str:
    if fact.limit is None:
        return words.NONE
    return "◌ not judged" if fact.state is State.NOT_APPLICABLE else words.state(fact.state)


def _heading(view: PerformanceView, fact: MetricFact) -> None:
    spoken = METRICS[fact.metric]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="performance.heading"):
        value = "" if fact.value is None else f" {spoken.text(fact.value)}"
        heading = findings.capital(f"{spoken.name}{value}")
        st.subheader(words.plain(heading), anchor=False, width="content")
        if view.stored:
            judged = fact.state is not State.NOT_APPLICABLE
            st.markdown(words.badge(fact.state) if judged else ":gray-badge[◌ not judged]", width="content")
        st.space("stretch")
        if view.stored and fact.limit is not None:
            explained.colour_button(coloured(fact, view.grain), key="performance")
        explained.number_button(_explained(view, fact), key="performance")
    reasons = [told(text, view.grain) for text in (fact.note, fact.why) if text]
    if reasons:
        st.caption(words.plain(" · ".join(findings.capital(text) for text in dict.fromkeys(reasons))))


def _explained(view: PerformanceView, fact: MetricFact) -> explained.Explained:
    spoken = METRICS[fact.metric]
    reference = choices.reference_words(view.reference).removeprefix("vs ")
    before = spoken.text(fact.reference) if fact.reference is not None else fact.reference_note or words.NONE
    return explained.Explained(
        name=spoken.name,
        value=spoken.text(fact.value),
        interval=spoken.interval(fact.low, fact.high),
        definition=spoken.definition,
        formula=spoken.formula,
        facts={
            "window": words.window(view.window, view.grain),
            "rows": f"n = {fact.n:,}",
            "label coverage": f"{view.n_labelled:,} of {view.n:,} rows have their actual",
            "segment": choices.segment_words(view.segment),
            f"in the reference ({reference})": before,
            **({"to know": fact.note} if fact.note else {}),
        },
        provenance_id=view.provenance_id,
        topic="performance",
    )


def coloured(fact: MetricFact, grain: Grain) -> explained.Coloured:
    """Return what stands behind the colour of a metric: its limit, this window alone, the false alarms to expect."""
    limit = fact.limit
    if limit is None:
        raise ValueError(fact.metric)
    change = limit.code.endswith("_change")
    rules = [
        f"{name}: {_rule(limit, value)}"
        for name, value in (("critical", limit.critical), ("warning", limit.warning))
        if value is not None
    ]
    spoken = METRICS[fact.metric]
    needed = limit.persistence
    return explained.Coloured(
        state=fact.state,
        reason=told(fact.why, grain),
        rules=(
            *rules,
            "only when the corrected p-value is at most 0.01" if change else "only with the whole 95 % interval beyond",
            f"counts in {needed.needed} of the last {needed.of} windows"
            + (", critical at once" if needed.critical_at_once else ""),
            f"windows with complete actuals and at least {limit.minimum_n} rows",
        ),
        facts={
            "this window alone": words.state(fact.raw_state),
            "value": f"{spoken.text(fact.value)} [{spoken.interval(fact.low, fact.high)}]",
            "in the reference": spoken.text(fact.reference),
            "corrected p-value": words.p_value(fact.adjusted_p),
            "false alarms a month": words.rate(fact.false_alarms_month),
            "limits": limit.source,
        },
    )


def _rule(limit: Limit, value: float) -> str:
    """Return one limit in words: ``25 % higher than in the reference``."""
    worse = "lower" if limit.side == "below" else "higher"
    if not limit.code.endswith("_change"):
        return words.plain(f"{worse} than {value:g}")
    size = f"{100 * value:g} %" if limit.scale == "relative" else f"{value:g}"
    return words.plain(f"{size} {worse} than in the reference")


def _over_windows(view: PerformanceView, metric: str) -> None:
    series = view.series[metric]
    if series.estimated is None and not any(value is not None for value in series.value):
        notice.nothing_here(f"No {METRICS[metric].name} to draw", view.facts[metric].note, key="performance.no_series")
        return
    plots.draw(
        findings.series_finding(view, metric),
        figures.metric_over_windows(series),
        key="performance.windows",
        table=_series_table(series, metric),
        height=TALL,
    )


def _series_table(series: MetricSeries, metric: str) -> tables.PlotTable:
    return tables.PlotTable(
        name=f"{metric}-by-window",
        columns={
            "window": series.labels,
            metric: series.value,
            "ci_low": series.low,
            "ci_high": series.high,
            "rows": series.n,
            "rows_with_actual": series.labelled,
            "complete": series.mature,
            **_estimate_columns(series.estimated),
        },
    )


def _estimate_columns(line: EstimatedLine | None) -> dict[str, Sequence[tables.Cell]]:
    if line is None:
        return {}
    return {
        "estimated": line.value,
        "estimated_low": line.low,
        "estimated_high": line.high,
        "estimate_trusted": line.trusted,
    }


def _segments(view: PerformanceView, metric: str) -> None:
    shown = view.segments.get(metric)
    if shown is None:
        notice.nothing_here("No segments", "model.yaml names no segment columns.", key="performance.no_segments")
        return
    if not shown.dots:
        why = findings.left_out(shown, 0) or "No segment has rows in this window."
        title = findings.capital(f"{METRICS[metric].name} by segment")
        notice.nothing_here(title, why.replace("\\", ""), key="performance.no_dots")
        return
    fact, drawn = view.facts[metric], shown.dots[:MOST_DOTS]
    dots = Dots(
        name=METRICS[metric].name,
        share=METRICS[metric].scale == "percent",
        dots=drawn,
        overall=fact.value,
        overall_name="all rows" if view.segment == choices.ALL_SEGMENTS else choices.segment_words(view.segment),
    )
    plots.draw(
        findings.segments_finding(shown, metric),
        figures.dot_plot(dots),
        key="performance.segments",
        table=_dots_table(shown, metric),
        height=DOTS_FRAME + figures.row_pixels(drawn) * max(len(drawn), 5),
    )
    note = findings.left_out(shown, len(drawn))
    if note:
        st.caption(note)


def _dots_table(shown: SegmentDots, metric: str) -> tables.PlotTable:
    dots: tuple[Dot, ...] = shown.dots
    return tables.PlotTable(
        name=f"{metric}-by-segment",
        columns={
            "segment": [dot.name for dot in dots],
            metric: [dot.value for dot in dots],
            "ci_low": [dot.low for dot in dots],
            "ci_high": [dot.high for dot in dots],
            "n": [dot.n for dot in dots],
            "reference": [dot.reference for dot in dots],
        },
    )


def _taken(view: PerformanceView) -> None:
    """Draw what was taken for what, or how far off a regression is."""
    if view.confusion is not None:
        plots.draw(
            findings.confusion_finding(view),
            figures.confusion_cells(view.confusion),
            key="performance.confusion",
            table=_confusion_table(view.confusion),
            height=DOTS_FRAME + CELL_PIXELS * max(2 * len(view.confusion.called), 8),
        )
        st.caption("Rows: what the model said. Columns: what came true; the shade is the share of the column.")
    elif view.errors is not None and view.n_labelled:
        plots.draw(
            findings.errors_finding(view),
            distribution_bars(view.errors),
            key="performance.errors",
            table=tables.PlotTable(
                name="absolute-errors",
                columns={
                    "absolute_error": view.errors.names,
                    "share_reference": view.errors.reference_share,
                    "share_window": view.errors.current_share,
                },
            ),
        )
        st.caption("Absolute error, in the unit of the actual, on cells that hold about a tenth of the reference each.")
    elif view.segment != choices.ALL_SEGMENTS:
        notice.nothing_here(
            "What was taken for what",
            "It is counted for all rows together: choose all segments.",
            key="performance.of_all",
        )
    else:
        notice.nothing_here(
            "Nothing to compare", f"None of these {view.words.rows} has its actual yet.", key="performance.no_cells"
        )


def _confusion_table(shown: Confusion) -> tables.PlotTable:
    cells = [
        (called, actual, count)
        for called, row in zip(shown.called, shown.counts, strict=True)
        for actual, count in zip(shown.actual, row, strict=True)
    ]
    return tables.PlotTable(
        name="decisions-by-outcome",
        columns={
            "decided": [called for called, _, _ in cells],
            "actual": [actual for _, actual, _ in cells],
            "rows": [count for _, _, count in cells],
        },
    )


def _versions(facts: tuple[VersionFact, ...], metric: str) -> None:
    """Draw the champion beside the other versions in the same window."""
    spoken = METRICS[metric]
    apart = [one for one in facts[1:] if one.difference is not None]
    if not apart:
        st.caption(findings.versions_finding(facts, metric))
        return
    dots = Dots(
        name=f"difference in {spoken.name}",
        share=spoken.scale == "percent",
        dots=tuple(
            Dot(
                name=f"{one.version} ({one.role})",
                value=one.difference or 0.0,
                low=one.difference_low,
                high=one.difference_high,
                n=one.n,
                reference=None,
                judged=True,
            )
            for one in apart
        ),
        overall=0.0,
        overall_name=f"champion {facts[0].version}",
    )
    plots.draw(
        findings.versions_finding(facts, metric),
        figures.dot_plot(dots),
        key="performance.versions",
        table=_versions_table(facts, metric),
        height=DOTS_FRAME + figures.row_pixels(dots.dots) * max(len(apart), 3),
    )
    st.caption(
        "Difference to the champion in the same window; unpaired and so conservative: profiles hold no pairs of rows."
    )


def _versions_table(facts: tuple[VersionFact, ...], metric: str) -> tables.PlotTable:
    return tables.PlotTable(
        name=f"{metric}-by-version",
        columns={
            "version": [one.version for one in facts],
            "role": [f"champion, {one.role}" if one.champion else one.role for one in facts],
            metric: [one.value for one in facts],
            "ci_low": [one.low for one in facts],
            "ci_high": [one.high for one in facts],
            "n": [one.n for one in facts],
            "difference": [one.difference for one in facts],
            "difference_low": [one.difference_low for one in facts],
            "difference_high": [one.difference_high for one in facts],
        },
    )
