"""Widgets of the Calibration page: tiles, figures with their tables, segments and classes."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from app import explained, notice, plots, style, tables, tiles, words
from app.calibration import findings
from app.calibration.views import CalibrationView, Measured
from core.calibration import figures
from core.calibration.display import ErrorSeries, Reliability
from core.states import State

SHOWN = 8
SMALL_HEIGHT = 210
HEIGHT = 320
ALL_KEY = "calibration.all"


def headline(view: CalibrationView) -> list[tiles.Tile]:
    """Return the tiles: error without chance, slope, intercept, Brier score."""
    error, brier = view.figures["ece_debiased"], view.figures["brier_score"]
    limit = f"limit {words.two(view.limit)}" if view.limit is not None else "no limit"
    return [
        tiles.Tile(
            label="calibration error",
            value=words.three(error.value),
            note=_state_words(view),
            note_more="" if view.waits else limit,
            state=None if view.waits else view.state,
            help=_help(error, "Mean distance of what the score says from what happens, less what chance adds."),
        ),
        _line_tile(view, "calibration_slope", "slope", 1.0),
        _line_tile(view, "calibration_intercept", "intercept", 0.0),
        tiles.Tile(
            label="Brier score",
            value=words.three(brier.value),
            note=_avoidable(view.figures["brier_reliability"]),
            help=_help(brier, "Mean squared distance of probability and outcome; the part named is miscalibration."),
        ),
    ]


def _state_words(view: CalibrationView) -> str:
    if view.waits:
        return "◌ over limit once"
    return "◌ not judged" if view.state is State.NOT_APPLICABLE else words.state(view.state)


def _line_tile(view: CalibrationView, name: str, label: str, ideal: float) -> tiles.Tile:
    shown = view.figures[name]
    note = "◌ not judged" if shown.value is None else words.interval(shown.low, shown.high)
    meaning = {
        "slope": "1 is right; below, the scores are too extreme; above, not extreme enough.",
        "intercept": "0 is right; above, the scores are too low; below, too high (where they say one half).",
    }[label]
    value = words.NONE if shown.value is None else words.two(shown.value)
    return tiles.Tile(label=label, value=value, note=note, note_more=f"ideal {ideal:g}", help=_help(shown, meaning))


def _avoidable(part: Measured) -> str:
    return "parts not kept" if part.value is None else f"{words.three(part.value)} miscalibration"


def _help(shown: Measured, meaning: str) -> str:
    if shown.value is None:
        return f"{meaning} {words.plain(shown.note)}."
    interval = "" if shown.low is None else f" 95 % interval {words.interval(shown.low, shown.high, 3)},"
    return f"{meaning}{interval} n = {shown.n:,} rows with an actual. {words.plain(shown.note)}"


def heading(view: CalibrationView) -> None:
    """Draw the state with its reason, and the two questions that a person asks."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="calibration.heading"):
        judged = view.state is not State.NOT_APPLICABLE
        st.markdown(words.badge(view.state) if judged else ":gray-badge[◌ not judged]", width="content")
        st.space("stretch")
        rules = view.rules
        reason = view.verdict or view.immature or "not judged"
        shown = explained.Coloured(state=view.state, reason=reason, rules=rules, facts=dict(view.judged))
        explained.colour_button(shown, key="calibration")
        explained.number_button(_explained(view), key="calibration")
    drift = "" if view.drift == view.verdict else view.drift
    parts = [part for part in (view.verdict, drift and f"against the reference: {drift}") if part]
    st.caption(" · ".join(words.plain(part[:1].upper() + part[1:]) for part in parts))


