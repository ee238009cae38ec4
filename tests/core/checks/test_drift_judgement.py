import numpy as np
import pytest
from scipy import stats

from core.checks.drift_judgement import judge_cells, psi_false_alarms
from core.checks.limits import load_limits
from core.drift.design_factor import DayVariation, no_variation

LIMITS = load_limits()
LIMIT, RULES = LIMITS["feature_drift"], LIMITS.rules


def judged(current, reference, variation, applies=None):
    applies = np.ones(current.shape[:-1], bool) if applies is None else applies
    return judge_cells(reference, current, variation, applies=applies, limit=LIMIT, rules=RULES)


def test_a_stack_of_windows_is_judged_as_each_of_them():
    rng = np.random.default_rng(1)
    reference = rng.multinomial(9_000, [0.2] * 5, size=6)
    current = rng.multinomial(300, [0.3, 0.1, 0.2, 0.2, 0.2], size=(4, 6))
    whole = judged(current, reference, no_variation((6,)))
    for row in range(4):
        alone = judged(current[row], reference, no_variation((6,)))
        assert np.array_equal(whole.adjusted_p[row], alone.adjusted_p)
        assert np.array_equal(whole.level[row], alone.level)


def test_what_does_not_apply_is_no_member_of_the_family():
    rng = np.random.default_rng(2)
    reference = rng.multinomial(9_000, [0.2] * 5, size=3)
    current = rng.multinomial(300, [0.24, 0.16, 0.2, 0.2, 0.2], size=3)
    found = judged(current, reference, no_variation((3,)), np.array([True, False, False]))
    assert found.adjusted_p[0] == found.p[0]
    assert np.isnan(found.p[1:]).all()
    assert found.level.tolist()[1:] == [0, 0]


def test_days_that_wander_in_one_direction_need_a_stranger_day():
    reference, current = np.full((1, 10), 9_000), np.array([[60, 70, 80, 90, 100, 100, 110, 120, 130, 140]])
    tau = np.array([0.003])
    moves = {"n_days": np.array([60]), "known": np.array([True]), "tau_squared": tau}
    all_ways = judged(current, reference, DayVariation(second_moment=tau**2, **moves))
    one_way = judged(current, reference, DayVariation(second_moment=9 * tau**2, **moves))
    assert all_ways.phi == one_way.phi
    assert all_ways.p[0] < 0.5 * one_way.p[0]
    assert all_ways.freedom_share[0] == pytest.approx(1.0)
    assert one_way.freedom_share[0] < 0.4


def test_fewer_degrees_of_freedom_expect_more_false_alarms():
    scale, freedom = np.array(0.006), np.array(9)
    plain = psi_false_alarms(LIMIT, RULES, freedom=freedom, scale=scale)
    single = psi_false_alarms(LIMIT, RULES, freedom=freedom, scale=scale, share=1 / 9)
    assert single > plain
    warning = min(stats.chi2.sf((0.10 / 0.006 + 9) / 9, 1), RULES.significance)
    critical = min(stats.chi2.sf((0.25 / 0.006 + 9) / 9, 1), RULES.critical_p)
    assert float(single) == pytest.approx(30 * 2 * warning**2 + 30 * critical)
    at_once = psi_false_alarms(LIMITS["feature_drift_slow"], RULES, freedom=freedom, scale=scale)
    assert float(at_once) == pytest.approx(30 * min(stats.chi2.sf(0.05 / 0.006 + 9, 9), RULES.significance))
