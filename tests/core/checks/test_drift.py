from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from core.checks.drift import drift_verdicts, judged_unit, prepare, verdicts
from core.checks.drift_judgement import expected_false_alarms, judge_families, psi_false_alarms
from core.checks.limits import load_limits
from core.checks.series import DailyCells, Series, compare, drift_reference
from core.drift.chi_square import pooled_chi_square
from core.drift.psi import psi_excess
from core.performance.maturity import Maturity
from core.states import State
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Grain, Window

LIMITS = load_limits()
DAY = date(2024, 3, 1)
DECILES = np.full(10, 0.1)


def shifted(mu):
    """Return shares of the deciles of N(0, 1) under N(mu, 1)."""
    return np.diff(np.r_[0, stats.norm.cdf(stats.norm.ppf(np.arange(1, 10) / 10) - mu), 1])


def exact(shares, n):
    """Return counts as close to the shares as whole rows allow, and an empty missing cell."""
    counts = np.floor(np.asarray(shares) * n).astype(np.int64)
    counts[0] += n - counts.sum()
    return np.append(counts, 0)


def judged(shares, n, *, m=10_000, limits=LIMITS, series=None, log_days=(), grain=Grain.DAY):
    cells = np.stack([exact(one, n) for one in shares])
    reference = drift_reference(
        DailyCells(days=(date(1970, 1, 1),), cells=np.stack([exact(DECILES, m)] * len(shares))[None]),
        limits.rules,
        dated=False,
    )
    log = DailyCells(days=(*log_days, DAY), cells=np.stack([cells] * (len(log_days) + 1)))
    names = series or [Series(feature=f"x{place}") for place in range(len(shares))]
    window = Window(DAY, DAY + timedelta(days=1))
    return drift_verdicts(reference, log, names, window, limits, first_day=DAY, grain=grain)


def test_the_three_conditions_make_three_states():
    healthy, warning, critical = judged([shifted(0.2), shifted(0.4), shifted(0.8)], 20_000, m=100_000)
    assert [one.raw_state for one in (healthy, warning, critical)] == [State.HEALTHY, State.WARNING, State.CRITICAL]
    assert healthy.reason.startswith("changed, but small: PSI excess 0.04 under the limit 0.10")
    assert warning.limit == 0.10
    assert critical.limit == 0.25
    assert critical.detail == f"PSI {critical.value:.2f} above chance"
    assert all(one.significant for one in (healthy, warning, critical))
    assert "day-to-day variation unknown" in critical.reason
    assert warning.ci_low < warning.value < warning.ci_high


def test_an_unknown_variation_is_told_in_the_units_of_the_log():
    (told,) = judged([shifted(0.2)], 20_000, grain=Grain.BATCH)
    assert told.reason.endswith("slice-to-slice variation unknown")


def test_without_a_change_the_reason_says_so():
    (found,) = judged([DECILES], 1_000)
    assert found.raw_state is State.HEALTHY
    assert found.reason.startswith("no significant change (p = 1.000 adjusted, n = 1,000 against 10,000)")


def test_forty_nine_rows_are_not_applicable_and_fifty_are():
    assert judged([DECILES], 49)[0].raw_state is State.NOT_APPLICABLE
    assert judged([DECILES], 49)[0].reason == "fewer than 50 rows in 28 days"
    assert judged([DECILES], 49)[0].value is None
    assert judged([DECILES], 50)[0].raw_state is State.HEALTHY


def test_the_window_that_was_widened_says_so():
    (found,) = judged([DECILES], 30, log_days=[DAY - timedelta(days=1)])
    assert found.window_start == DAY - timedelta(days=1)
    assert found.n == 60
    assert found.reason.endswith("window widened to 2 days")


def test_below_two_hundred_rows_the_level_is_stricter():
    # an adjusted p between .001 and .01
    shares = shifted(0.5)
    small, large = judged([shares], 105)[0], judged([shares], 240)[0]
    assert 0.001 < small.adjusted_p < 0.01
    assert small.raw_state is State.HEALTHY
    assert large.raw_state in (State.WARNING, State.CRITICAL)


def test_the_family_corrects_for_the_number_of_features():
    shares = shifted(0.43)
    alone = judged([shares], 220)[0]
    among = judged([shares] + [DECILES] * 2_000, 220)[0]
    assert alone.adjusted_p < 0.01 < among.adjusted_p
    assert alone.raw_state is State.WARNING
    assert among.raw_state is State.HEALTHY


def test_the_score_is_a_check_and_a_family_of_its_own():
    series = [Series(feature="x"), Series(feature="score"), Series(feature="score", segment={"origin": "JFK"})]
    found = judged([shifted(1), shifted(1), DECILES], 1_000, series=series)
    assert [one.check for one in found] == ["feature_drift", "prediction_drift", "prediction_drift"]
    assert found[2].segment == {"origin": "JFK"}
    assert found[0].family == found[1].family == "drift"


