"""Widgets of the Service page: tiles, figures with their tables, segments."""

from typing import Any

import streamlit as st

from app import explained, notice, plots, style, tables, words
from app.serving import findings
from app.serving.views import Figure, SegmentRow, ServiceView
from app.tiles import Tile
from core.checks.verdicts import Verdict
from core.serving import figures
from core.serving.display import ServiceSeries
from core.serving.serving import milliseconds
from core.states import State

MEANINGS = {
    "requests_per_second": "Requests of the window over its length; a full count, so it has no interval.",
    "error_rate": "Requests in error over all whose error field is known.",
    "latency_p50": "Half of the requests are answered within this time.",
    "latency_p95": "95 of 100 requests are answered within this time; five wait longer.",
    "latency_p99": "99 of 100 requests are answered within this time; one waits longer.",
}
LABELS = {
    "error_rate": "errors",
    "latency_p50": "latency, p50",
    "latency_p95": "latency, p95",
    "latency_p99": "latency, p99",
}
CHECK_OF = {"error_rate": ("error_rate",), "latency_p95": ("latency_p95_change", "latency_p95")}
FORMULAS = {
    "requests": r"\frac{n}{\text{seconds of the window}}",
    "errors": r"\frac{\text{requests in error}}{\text{requests with a known error field}}",
    "latency": r"\min\{t : \text{share of requests} \le t \text{ is at least } 0.95\}",
}
SHOWN = {"requests": "requests_per_second", "errors": "error_rate", "latency": "latency_p95"}


def tiles(view: ServiceView) -> list[Tile]:
    """Return the tiles of the page."""
    return [_requests_tile(view), *(_tile(view, name) for name in LABELS)]


def _requests_tile(view: ServiceView) -> Tile:
    figure = view.figures["requests_per_second"]
    note = findings.rate(figure.value) if figure.value is not None else "no clock" if view.n else "◌ no data"
    return Tile(
        label="requests", value=words.short_count(view.n), note=note, help=_help(figure, n=f"n = {view.n:,} requests.")
    )


def _tile(view: ServiceView, name: str) -> Tile:
    figure, verdict = view.figures[name], _verdict(view, name)
    note, state = _interval(figure), None
    if figure.value is None:
        note = "◌ not logged" if "not logged" in figure.note else "◌ no data"
    elif verdict is not None and verdict.state is not State.NOT_APPLICABLE:
        unsure = verdict.inconclusive and verdict.state is State.HEALTHY
        note, state = ("◌ too few to tell", None) if unsure else (words.state(verdict.state), verdict.state)
    return Tile(label=LABELS[name], value=findings.value(figure), note=note, state=state, help=_help(figure))


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "no interval"
    if figure.metric == "error_rate":
        return f"{words.percent(figure.low).removesuffix(' %')} to {words.percent(figure.high)}"
    return f"{milliseconds(figure.low)} to {milliseconds(figure.high)}"


def _verdict(view: ServiceView, name: str) -> Verdict | None:
    found = [one for one in view.verdicts if one.check in CHECK_OF.get(name, (name,))]
    return findings.worst_of(found)


def _help(figure: Figure, *, n: str = "") -> str:
    meaning = MEANINGS[figure.metric]
    if figure.value is None:
        return f"{meaning} {words.plain(figure.note)}."
    interval = "" if figure.low is None else f" 95 % interval {words.plain(_interval(figure))}."
    note = f" {words.plain(figure.note)}." if figure.note else ""
    return f"{meaning}{interval} {n or f'n = {figure.n:,} requests.'}{note}"


