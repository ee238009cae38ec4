import numpy as np

from app.drift.metric_lines import NO_ORDER, metric_lines
from core.drift.feature import counted_drift
from core.windows import Grain


def told(p_value, grain=Grain.DAY):
    drift = counted_drift(("no", "yes", "missing"), np.array([900, 100, 0]), np.array([160, 40, 0]))
    return {line.name: line for line in metric_lines(drift, p_value=p_value, unit="", grain=grain)}, drift


def test_every_metric_is_told_and_what_has_no_order_says_so():
    lines, drift = told(0.0004)
    assert lines["PSI"].value == f"{float(drift.psi):.2f}"
    assert lines["Wasserstein distance"].note == NO_ORDER
    assert "p below 0.001" in lines["chi-square"].note
    assert "p –" in told(float("nan"))[0]["chi-square"].note


def test_the_correction_is_named_after_the_units_of_the_log():
    lines, _ = told(0.2, Grain.YEAR)
    assert lines["chi-square"].note.endswith("corrected for year-to-year variation")
