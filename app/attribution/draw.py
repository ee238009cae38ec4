"""Widgets of the Attribution page: the choice, the parts of a change, its cause, and all inputs together."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from app import explained, notice, onward, plots, style, tables, tiles, waiting, words
from app.attribution import findings, queries
from app.attribution.metrics import between, is_share, signed, size, spoken
from app.attribution.views import AttributionView
from app.views import Selection
from core.attribution import figures
from core.attribution.attribution import Amount, Change, SegmentPart
from core.attribution.display import (
    MOST_BARS,
    LimitedSeries,
    Waterfall,
    auc_series,
    cause_steps,
    change_steps,
    error_series,
    segment_bars,
)
from core.attribution.shift import Shift, Verdict
from core.errors import CoreError

METRIC, COLUMN = "metric", "by"
KEYS = {METRIC: "attribution.metric", COLUMN: "attribution.by"}
SHIFT_SECONDS, MULTIVARIATE_SECONDS = 10.0, 15.0
BAR_PIXELS, BARS_FRAME = 24, 84
TALL = 300
MOST_ROWS = 15
COLOURS = {Verdict.RELATION: "orange", Verdict.INPUTS: "blue", Verdict.UNKNOWN: "gray"}


def asked(name: str) -> str:
    """Return what was chosen on the page, else what the URL asks for; empty: nothing yet."""
    query = st.query_params.get(name, "")
    if query and query != st.session_state.get(f"seen.attribution.{name}"):
        return query
    return str(st.session_state.get(KEYS[name]) or query)


def choose(view: AttributionView) -> None:
    """Draw the choice of metric and of segment column; both stand in the URL."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="attribution.choice"):
        _pick("Metric", METRIC, view.metrics, view.metric, shown=lambda name: spoken(name).name)
        if view.columns:
            _pick("Split by", COLUMN, view.columns, view.column, shown=str)


def _pick(label: str, name: str, options: Sequence[str], chosen: str, *, shown: Callable[[str], str]) -> None:
    if st.session_state.get(KEYS[name]) != chosen:
        st.session_state[KEYS[name]] = chosen
    st.selectbox(label, options, key=KEYS[name], format_func=shown, persist_state="session", width=220)
    st.query_params[name] = chosen
    st.session_state[f"seen.attribution.{name}"] = chosen


def notes(view: AttributionView) -> None:
    """Draw what limits every number of the page."""
    told = []
    if view.of_all:
        told.append("Of all rows: a segment of the header is not looked at here.")
    if view.waits:
        told.append(f"◌ {findings.capital(view.waits)}: the change may be that of the rows whose labels came early.")
    if view.removed:
        told.append(f"▲ {findings.capital(view.removed)}: every number here leaves them out.")
    if view.provisional:
        told.append("◌ The reference is provisional: the first windows of the log, not training data.")
    for one in told:
        st.caption(words.plain(one))


def split(view: AttributionView) -> None:
    """Draw the parts of the change, or what stands in their place."""
    if view.change is None:
        _not_split(view)
        return
    tiles.row(_tiles(view, view.change), key="attribution.tiles")
    _heading(view, view.change)
    height = max(TALL, BARS_FRAME + BAR_PIXELS * min(len(view.change.parts), MOST_BARS))
    left, right = st.columns(2, gap="small")
    with left:
        steps = change_steps(view.change, share=is_share(view.metric))
        plots.draw(
            findings.waterfall_finding(view.change),
            figures.change_waterfall(steps),
            key="attribution.waterfall",
            table=_steps_table(steps, f"{view.metric}-change"),
            height=height,
        )
    with right:
        plots.draw(
            findings.segments_finding(view),
            figures.parts_by_segment(segment_bars(view.change, share=is_share(view.metric))),
            key="attribution.segments",
            table=_parts_table(view, view.change),
            height=height,
        )
    st.caption(findings.limits(view.change))
    _ranked(view, view.change)


def _tiles(view: AttributionView, change: Change) -> list[tiles.Tile]:
    spoke = spoken(view.metric)
    found = [
        tiles.Tile(
            label=spoke.name,
            value=spoke.text(change.now),
            note=f"{spoke.text(change.before)} in {view.reference}",
            help=f"{spoke.definition} In the window, beside what it is compared with.",
        ),
        _part_tile(view, "change", change.change, "The metric of the window less that of the reference."),
        _part_tile(view, "mix of segments", change.mix, "Segments are more or less frequent than before."),
        _part_tile(view, "within segments", change.within, "Rows of the same segment are treated otherwise."),
    ]
    if change.between is not None:
        meaning = "Rows of one segment are ordered otherwise against rows of another."
        found.append(_part_tile(view, "between segments", change.between, meaning))
    return found


def _part_tile(view: AttributionView, label: str, part: Amount, meaning: str) -> tiles.Tile:
    return tiles.Tile(
        label=label,
        value=signed(view.metric, part.value),
        note=between(view.metric, part.low, part.high),
        help=f"{meaning} Below it the 95 % interval: where it holds 0, chance alone may have made it.",
    )


