from datetime import date

import numpy as np

from core.checks.drift import check_codes
from core.checks.limits import load_limits
from core.checks.series import DailyCells, Series
from core.drift.points import METRICS, NO_FINE_BINS, window_points
from core.drift.study import study
from core.performance.maturity import Maturity
from core.selection import Reference
from core.states import State
from core.windows import Grain, Window

DAY = date(2024, 1, 29)


def points(mature, grain=Grain.DAY):
    series = (Series(feature="x", segment={"s": "a"}), Series(feature="actual"))
    trained = DailyCells(days=(date(1970, 1, 1),), cells=np.array([[[900, 900, 0], [900, 900, 0]]]))
    log = DailyCells(days=(DAY,), cells=np.array([[[500, 500, 0], [900, 100, 0]]]))
    (one,) = study(
        trained, log, [Window(DAY, date(2024, 1, 30))], Reference(), load_limits(),
        codes=check_codes(series), dated=False, grain=grain,
    )  # fmt: skip
    found = window_points(
        one, series, {}, row=0, grain=grain, mature=mature, provisional=False, provenance_id="p"
    )  # fmt: skip
    return {(point.feature, point.metric): point for point in found}


def test_every_metric_of_every_series_is_told_with_its_reason():
    found = points(Maturity(mature=True, coverage=1.0, reason=""))
    assert set(found) == {(feature, metric) for feature in ("x", "actual") for metric in METRICS}
    assert found["x", "ks_statistic"].reason.startswith(NO_FINE_BINS)
    assert found["actual", "psi"].status is State.CRITICAL or found["actual", "psi"].status is State.WARNING


def test_actuals_still_arriving_are_told_without_a_verdict():
    found = points(Maturity(mature=False, coverage=0.4, reason="labels still arriving: due 1 day after the window"))
    assert found["actual", "psi"].status is State.HEALTHY
    assert found["actual", "psi"].value > 0.5
    assert "no verdict: labels still arriving" in found["actual", "psi"].reason
    assert "no verdict" not in found["x", "psi"].reason


def test_an_unknown_variation_is_told_in_the_units_of_the_log():
    found = points(Maturity(mature=True, coverage=1.0, reason=""), Grain.YEAR)
    assert found["x", "psi"].reason == "year-to-year variation unknown"