def _explained(view: CalibrationView) -> explained.Explained:
    error, figures_ = view.figures["ece_debiased"], view.figures
    tests = {f"p, {name}": words.p_value(p) for name, p in view.tests.items()}
    top = "top label: the score of the predicted class against whether it was right"
    return explained.Explained(
        name="Calibration error without chance",
        value=words.three(error.value),
        interval=words.interval(error.low, error.high, 3),
        definition="The mean distance between what the score says and the share that happens, over ten groups with "
        "equally many rows, less what chance alone adds at this number of rows. 0 means that scores are "
        "probabilities. It cannot say that single rows are right: a constant score at the base rate has error 0.",
        formula=r"\max\Big(0,\ \sum_g w_g\,\big(2|\bar y_g-\bar p_g| - E|N(\bar y_g-\bar p_g,\,v_g)|\big)\Big)",
        facts={
            "window": words.window(view.window, view.grain),
            "rows": f"n = {view.n:,} with an actual, of {view.n_rows:,}",
            **({"score": top} if view.task == "multiclass" else {}),
            "as commonly computed (ECE)": words.three(figures_["ece"].value),
            "of a perfect model": words.three(figures_["ece_perfect"].value),
            "ten groups of equal width": words.three(figures_["ece_equal_width"].value),
            "largest of a group (MCE)": words.three(figures_["mce"].value),
            "in the large": words.two(figures_["calibration_in_the_large"].value),
            **tests,
            **({"bound": error.note} if error.note else {}),
        },
        provenance_id=view.provenance_id,
        topic="calibration",
    )


def curves(view: CalibrationView) -> None:
    """Draw the reliability curve beside the error over windows."""
    left, right = st.columns(2, gap="small")
    with left:
        if view.curve is None:
            why = findings.capital(view.reason.removeprefix("not applicable: "))
            notice.nothing_here("No curve to draw", why, key="calibration.no_curve")
        else:
            drawn = figures.reliability_curve(view.curve)
            table = groups_table(view.curve, name="reliability")
            plots.draw(findings.curve_finding(view), drawn, key="calibration.curve", table=table, height=HEIGHT)
    with right:
        if view.series is None or all(value is None for value in view.series.raw):
            notice.nothing_here("No windows to draw", "No window has actuals yet.", key="calibration.no_series")
        else:
            drawn = figures.error_over_windows(view.series)
            table = series_table(view.series)
            plots.draw(findings.series_finding(view), drawn, key="calibration.series", table=table, height=HEIGHT)


def groups_table(curve: Reliability, *, name: str) -> tables.PlotTable:
    """Return the groups of a reliability curve as a table."""
    return tables.PlotTable(
        name=name,
        columns={
            "score above": curve.from_score,
            "score up to": curve.to_score,
            "says": curve.said,
            "happens": curve.happened,
            "happens, low": curve.low,
            "happens, high": curve.high,
            "n": curve.n,
        },
    )


def series_table(series: ErrorSeries) -> tables.PlotTable:
    """Return the error over windows as a table."""
    return tables.PlotTable(
        name="calibration_over_time",
        columns={
            "window": series.labels,
            "error without chance": series.debiased,
            "low": series.low,
            "high": series.high,
            "ECE as defined": series.raw,
            "perfect model": series.perfect,
            "rows with an actual": series.n,
            "labels complete": series.mature,
        },
    )


def parts(view: CalibrationView) -> None:
    """Draw what the population is made of: segments, worst first, or classes; else the groups of the score."""
    if view.segments:
        _segments(view)
    if view.classes:
        st.subheader("Classes", anchor=False)
        _class_table(view)
    if view.curve is None and view.series is not None:
        _windows(view.series)
    if not view.segments and not view.classes and view.curve is not None:
        st.subheader("Groups of the score", anchor=False)
        st.dataframe(
            {name: list(values) for name, values in groups_table(view.curve, name="groups").columns.items()},
            hide_index=True,
            key="calibration.groups",
            column_config={
                name: st.column_config.NumberColumn(name, format="percent")
                for name in ("says", "happens", "happens, low", "happens, high")
            },
        )


def _windows(series: ErrorSeries) -> None:
    """Draw the last windows that have actuals, where the one asked for has none yet."""
    columns = series_table(series).columns
    known = [place for place, value in enumerate(series.raw) if value is not None][::-1][:SHOWN]
    st.subheader("The last windows with actuals", anchor=False)
    st.dataframe(
        {name: [values[place] for place in known] for name, values in columns.items()},
        hide_index=True,
        key="calibration.windows",
        column_config={
            name: st.column_config.NumberColumn(name, format="%.3f")
            for name in ("error without chance", "low", "high", "ECE as defined", "perfect model")
        },
    )