def test_an_override_moves_the_floor():
    limits = load_limits({"feature_drift": 0.2})
    assert judged([shifted(0.42)], 20_000, limits=limits)[0].raw_state is State.HEALTHY
    assert judged([shifted(0.42)], 20_000)[0].raw_state is State.WARNING


def test_without_a_reference_nothing_is_judged():
    log = DailyCells(days=(DAY,), cells=exact(DECILES, 100)[None, None])
    (found,) = drift_verdicts(
        None, log, [Series(feature="x")], Window(DAY, DAY + timedelta(days=1)), LIMITS, first_day=DAY
    )
    assert (found.raw_state, found.reason) == (State.NOT_APPLICABLE, "no reference")


def test_days_that_wander_in_the_reference_are_not_news():
    rng = np.random.default_rng(5)
    n, mu = 4_000, 0.35 * rng.normal(size=90)
    days = tuple(DAY - timedelta(days=120 - place) for place in range(90))
    cells = np.stack([np.append(rng.multinomial(n, shifted(one)), 0) for one in mu])[:, None]
    wandering = drift_reference(DailyCells(days=days, cells=cells), LIMITS.rules)
    log = DailyCells(days=(DAY,), cells=exact(shifted(0.5), n)[None, None])
    window = Window(DAY, DAY + timedelta(days=1))
    (found,) = drift_verdicts(wandering, log, [Series(feature="x")], window, LIMITS, first_day=DAY)
    assert found.raw_state is State.HEALTHY
    (steady,) = judged([shifted(0.5)], n)
    assert steady.raw_state is not State.HEALTHY


def test_a_seasonal_feature_follows_its_own_last_four_weeks():
    rng = np.random.default_rng(6)
    days = tuple(DAY - timedelta(days=60 - place) for place in range(61))
    cells = np.stack([np.append(rng.multinomial(500, shifted(1.5)), 0) for _ in days])[:, None]
    cells = np.concatenate([cells, cells], 1)
    training = drift_reference(
        DailyCells(days=(date(1970, 1, 1),), cells=np.stack([exact(DECILES, 9_000)] * 2)[None]),
        LIMITS.rules,
        dated=False,
    )
    series = [Series(feature="temp", seasonal=True), Series(feature="x")]
    window = Window(DAY, DAY + timedelta(days=1))
    found = drift_verdicts(training, DailyCells(days=days, cells=cells), series, window, LIMITS, first_day=days[0])
    assert [one.raw_state for one in found] == [State.HEALTHY, State.CRITICAL]
    early = drift_verdicts(training, DailyCells(days=days, cells=cells), series, window, LIMITS, first_day=days[40])
    assert early[0].reason == "seasonal: judged after the version's first 28 days"


def test_expected_false_alarms_agree_with_a_simulation_of_single_windows():
    # psi excess >= .1 at n = 100 against 10,000 rows without any test: pi of the formula
    rng = np.random.default_rng(7)
    crossed = psi_excess(rng.multinomial(10_000, DECILES, 40_000), rng.multinomial(100, DECILES, 40_000)) >= 0.1
    scale = np.array(1 / 100 + 1 / 10_000)
    pi = stats.chi2.sf(0.1 / scale + 9, 9)
    assert crossed.mean() == pytest.approx(pi, rel=0.25)
    expected = 30 * 2 * min(pi, 0.01) ** 2 + 30 * min(stats.chi2.sf(0.25 / scale + 9, 9), 0.001)
    assert float(
        psi_false_alarms(LIMITS["feature_drift"], LIMITS.rules, freedom=np.array(9), scale=scale)
    ) == pytest.approx(expected)


def test_the_false_alarms_of_a_family_are_at_most_thirty_times_its_level():
    found = judged([DECILES] * 300, 60)
    assert expected_false_alarms(found, LIMITS.rules) == pytest.approx(0.3)
    assert expected_false_alarms(judged([DECILES] * 3, 5_000), LIMITS.rules) < 1e-6
    decisions = [replace(one, check="decision_drift") for one in found]
    assert expected_false_alarms([*found, *decisions], LIMITS.rules) == pytest.approx(0.6)  # two families


def test_a_feature_that_is_missing_altogether_is_left_to_the_missing_check():
    empty = np.append(np.zeros(10, np.int64), 500)
    reference = drift_reference(
        DailyCells(days=(date(1970, 1, 1),), cells=exact(DECILES, 10_000)[None, None]), LIMITS.rules, dated=False
    )
    window = Window(DAY, DAY + timedelta(days=1))
    log = DailyCells(days=(DAY,), cells=empty[None, None])
    (found,) = drift_verdicts(reference, log, [Series(feature="x")], window, LIMITS, first_day=DAY)
    assert found.raw_state is State.NOT_APPLICABLE
    assert "every value is missing" in found.reason


