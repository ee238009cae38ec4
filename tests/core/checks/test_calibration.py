from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import special

from core.calibration.score_bins import ScoreBins, score_bins
from core.checks.calibration import (
    FINDINGS,
    calibration_evidence,
    variation_between,
    verdicts,
    why_no_calibration,
    window_verdicts,
)
from core.checks.limits import load_limits
from core.performance.maturity import Maturity
from core.profile.summing import Summed, summed
from core.selection import MetricQuery
from core.states import State
from core.store.series import load_series
from core.windows import Window
from tests.core.calibration.made_up import counted

MATURE = Maturity(mature=True, coverage=1.0, reason="")
EARLY = Maturity(mature=False, coverage=0.2, reason="labels still arriving")
LIMITS = load_limits()


@pytest.fixture
def series(fleet):
    with fleet.read() as session:
        return load_series(session, MetricQuery(model="churn", window=Window(date(2024, 3, 1), date(2024, 4, 8))),
                           fleet.clock.now())  # fmt: skip


def evidence(series, reference=None, why_not=""):
    return calibration_evidence(
        series.layout, reference or series.reference, series.current, LIMITS, why_not=why_not, dated=True
    )


def flipped(total: Summed, layout) -> Summed:
    """Return the counts with half of the negatives of each bin made positive: the score becomes too low."""
    ints, floats = total.ints.copy(), total.floats.copy()
    counts = layout.ints["score_counts"].of(ints)
    share = np.divide(counts[0] // 2, counts[0], out=np.zeros(counts[0].shape), where=counts[0] > 0)
    for block in (counts, layout.ints["segment_score_counts"].of(ints)):
        moved = block[..., 0, :] // 2
        block[..., 0, :] -= moved
        block[..., 1, :] += moved
    for name in ("score_sums", "score_squares"):
        block = layout.floats[name].of_floats(floats)
        part = block[0] * share
        block[0] -= part
        block[1] += part
    return replace(total, ints=ints, floats=floats)


def test_a_good_model_is_healthy_in_both_checks_and_tells_of_no_segment(series):
    prepared = evidence(series)
    day = series.current.days[5]
    found = verdicts(prepared, 5, Window(day, day + timedelta(days=1)), MATURE)
    assert [one.check for one in found] == ["miscalibration", "calibration_drift"]
    assert {one.state for one in found} == {State.HEALTHY}
    assert all(one.family == "calibration" and one.n == 150 for one in found)


def test_scores_that_became_too_low_are_critical_and_drifted_and_segments_say_so(series):
    whole = flipped(summed(series.current), series.layout)
    window = Window(date(2024, 3, 1), date(2024, 4, 8))
    found = window_verdicts(evidence(series), whole.ints, whole.floats, window, MATURE, n_units=38)
    by_key = {(one.check, *one.segment.values()): one for one in found}
    top = by_key["miscalibration",]
    assert top.state is State.CRITICAL
    assert top.value >= 0.05
    assert "too low" in top.reason
    assert top.ci_low < top.value < top.ci_high
    assert by_key["calibration_drift",].state is State.WARNING
    assert by_key["miscalibration", "basic"].state is State.CRITICAL
    assert top.false_alarms_month == pytest.approx(0.006)


def test_a_segment_that_is_followed_is_told_of_whatever_it_says(series):
    day = series.current.days[5]
    window, key = Window(day, day + timedelta(days=1)), "miscalibration||plan=basic"
    for mature, state in ((MATURE, State.HEALTHY), (EARLY, State.NOT_APPLICABLE)):
        told = {one.key: one for one in verdicts(evidence(series), 5, window, mature, followed={key})}
        assert told[key].raw_state is state
    assert key not in {one.key for one in verdicts(evidence(series), 5, window, MATURE)}


def test_immature_windows_are_not_judged(series):
    day = series.current.days[5]
    found = verdicts(evidence(series), 5, Window(day, day + timedelta(days=1)), EARLY)
    assert {one.state for one in found} == {State.NOT_APPLICABLE}
    assert {one.reason for one in found} == {"labels still arriving"}


def test_a_reference_without_actuals_leaves_drift_unjudged_and_miscalibration_judged(series):
    empty = replace(
        series.reference, ints=np.zeros_like(series.reference.ints), floats=np.zeros_like(series.reference.floats)
    )
    day = series.current.days[5]
    first, second = verdicts(evidence(series, empty), 5, Window(day, day + timedelta(days=1)), MATURE)
    assert first.state is State.HEALTHY
    assert second.state is State.NOT_APPLICABLE
    assert "reference" in second.reason


def test_a_ranking_and_a_regression_are_not_applicable_with_the_reason(series):
    assert why_no_calibration("binary", "ranking") == "the score is not declared a probability"
    assert why_no_calibration("regression", "prediction") == "a regression has no probability"
    prepared = evidence(series, why_not=why_no_calibration("regression", "prediction"))
    found = verdicts(prepared, 0, Window(date(2024, 3, 1), date(2024, 3, 2)), MATURE)
    assert {one.reason for one in found} == {"a regression has no probability"}
    assert {one.state for one in found} == {State.NOT_APPLICABLE}


def days(rng, n_days, shock):
    p = rng.beta(2, 3, (n_days, 400))
    eta = special.logit(p) + shock * rng.standard_normal((n_days, 1))
    y = (rng.random(p.shape) < special.expit(eta)).astype(int)
    parts = [score_bins(counted(y[day], p[day])) for day in range(n_days)]
    names = ("n", "events", "sum_p", "sum_pp", "sum_py", "error")
    return ScoreBins(upper=parts[0].upper, **{name: np.stack([getattr(one, name) for one in parts]) for name in names})


def total(units):
    names = ("n", "events", "sum_p", "sum_pp", "sum_py", "error")
    return ScoreBins(upper=units.upper, **{name: getattr(units, name).sum(0) for name in names})


def test_units_that_differ_beyond_chance_are_told_from_those_that_do_not():
    rng = np.random.default_rng(1)
    calm, stormy = days(rng, 60, 0.0), days(rng, 60, 0.5)
    assert variation_between(total(calm), calm) * 400 < 0.4
    assert variation_between(total(stormy), stormy) * 400 > 3


def test_with_few_units_their_variation_is_not_known():
    stormy = days(np.random.default_rng(1), 13, 0.5)
    assert variation_between(total(stormy), stormy) == 0.0


def test_every_check_has_words_for_the_fleet():
    assert set(FINDINGS) == {code for code, limit in LIMITS.checks.items() if limit.family == "calibration"}
