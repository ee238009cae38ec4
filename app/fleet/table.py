"""The fleet as a table, worst first; a click on a state opens the page of its cause."""

from typing import Any

import polars as pl
import streamlit as st

from app import choices, navigation, style, words
from app.fleet.views import FleetRow, FleetView
from app.views import Selection

KEY = "fleet.table"
FAMILIES = {"service": "service", "quality": "data", "drift": "drift", "performance": "perf"}
TREND_LIMIT = 0.06
RELATIVE_LIMIT = 0.3
OPENS = "drift"


def draw(view: FleetView) -> None:
    """Draw the table."""
    families = [family for family in FAMILIES if any(_state(row, family) for row in view.rows)]
    frame = pl.DataFrame([_cells(row, families) for row in view.rows], infer_schema_length=None)
    st.dataframe(
        frame.to_pandas().style.map(style.glyph_css, subset=[FAMILIES[family] for family in families]),
        key=KEY,
        on_select=lambda: _open(view),
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=_columns(families),
        alt="Models, worst state first",
    )


def _state(row: FleetRow, family: str) -> str:
    return next((words.GLYPHS[found.state] for found in row.families if found.family == family), "")


def _cells(row: FleetRow, families: list[str]) -> dict[str, Any]:
    return {
        "state": [words.state(row.state)],
        "model": row.model,
        "tier": row.tier,
        "why": row.why,
        **{FAMILIES[family]: _state(row, family) for family in families},
        "volume": list(row.volume),
        "trend": _trend(row) or None,
        "metric": words.metric(row.metric) if row.metric else words.NONE,
        "value": words.metric_value(row.metric, row.value) if row.value is not None else words.NONE,
        "interval": _interval(row) if row.value is not None else _why_none(row),
        "actuals": words.day(row.actuals_until, year=False) if row.actuals_until else "none",
    }


def _trend(row: FleetRow) -> list[float]:
    """Return the headline metric of each unit less its own mean; relative to the mean where it has a unit."""
    known = [value for value in row.days if value is not None]
    if not known:
        return []
    mean = sum(known) / len(known)
    scale = abs(mean) * RELATIVE_LIMIT / TREND_LIMIT if words.has_unit(row.metric) and mean else 1.0
    return [(value - mean) / scale for value in known]


def _interval(row: FleetRow) -> str:
    if row.low is None or row.high is None:
        return words.NONE
    return f"{words.metric_value(row.metric, row.low)} to {words.metric_value(row.metric, row.high)}"


def _why_none(row: FleetRow) -> str:
    """Return why there is no value; before the first judged window the column `why` says it already."""
    return row.value_reason.removeprefix("not applicable: ") if row.volume else ""


def _columns(families: list[str]) -> dict[str, Any]:
    column = st.column_config
    glyphs = {
        FAMILIES[family]: column.TextColumn(FAMILIES[family], width=48, alignment="center", help=_FAMILY_HELP[family])
        for family in families
    }
    return {
        "state": style.state_column(),
        "model": column.TextColumn("model", width=102),
        "tier": column.NumberColumn("tier", width=40, help="Risk tier: 1 is the highest."),
        "why": column.TextColumn("why", width=330),
        **glyphs,
        "volume": column.AreaChartColumn(
            "volume", width=74, y_min=0, color=style.MID_GREY, help="Predictions a day, last 30 closed days."
        ),
        "trend": column.LineChartColumn(
            "trend",
            width=78,
            y_min=-TREND_LIMIT,
            y_max=TREND_LIMIT,
            color="blue",
            help="The headline metric a day less its own mean, last 30 closed days. The height is "
            f"± {TREND_LIMIT} in every row, ± {RELATIVE_LIMIT:.0%} of the mean for an error in units.",
        ),
        "metric": column.TextColumn("metric", width=74, help="The headline metric of the model's task."),
        "value": column.TextColumn("value", width=58, help="The headline metric of the last 30 closed days."),
        "interval": column.TextColumn("95 % interval", width=112),
        "actuals": column.TextColumn("actuals to", width=68, help="Last closed day of which an actual is known."),
    }


_FAMILY_HELP = {
    "service": "Latency and errors.",
    "quality": "Missing, unseen and out-of-range values.",
    "drift": "Features and predictions against their reference.",
    "performance": "Metrics on rows whose actual is known.",
}


def _open(view: FleetView) -> None:
    """Go to the cause of the clicked row; runs once, as a callback, so that coming back does not loop.

    A model without a version has no page to go to.
    """
    cells = st.session_state[KEY]["selection"]["cells"]
    row = view.rows[cells[0][0]] if cells else None
    if row is not None and row.version:
        st.switch_page(navigation.path(OPENS), query_params=link(row, row.cause))


def link(row: FleetRow, feature: str) -> dict[str, str]:
    """Return the parameters of a link to a finding of this row, with the feature that it is about, if any.

    The selection is what the finding is of: the last closed window against training, everybody.
    """
    selected = Selection(
        model=row.model,
        version=row.version,
        window=choices.windows(row.grain)[0],
        reference=choices.references(row.grain)[0],
        segment=choices.ALL_SEGMENTS,
    )
    return {**selected.query(), **({"feature": feature} if feature else {})}