def heading(view: ServiceView) -> None:
    """Draw the state with its reason and the two questions that a person asks."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="service.heading"):
        st.markdown(words.badge(findings.state(view)), width="content")
        st.space("stretch")
        explained.colour_button(_coloured(view), key="service")
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", width="content"):
            name = st.selectbox("Number", tuple(SHOWN), key="service.number", label_visibility="collapsed", width=120)
            explained.number_button(_explained(view, name), key="service")


def _coloured(view: ServiceView) -> explained.Coloured:
    found = findings.worst(view)
    facts = {one.check.replace("_", " "): f"{words.state(one.state)}: {one.reason}" for one in view.verdicts}
    if view.judged:
        facts["judged window"] = words.window(view.judged, view.grain)
    alarms = [one.false_alarms_month for one in view.verdicts if one.false_alarms_month is not None]
    if alarms:
        facts["false alarms a month"] = words.rate(sum(alarms))
    facts["limits"] = view.limits_source
    reason = found.reason if found else "no check judged this selection"
    return explained.Coloured(state=findings.state(view), reason=reason, rules=view.rules, facts=facts)


def _explained(view: ServiceView, name: str) -> explained.Explained:
    figure = view.figures[SHOWN[name]]
    hours = {} if view.hours is None else {"length": f"{view.hours:g} hours"}
    return explained.Explained(
        name={"requests": "Requests", "errors": "Error rate", "latency": "Latency, p95"}[name],
        value=findings.value(figure),
        interval="" if figure.low is None else _interval(figure),
        definition=f"{MEANINGS[SHOWN[name]]} It says nothing of whether the answers were right.",
        formula=FORMULAS[name],
        facts={
            "window": words.window(view.window, view.grain),
            "rows": f"n = {figure.n:,} of {view.n:,} requests",
            **hours,
            **({"to know": figure.note} if figure.note else {}),
        },
        provenance_id=view.provenance_id,
        topic="service",
    )


def plots_of(view: ServiceView) -> None:
    """Draw requests, errors and latency over windows; what is not logged says so."""
    plots.draw(
        findings.requests_finding(view),
        figures.requests_over_windows(view.requests),
        key="service.requests",
        table=_table(view, view.requests, "requests"),
        height=180,
    )
    left, right = st.columns(2, gap="small")
    with left:
        if any(one is not None for one in view.errors.lines[0].value):
            drawn = figures.errors_over_windows(view.errors)
            table = _table(view, view.errors, "errors")
            plots.draw(findings.errors_finding(view), drawn, key="service.errors", table=table)
        else:
            notice.nothing_here("No error rate", _why(view, "error_rate"), key="service.no_errors")
    with right:
        if any(one is not None for line in view.latency.lines for one in line.value):
            drawn = figures.latency_over_windows(view.latency)
            table = _table(view, view.latency, "latency")
            plots.draw(findings.latency_finding(view), drawn, key="service.latency", table=table)
        else:
            notice.nothing_here("No latency", _why(view, "latency_p95"), key="service.no_latency")


def _why(view: ServiceView, name: str) -> str:
    why = view.figures[name].note.removeprefix("not applicable: ")
    column = {"error_rate": "error", "latency_p95": "latency_ms"}[name]
    step = f". Name the column in model.yaml ({column}) to have it watched." if "not logged" in why else ""
    return f"{why[:1].upper()}{why[1:]}{step}"


def _table(view: ServiceView, series: ServiceSeries, name: str) -> tables.PlotTable:
    columns: dict[str, tuple[tables.Cell, ...]] = {"from": series.labels, "requests": series.requests}
    for line in series.lines:
        columns[line.metric] = line.value
        if any(one is not None for one in line.low):
            columns |= {f"{line.metric} low": line.low, f"{line.metric} high": line.high, f"{line.metric} n": line.n}
    return tables.PlotTable(name=f"{view.model}-service-{name}", columns=columns)


def segments(view: ServiceView) -> None:
    """Draw requests and errors by segment, worst first."""
    if not view.segments:
        st.caption("No segments: name the request's source in model.yaml (source) to see where errors come from.")
        return
    judged = any(row.error_rate is not None for row in view.segments)
    st.markdown(f"**By segment, {'worst error rate' if judged else 'most requests'} first**")
    rows: list[dict[str, Any]] = [_row(row, judged=judged) for row in view.segments]
    st.dataframe(
        rows,
        hide_index=True,
        height="content" if len(rows) <= 12 else 420,
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        key="service.segments",
        column_config={
            "segment": st.column_config.TextColumn(width=220),
            "requests": st.column_config.NumberColumn(format="%,d", width=90),
            "share": st.column_config.NumberColumn(format="%.1f %%", width=80),
            "in error": st.column_config.NumberColumn(format="%,d", width=80),
            "error rate": st.column_config.NumberColumn("error rate ↓", format="%.2f %%", width=90),
            "95 % interval": st.column_config.TextColumn(width=130),
        },
    )
    columns = {name: tuple(row[name] for row in rows) for name in rows[0]}
    st.download_button(
        "Download as CSV",
        tables.csv_text(tables.PlotTable(name="segments", columns=columns)),
        file_name=f"{view.model}-service-segments.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        key="service.segments.csv",
    )


def _row(row: SegmentRow, *, judged: bool) -> dict[str, Any]:
    """Return a row of the table; errors only where some segment has an error rate."""
    shown: dict[str, Any] = {
        "segment": tables.cell(f"{row.column} = {row.label}"),
        "requests": row.requests,
        "share": 100 * row.share,
    }
    if not judged:
        return shown
    known = row.low is not None and row.high is not None
    return shown | {
        "in error": row.errors,
        "error rate": None if row.error_rate is None else 100 * row.error_rate,
        "95 % interval": f"{words.percent(row.low).removesuffix(' %')} to {words.percent(row.high)}"
        if known
        else words.NONE,
    }
