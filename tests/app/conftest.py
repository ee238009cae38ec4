"""Made-up views: they show the form of a page, never anybody's numbers."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest

from app.drift.views import Change, DriftLimits, DriftRow, DriftView, FeatureView, Standing
from app.fleet.views import FamilyState, FleetRow, FleetView
from core.drift.display import Distribution, DriftSeries, LimitLine
from core.states import State
from core.windows import Grain, Window

AS_OF = datetime(2013, 12, 31, 17, 4, tzinfo=UTC)
LAST = date(2013, 12, 30)
LIMITS = DriftLimits(warning=0.1, critical=0.25, level=0.01, min_n=50, source="default limits, version 1", missing=0.01)
CELLS = ("below 1", "1 to 4", "4 to 6", "6 to 8", "8 to 9", "9 to 11", "11 to 13", "13 to 16", "16 to 20", "20 to 40")


def made_up_drift_row(feature: str, shift: float, **changes: object) -> DriftRow:
    excess = shift
    state = State.CRITICAL if excess >= 0.25 else State.WARNING if excess >= 0.1 else State.HEALTHY
    shifted = [0.1 + 0.06 * excess * (place - 4.5) for place in range(10)]
    values: dict[str, object] = {
        "feature": feature,
        "numeric": True,
        "seasonal": False,
        "state": state,
        "raw_state": state,
        "reason": f"PSI excess {excess:.2f} against the limit 0.10",
        "importance": 0.3,
        "impact": 0.3 * excess,
        "psi": excess + 0.01,
        "psi_low": max(excess - 0.02, 0.0),
        "psi_high": excess + 0.04,
        "excess": excess,
        "excess_low": max(excess - 0.03, 0.0),
        "excess_high": excess + 0.03,
        "judged": excess,
        "judged_low": max(excess - 0.03, 0.0),
        "judged_high": excess + 0.03,
        "ks": 0.4 * excess,
        "missing_reference": 0.002,
        "missing_current": 0.004,
        "reference_share": (0.1,) * 10,
        "current_share": tuple(shifted),
        "n_reference": 80_789,
        "n": 972,
        "since": LAST - timedelta(days=26) if excess >= 0.1 else None,
        "compared_with": "training",
        "training_outside": None,
        "adjusted_p": 3e-9 if excess > 0.1 else 0.2,
        "false_alarms_month": 0.013,
        "provenance_id": "9f3a12c4",
        "meaning": "made up for a test",
        **changes,
    }
    return DriftRow(**values)  # type: ignore[arg-type]


def made_up_drift_view(rows: tuple[DriftRow, ...] | None = None, **changes: object) -> DriftView:
    if rows is None:
        rows = (
            made_up_drift_row("wind_speed", 0.34, importance=0.42, impact=0.143),
            made_up_drift_row("visib", 0.18, importance=0.21, impact=0.038),
            made_up_drift_row(
                "temp",
                0.03,
                seasonal=True,
                compared_with="the 28 days before",
                psi=1.02,
                psi_low=0.94,
                psi_high=1.1,
                excess=1.01,
                training_outside=0.61,
            ),
            *(made_up_drift_row(f"feature_{number}", 0.01 / number) for number in range(1, 9)),
            made_up_drift_row(
                "precip",
                0.0,
                state=State.NOT_APPLICABLE,
                raw_state=State.NOT_APPLICABLE,
                reason="n = 12 rows, at least 50 are needed",
                psi=None,
                psi_low=None,
                psi_high=None,
                excess=None,
                judged=None,
                judged_low=None,
                judged_high=None,
                impact=None,
                ks=None,
                since=None,
            ),
        )
    values: dict[str, object] = {
        "model": "flight-delay",
        "version": "v1",
        "grain": Grain.DAY,
        "window": Window(LAST, LAST + timedelta(days=1)),
        "n": 972,
        "n_reference": 80_789,
        "reference": "training",
        "segment": "all",
        "rows": rows,
        "score": made_up_drift_row("score", 0.08),
        "performance": Change(
            metric="ROC AUC", value=0.688, low=0.641, high=0.731, n=940, reference=0.702, state=State.NOT_APPLICABLE
        ),
        "over_before": 1,
        "false_alarms_month": 0.21,
        "limits": LIMITS,
        "removed": "",
        "provisional": False,
        **changes,
    }
    return DriftView(**values)  # type: ignore[arg-type]


def made_up_feature_view(row: DriftRow) -> FeatureView:
    days = [LAST - timedelta(days=back) for back in range(59, -1, -1)]
    top = row.excess or 0.0
    excess = [0.02 + top / (1 + math.exp(-(place - 34) / 3)) + 0.01 * math.sin(place) for place in range(60)]
    return FeatureView(
        row=row,
        distribution=Distribution(
            names=(*CELLS, "missing"),
            reference_share=(0.0, *(0.11,) * 9, 0.01),
            current_share=(0.02, 0.05, 0.06, 0.08, 0.1, 0.11, 0.13, 0.15, 0.16, 0.13, 0.01),
            boundaries=(1, 4, 6, 8, 9, 11, 13, 16, 20),
            n_missing_cells=1,
            n_reference=row.n_reference,
            n_current=row.n,
            unit="kn",
        ),
        series=DriftSeries(
            starts=tuple(days),
            labels=tuple(day.isoformat() for day in days),
            excess=tuple(None if place == 11 else value for place, value in enumerate(excess)),
            low=tuple(None if place == 11 else max(value - 0.03, 0) for place, value in enumerate(excess)),
            high=tuple(None if place == 11 else value + 0.03 for place, value in enumerate(excess)),
            n=tuple(900 + 60 * (place % 7) for place in range(60)),
            states=tuple(State.CRITICAL if value > 0.25 else State.HEALTHY for value in excess),
            limits=(
                LimitLine(name="warning", value=0.1, state=State.WARNING),
                LimitLine(name="critical", value=0.25, state=State.CRITICAL),
            ),
        ),
        phi=1.31,
        n_cells=11,
        standings=tuple(
            Standing(label=f"{day:%-d %b}", raw_state=State.CRITICAL, state=row.state) for day in days[-3:]
        ),
        limits=LIMITS,
    )


def made_up_fleet_row(model: str, state: State, **changes: object) -> FleetRow:
    values: dict[str, object] = {
        "model": model,
        "version": "v1",
        "tier": 3,
        "owner": "made-up",
        "state": state,
        "state_before": State.HEALTHY,
        "why": "wind_speed drifted (impact 0.14) since 4 Dec" if state is not State.HEALTHY else "",
        "cause": "wind_speed" if state is not State.HEALTHY else "",
        "families": (
            FamilyState(family="quality", state=State.HEALTHY),
            FamilyState(family="drift", state=state),
            FamilyState(family="performance", state=State.NOT_APPLICABLE, reason="no actuals yet"),
        ),
        "volume": tuple(900 + 40 * (place % 7) for place in range(30)),
        "days": tuple(0.69 + 0.01 * math.sin(place) for place in range(30)),
        "value": 0.6884,
        "metric": "roc_auc",
        "low": 0.679,
        "high": 0.697,
        "n": 27_311,
        "value_reason": "",
        "actuals_until": LAST,
        "grain": Grain.DAY,
        **changes,
    }
    return FleetRow(**values)  # type: ignore[arg-type]


def made_up_fleet_view(rows: tuple[FleetRow, ...] | None = None) -> FleetView:
    if rows is None:
        rows = (made_up_fleet_row("flight-delay", State.WARNING),)
    return FleetView(rows=rows, predictions=972, predictions_week_before=951, as_of=AS_OF)


@pytest.fixture
def drift_view() -> DriftView:
    return made_up_drift_view()


@pytest.fixture
def fleet_view() -> FleetView:
    return made_up_fleet_view()


@pytest.fixture
def feature_view(drift_view: DriftView) -> FeatureView:
    return made_up_feature_view(drift_view.rows[0])
