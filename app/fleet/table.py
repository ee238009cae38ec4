"""The fleet as a table, worst first; a click on a state opens the page of its cause."""

from typing import Any

import polars as pl
import streamlit as st

from app import choices, navigation, style, tables, words
from app.fleet.views import FleetRow, FleetView
from app.views import Selection
from core.states import SEVERITY

KEY = "fleet.table"
FAMILIES = {
    "service": "service",
    "quality": "data",
    "drift": "drift",
    "performance": "perf",
    "calibration": "calib",
    "fairness": "fair",
}
"""Families with a column of their own; the finding of another one is told under `why`."""
PAGES = {
    "service": "service",
    "quality": "quality",
    "drift": "drift",
    "performance": "performance",
    "calibration": "calibration",
    "attribution": "explain",
    "fairness": "fairness",
}
"""URL of the page on which a family's findings are looked at."""
FAIRNESS = "fairness"
TREND_LIMIT = 0.06
RELATIVE_LIMIT = 0.3
LAST = "the last 30 closed days (years or slices of a log without days)"


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
        "model": tables.cell(f"{row.model} · staged" if row.staged else row.model),
        "tier": row.tier,
        "why": tables.cell(words.short_finding(row.why)),
        **{FAMILIES[family]: _state(row, family) for family in families},
        "volume": list(row.volume),
        "trend": _trend(row) or None,
        "value": _value(row),
        "interval": _interval(row) if row.value is not None else _why_none(row),
        "actuals": words.unit(row.actuals_until, row.grain, year=False) if row.actuals_until else "none",
    }


def _value(row: FleetRow) -> str:
    if row.value is None:
        return words.NONE
    name = words.metric(row.metric).removeprefix("ROC ").removesuffix(" (macro)")
    return f"{name} {words.metric_value(row.metric, row.value)}"


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
        FAMILIES[family]: column.TextColumn(
            FAMILIES[family], width=52 if family == "service" else 46, alignment="center", help=_FAMILY_HELP[family]
        )
        for family in families
    }
    return {
        "state": style.state_column(),
        "model": column.TextColumn("model", width=146),
        "tier": column.NumberColumn("tier", width=40, help="Risk tier: 1 is the highest."),
        "why": column.TextColumn("why", width=186),
        **glyphs,
        "volume": column.AreaChartColumn(
            "volume",
            width=50,
            y_min=0,
            color=style.MID_GREY,
            help="Predictions of each of the last 30 closed days (years or slices of a log without days).",
        ),
        "trend": column.LineChartColumn(
            "trend",
            width=54,
            y_min=-TREND_LIMIT,
            y_max=TREND_LIMIT,
            color="blue",
            help=f"The headline metric of each of {LAST} less its own mean. The height is "
            f"± {TREND_LIMIT} in every row, ± {RELATIVE_LIMIT:.0%} of the mean for an error in units.",
        ),
        "value": column.TextColumn(
            "headline",
            width=84,
            help=f"The headline metric of the model's task over {LAST}: ROC AUC, macro F1 or mean absolute error.",
        ),
        "interval": column.TextColumn("95 % interval", width=102),
        "actuals": column.TextColumn(
            "actuals", width=60, help="Last closed day, year or slice of which an actual is known."
        ),
    }


_FAMILY_HELP = {
    "service": "Latency and errors.",
    "quality": "Missing, unseen, out-of-range and late data, changed units, volume.",
    "drift": "Features and predictions against their reference.",
    "performance": "Metrics on rows whose actual is known.",
    "calibration": "Whether a score of 30 % happens in 30 % of the rows.",
    "fairness": "Whether groups of a protected attribute are decided on differently.",
}


def _open(view: FleetView) -> None:
    """Go to the cause of the clicked cell; runs once, as a callback, so that coming back does not loop.

    A state opens its own family's page, any other cell the page of the model's worst finding. A model without a
    version has no page to go to.
    """
    cells = st.session_state[KEY]["selection"]["cells"]
    row = view.rows[cells[0][0]] if cells else None
    if row is None or not row.version:
        return
    family = next((name for name, shown in FAMILIES.items() if shown == cells[0][1]), row.worst_family)
    cause = next((found.cause for found in row.families if found.family == family), row.cause)
    st.switch_page(navigation.path(page_of(family)), query_params=link(row, family, cause))


def legend(view: FleetView) -> str:
    """Return what a click does, and what staged means where it stands in the table."""
    told = "A click on a state opens the page of its family, any other cell the page of the worst finding."
    if any(_held_back(row) for row in view.rows):
        told += (
            " Drift of features alone makes a model a warning at most, until its score or its performance moves too."
        )
    if any(row.staged for row in view.rows):
        told += " Staged: an invented sample whose incidents were put in by us."
    return told


def _held_back(row: FleetRow) -> bool:
    """Say whether a model shows a milder state than its drift, which nothing but its features caused."""
    drift = next((found.state for found in row.families if found.family == "drift"), row.state)
    return SEVERITY[drift] > SEVERITY[row.state]


def page_of(family: str) -> str:
    """Return the URL of the page of a family's findings."""
    return PAGES.get(family, "drift")


def link(row: FleetRow, family: str, feature: str) -> dict[str, str]:
    """Return the parameters of a link to a finding of a family, with the feature that it is about, if any.

    The selection is what the finding is of: the last closed window against training, everybody. A protected column is
    never named in a link: the page of fairness begins with the worst one.
    """
    selected = Selection(
        model=row.model,
        version=row.version,
        window=choices.windows(row.grain)[0],
        reference=choices.references(row.grain)[0],
        segment=choices.ALL_SEGMENTS,
    )
    return {**selected.query(), **({"feature": feature} if feature and family != FAIRNESS else {})}