def _heading(view: AttributionView, change: Change) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="attribution.heading"):
        rows = f"{view.n_current:,} {view.rows} against {view.n_reference:,} of {view.reference}"
        st.caption(words.plain(rows), width="content")
        st.space("stretch")
        explained.number_button(_explained(view, change), key="attribution")


def _explained(view: AttributionView, change: Change) -> explained.Explained:
    spoke = spoken(view.metric)
    parts = {"mix of segments": change.mix, "within segments": change.within}
    if change.between is not None:
        parts["between segments"] = change.between
    return explained.Explained(
        name=f"change of {spoke.name}",
        value=signed(view.metric, change.change.value),
        interval=between(view.metric, change.change.low, change.change.high),
        definition="The metric is a mean over segments. Its change is split exactly into what comes from other shares "
        "of the segments (mix) and from other values inside them (within), the same whichever window comes first.",
        formula=r"R_1-R_0=\sum_g (w_1-w_0)\Big(\tfrac{r_0+r_1}2-\tfrac{R_0+R_1}2\Big)+\tfrac{w_0+w_1}2\,(r_1-r_0)",
        facts={
            "window": words.window(view.window, view.grain),
            "rows": f"n = {view.n_current:,}; {view.n_reference:,} in {view.reference}",
            "segments count by": change.weight,
            **{name: f"{signed(view.metric, one.value)}" for name, one in parts.items()},
            **({"binning": f"the change is off by at most {change.bound:.2g}"} if change.bound > 0 else {}),
        },
        provenance_id=view.provenance_id,
        topic="attribution",
    )


def _steps_table(steps: Waterfall, name: str) -> tables.PlotTable:
    return tables.PlotTable(
        name=name,
        columns={
            "part": [one.name for one in steps.steps],
            "value": [one.amount.value for one in steps.steps],
            "low": [one.amount.low for one in steps.steps],
            "high": [one.amount.high for one in steps.steps],
        },
    )


def _ranked(view: AttributionView, change: Change) -> None:
    st.subheader(words.plain(f"By {view.column}, what adds most first"), anchor=False)
    rows = [_row(view, part) for part in change.parts]
    column = st.column_config
    wide = {"mix": "By its share.", "within": "By its own value.", "between": "Against rows of other segments."}
    st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]},
        key="attribution.ranked",
        hide_index=True,
        height="content" if len(rows) <= MOST_ROWS else 560,
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config={
            "segment": column.TextColumn("segment", width=110, pinned=True),
            "adds": column.TextColumn("adds", width=64, help="All that the segment adds to the change."),
            **{
                name: column.TextColumn(name, width=176, help=f"{told} In brackets the 95 % interval.")
                for name, told in wide.items()
            },
            "n": column.NumberColumn("n", format="localized", width=64),
            "n before": column.NumberColumn("n before", format="localized", width=76),
        },
        alt="Parts of the change by segment, the largest first",
    )


def _row(view: AttributionView, part: SegmentPart) -> dict[str, Any]:
    spoke, metric = spoken(view.metric), view.metric
    amounts = {"mix": part.mix, "within": part.within}
    if part.between is not None:
        amounts["between"] = part.between
    return {
        "segment": tables.cell(part.name),
        "adds": signed(metric, part.total),
        **{
            name: f"{signed(metric, one.value)} [{between(metric, one.low, one.high)}]" for name, one in amounts.items()
        },
        "share": f"{words.percent(part.weight_reference)} → {words.percent(part.weight_current)}",
        spoke.short: f"{spoke.text(part.value_reference)} → {spoke.text(part.value_current)}",
        "n": part.n_current,
        "n before": part.n_reference,
    }


def _parts_table(view: AttributionView, change: Change) -> tables.PlotTable:
    columns: dict[str, list[Any]] = {
        "segment": [one.name for one in change.parts],
        "adds": [one.total for one in change.parts],
    }
    for name in ("mix", "within", "between"):
        amounts = [getattr(one, name) for one in change.parts]
        if None not in amounts:
            columns |= {
                name: [one.value for one in amounts],
                f"{name}_low": [one.low for one in amounts],
                f"{name}_high": [one.high for one in amounts],
            }
    columns |= {
        "weight_before": [one.weight_reference for one in change.parts],
        "weight": [one.weight_current for one in change.parts],
        f"{view.metric}_before": [one.value_reference for one in change.parts],
        view.metric: [one.value_current for one in change.parts],
        "rows_before": [one.n_reference for one in change.parts],
        "rows": [one.n_current for one in change.parts],
    }
    return tables.PlotTable(name=f"{view.metric}-by-{view.column}", columns=columns)