def _segments(view: CalibrationView) -> None:
    st.subheader("Segments, worst first", anchor=False)
    drawable = [row for row in view.segments if row.stretch is not None][:3]
    for column, (place, row) in zip(st.columns(3, gap="small"), enumerate(drawable), strict=False):
        with column:
            plots.draw(
                findings.segment_finding(row),
                figures.reliability_curve(row.curve, small=True),
                key=f"calibration.segment.{place}",
                table=groups_table(row.curve, name="reliability_of_segment"),
                height=SMALL_HEIGHT,
            )
    if drawable:
        st.caption("Across: what the score says. Up: how often it happens. Dashed: where both are the same.")
    everything = len(view.segments) <= SHOWN or bool(st.session_state.get(ALL_KEY))
    rows = view.segments if everything else view.segments[:SHOWN]
    cells = [
        {
            "state": [words.state(row.state)],
            "segment": tables.cell(row.name),
            "n": row.n,
            "says": 100 * row.said,
            "happens": 100 * row.happened,
            "error": row.error.value,
            "interval": words.interval(row.error.low, row.error.high, 3),
            "slope": row.slope.value,
            "note": findings.short_reason(row.reason),
        }
        for row in rows
    ]
    told = {cell["note"] for cell in cells}
    shared = str(told.pop()) if len(cells) > 1 and len(told) == 1 else ""
    if not told:
        cells = [{name: value for name, value in cell.items() if name != "note"} for cell in cells]
    _parts_table(cells, key="calibration.segments", alt="Segments by calibration error, worst first")
    if len(view.segments) > SHOWN:
        st.toggle(f"all {len(view.segments)} segments", key=ALL_KEY, persist_state="session")
    small = f" {words.plural(view.n_small, 'segment')} with fewer than 30 actuals left out." if view.n_small else ""
    of_all = f"{words.plain(findings.capital(shared))}. " if shared else ""
    st.caption(f"{of_all}Scores of a segment are known to hundredths: an error can be off by at most 0.01.{small}")


def _class_table(view: CalibrationView) -> None:
    cells = [
        {
            "segment": tables.cell(row.name),
            "n": row.n,
            "says": 100 * row.said,
            "happens": 100 * row.happened,
            "error": row.error.value,
            "interval": words.interval(row.error.low, row.error.high, 3),
            "slope": row.slope.value,
            "note": row.slope.note if row.slope.value is None else "",
        }
        for row in view.classes
    ]
    if not any(cell["note"] for cell in cells):
        cells = [{name: value for name, value in cell.items() if name != "note"} for cell in cells]
    _parts_table(cells, key="calibration.classes", alt="Classes by calibration error, worst first", what="class")


def _parts_table(cells: Sequence[Mapping[str, Any]], *, key: str, alt: str, what: str = "segment") -> None:
    column = st.column_config
    columns: dict[str, Any] = {
        "state": style.state_column(),
        "segment": column.TextColumn(what, width=210),
        "n": column.NumberColumn("n", width=70, format="localized", help="Rows with an actual."),
        "says": column.NumberColumn("says", width=70, format="%.1f %%", help="Mean score."),
        "happens": column.NumberColumn("happens", width=76, format="%.1f %%", help="Share that happened."),
        "error": column.NumberColumn("error ↓", width=70, format="%.3f", help="Calibration error without chance."),
        "interval": column.TextColumn("95 % interval", width=120, help="95 % interval of the error."),
        "slope": column.NumberColumn("slope", width=64, format="%.2f", help="1 is right."),
        "note": column.TextColumn("note", width=360),
    }
    st.dataframe(
        pl.DataFrame(cells, infer_schema_length=None),
        key=key,
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=columns,
        alt=alt,
    )


def empty(view: CalibrationView) -> None:
    """Draw the designed state of a model or a window that has no calibration."""
    reason = view.why_not or view.reason.removeprefix("not applicable: ")
    heading_words = "Not applicable" if view.why_not else "Too few actuals"
    notice.nothing_here(heading_words, f"{reason[:1].upper()}{reason[1:]}.", key="calibration.empty")