def test_the_features_of_all_segments_are_one_family_and_the_scores_another():
    rng = np.random.default_rng(8)
    n = 40
    scores = np.arange(n) % 10 == 9  # four segments of nine features and the score
    cells = rng.multinomial(300, [0.25] * 4, size=(1, n)) @ np.eye(4, 5, dtype=int)
    known = rng.multinomial(9_000, [0.25] * 4, size=(1, n)) @ np.eye(4, 5, dtype=int)
    days = (date(2024, 3, 4),)
    comparison = compare(
        drift_reference(DailyCells(days=days, cells=known), LIMITS.rules),
        DailyCells(days=days, cells=cells),
        days[0],
        days[0] + timedelta(days=1),
        LIMITS.rules,
    )
    codes = np.where(scores, "prediction_drift", "feature_drift")
    together = judge_families(comparison, codes, LIMITS)
    p = pooled_chi_square(known[0], cells[0]).p_value()
    assert together.p == pytest.approx(p)
    assert together.adjusted_p[~scores] == pytest.approx(benjamini_hochberg(p[~scores]))
    assert together.adjusted_p[scores] == pytest.approx(benjamini_hochberg(p[scores]))


MATURE, WAITING = (
    Maturity(mature=mature, coverage=1.0, reason=reason) for mature, reason in ((True, ""), (False, "labels arriving"))
)


def last(evidence):
    day = evidence.log.days[-1]
    return len(evidence.log.days) - 1, Window(day, day + timedelta(days=1))


def test_a_unit_is_judged_with_its_segments_its_outcomes_and_its_slow_drift(evidence):
    prepared = prepare(evidence)
    found = verdicts(prepared, *last(evidence), MATURE)
    whole = [(one.check, one.feature) for one in found if not one.segment]
    assert whole[:6] == [
        ("feature_drift", "income"), ("feature_drift", "age"), ("feature_drift", "plan"),
        ("prediction_drift", "score"), ("decision_drift", "decision"), ("label_drift", "actual"),
    ]  # fmt: skip
    assert {check for check, _ in whole[6:]} == {"feature_drift_slow", "feature_drift_ewma"}
    shifted_segments = {one.segment["plan"] for one in found if one.segment and one.feature == "income"}
    assert "basic" in shifted_segments
    assert not [one for one in found if one.segment and one.feature == "plan"]  # it cannot move within a plan
    assert len([one for one in found if one.segment]) < prepared.n_segment_series
    assert {one.raw_state for one in found if one.segment} <= {State.WARNING, State.CRITICAL, State.HEALTHY}


def test_actuals_are_judged_when_they_are_mature(evidence):
    found = {one.check: one for one in verdicts(prepare(evidence), *last(evidence), WAITING)}
    assert (found["label_drift"].raw_state, found["label_drift"].reason) == (State.NOT_APPLICABLE, "labels arriving")
    early = verdicts(prepare(evidence), 5, Window(evidence.log.days[5], evidence.log.days[6]), MATURE)
    assert next(one for one in early if one.check == "label_drift").raw_state is State.HEALTHY


def test_a_followed_segment_is_told_although_nothing_changed(evidence):
    prepared = prepare(evidence)
    day = Window(evidence.log.days[5], evidence.log.days[6])
    key = "feature_drift|income|plan=basic"
    assert key not in {one.key for one in verdicts(prepared, 5, day, MATURE)}
    followed = {one.key: one for one in verdicts(prepared, 5, day, MATURE, followed={key, "recall_change||plan=basic"})}
    assert followed[key].raw_state is State.HEALTHY


def test_a_segment_below_fifty_rows_is_suppressed_and_never_widened():
    days = tuple(DAY - timedelta(days=2 - place) for place in range(3))
    cells = np.stack([np.stack([exact(DECILES, 30)] * 2)] * 3)
    reference = drift_reference(
        DailyCells(days=(date(1970, 1, 1),), cells=np.stack([exact(DECILES, 9_000)] * 2)[None]),
        LIMITS.rules,
        dated=False,
    )
    series = [Series(feature="x"), Series(feature="x", segment={"s": "a"})]
    comparison, judgement = judged_unit(
        reference, DailyCells(days=days, cells=cells), series, Window(DAY, DAY + timedelta(days=1)), LIMITS,
        first_day=days[0], widening=np.array([True, False]),
    )  # fmt: skip
    assert comparison.reason.tolist() == ["", "suppressed: fewer than 50 rows"]
    assert comparison.width.tolist() == [2, 1]
    assert judgement.level.tolist() == [1, 0]


def test_what_the_model_never_decides_or_hears_says_so():
    empty, some = np.zeros(3, np.int64), np.array([600, 400, 0])
    reference = drift_reference(
        DailyCells(days=(date(1970, 1, 1),), cells=np.stack([empty, some])[None]), LIMITS.rules, dated=False
    )
    log = DailyCells(days=(DAY,), cells=np.stack([some, empty])[None])
    series = [Series(feature="actual"), Series(feature="decision")]
    found = drift_verdicts(reference, log, series, Window(DAY, DAY + timedelta(days=1)), LIMITS, first_day=DAY)
    assert [one.reason for one in found] == ["the reference holds no actuals", "no decisions in the window"]