def _not_split(view: AttributionView) -> None:
    if not view.changes:
        notice.nothing_here(
            f"{findings.capital(spoken(view.metric).name)}: not applicable",
            f"{findings.capital(view.why_not)}.",
            key="attribution.not_applicable",
        )
        return
    spoke = spoken(view.metric)
    st.subheader(words.plain(f"{findings.capital(spoke.name)} in each {view.column} alone"), anchor=False)
    st.dataframe(
        {
            "segment": [tables.cell(one.name) for one in view.changes],
            "change": [signed(view.metric, one.change) for one in view.changes],
            "95 % interval": [between(view.metric, one.low, one.high) for one in view.changes],
            "before": [spoke.text(one.before) for one in view.changes],
            "now": [spoke.text(one.now) for one in view.changes],
            "n": [one.n_current for one in view.changes],
            "n before": [one.n_reference for one in view.changes],
            "note": [one.note for one in view.changes],
        },
        key="attribution.changes",
        hide_index=True,
        height="content" if len(view.changes) <= MOST_ROWS else 560,
        row_height=style.ROW_HEIGHT,
        column_config={"note": st.column_config.TextColumn("note", width=300)},
        alt="Change of the metric in each segment",
    )
    st.caption("Each segment alone: these changes do not add up to that of the whole.")


def cause(home: str, view: AttributionView) -> None:
    """Draw whether the inputs moved or the relation changed; its long work where it is not done yet."""
    st.subheader("Did the inputs move, or did the relation change?", anchor=False)
    if view.no_cause:
        notice.nothing_here("Not applicable", f"{findings.capital(view.no_cause)}.", key="attribution.too_few")
        return
    try:
        found = queries.shift(home, view.job, view.metric)
    except CoreError as error:
        notice.nothing_here("Nothing can be compared", str(error), key="attribution.no_cause")
        return
    if found is None:
        parameters = {**view.job, "segment": "all", "metric": view.metric}
        waiting.shown_when_ready(
            home,
            "shift",
            parameters,
            seconds=SHIFT_SECONDS,
            what=f"the cause of the change of {spoken(view.metric).name}",
        )
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="attribution.verdict"):
        st.markdown(f":{COLOURS[found.verdict]}-badge[{found.verdict.value}]", width="content")
    left, right = st.columns(2, gap="small")
    with left:
        _cause_plot(view, found)
    with right:
        _moved(found)
    st.caption(findings.cause_limits(found))


def _cause_plot(view: AttributionView, found: Shift) -> None:
    steps = cause_steps(found, share=is_share(view.metric))
    if steps is None:
        told = f"The whole change is {signed(view.metric, found.change.value)}; it cannot be split by cause."
        notice.nothing_here(findings.capital(found.verdict.value), told, key="attribution.no_parts")
        return
    plots.draw(
        findings.cause_finding(found),
        figures.change_waterfall(steps),
        key="attribution.cause",
        table=_steps_table(steps, f"{view.metric}-cause"),
        height=TALL,
    )


def _moved(found: Shift) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{findings.moved_finding(found)}**")
        st.dataframe(
            {
                "feature": [tables.cell(one.feature) for one in found.moved],
                "tells window from reference": [one.auc for one in found.moved],
            },
            key="attribution.moved",
            hide_index=True,
            height="content",
            row_height=style.ROW_HEIGHT,
            column_config={
                "tells window from reference": st.column_config.ProgressColumn(
                    "tells window from reference",
                    min_value=0.5,
                    max_value=1.0,
                    format="%.2f",
                    help="AUC of the feature alone: 0.5 not at all, 1 always.",
                )
            },
            alt="Features by how well each alone tells the window from the reference",
        )


def together(home: str, view: AttributionView) -> None:
    """Draw the drift of all inputs together over windows; its long work where it is not done yet."""
    st.subheader("All inputs together, over windows", anchor=False)
    try:
        found = queries.multivariate(home, view.job)
    except CoreError as error:
        notice.nothing_here("Nothing can be compared", str(error), key="attribution.no_inputs")
        return
    if found is None:
        parameters = {**view.job, "reference": "training", "segment": "all"}
        waiting.shown_when_ready(
            home, "multivariate", parameters, seconds=MULTIVARIATE_SECONDS, what="the drift of all inputs together"
        )
        return
    for column, shown in zip(
        st.columns(2, gap="small"), (error_series(found, view.grain), auc_series(found, view.grain)), strict=True
    ):
        with column:
            _measure(shown)
    st.caption(findings.together_limits(found))


def _measure(shown: LimitedSeries) -> None:
    plots.draw(
        findings.series_finding(shown),
        figures.measure_over_windows(shown),
        key=f"attribution.{shown.name.replace(' ', '_')}",
        table=tables.PlotTable(
            name=shown.name.replace(" ", "-"),
            columns={"window": shown.labels, shown.name: shown.value, "beyond": shown.beyond, "rows": shown.n},
        ),
    )


def ways_on(view: AttributionView, selection: Selection) -> None:
    """Draw where to go next, with the rows of the leading segment as the filter."""
    leading = view.leading
    if leading is not None and view.where:
        part = size(view.metric, leading.total)
        st.caption(words.plain(f"With the rows of {view.column} {leading.name}, which adds {part}:"))
    onward.links(selection, here="attribution", where=view.where)
