"""The tables behind the plots of the Drift page."""

from app.tables import PlotTable
from core.drift.detail import Where
from core.drift.display import Distribution, DriftSeries


def distribution_table(shown: Distribution, *, name: str) -> PlotTable:
    """Return the shares of both sides by cell."""
    return PlotTable(
        name=f"{name}-distribution",
        columns={
            "cell": shown.names,
            "reference share": shown.reference_share,
            "current share": shown.current_share,
            "reference rows": [round(share * shown.n_reference) for share in shown.reference_share],
            "current rows": [round(share * shown.n_current) for share in shown.current_share],
        },
    )


def series_table(series: DriftSeries, *, name: str) -> PlotTable:
    """Return the value of each window with its interval, rows and state."""
    return PlotTable(
        name=f"{name}-windows",
        columns={
            "window": series.labels,
            series.name: series.excess,
            "95 % low": series.low,
            "95 % high": series.high,
            "rows": series.n,
            "state": [state.value for state in series.states],
        },
    )


def where_table(found: Where, *, name: str) -> PlotTable:
    """Return how much of the drift each segment carries."""
    return PlotTable(
        name=f"{name}-segments",
        columns={
            "segment column": [one.column for one in found.segments],
            "value": [one.value for one in found.segments],
            "share of the drift": [one.share for one in found.segments],
            "PSI above chance": [one.excess for one in found.segments],
            "95 % low": [one.low for one in found.segments],
            "95 % high": [one.high for one in found.segments],
            "rows": [one.n for one in found.segments],
            "reference rows": [one.m for one in found.segments],
        },
    )
