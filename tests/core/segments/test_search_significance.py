import numpy as np
import pytest
from scipy.stats import false_discovery_control, hypergeom, norm, ttest_ind

from core.segments.search_candidates import candidates
from core.segments.search_losses import LossKind
from core.segments.search_significance import Sums, gap_error, one_sided_p, significance, sums_of
from tests.core.segments.made_rows import broken, levels, rows

ROWS = rows(3_000, seed=1, weak=broken)
SEARCHED = candidates(ROWS, levels(ROWS, ROWS))
WRONG = (np.asarray(ROWS["decision"]) != np.asarray(ROWS["actual"])).astype(float)


def test_shares_have_the_exact_p_and_the_correction_is_over_everything():
    found = significance(SEARCHED, WRONG, LossKind.ERROR)
    hits = [WRONG[SEARCHED.rows_of(place)].sum() for place in range(len(SEARCHED.n))]
    expected = hypergeom.sf(np.array(hits) - 1, 3_000, WRONG.sum(), SEARCHED.n)
    assert found.p == pytest.approx(expected, abs=1e-9)
    assert found.adjusted_p == pytest.approx(false_discovery_control(expected), abs=1e-9)


def test_means_have_welchs_p():
    loss = np.random.default_rng(0).exponential(1.0, 3_000) + WRONG
    found = significance(SEARCHED, loss, LossKind.LOG_LOSS)
    for place in range(0, len(SEARCHED.n), 17):
        inside = SEARCHED.rows_of(place)
        expected = ttest_ind(loss[inside], loss[~inside], equal_var=False, alternative="greater").pvalue
        assert found.p[place] == pytest.approx(expected, abs=1e-9)


def test_harm_is_the_deficit_times_rows_and_orders_what_is_significant():
    found = significance(SEARCHED, WRONG, LossKind.ERROR)
    inside = SEARCHED.rows_of(int(found.significant[0]))
    expected = (WRONG[inside].mean() - WRONG[~inside].mean()) * inside.sum()
    assert found.harm[found.significant[0]] == pytest.approx(expected, abs=1e-9)
    assert (np.diff(found.harm[found.significant]) <= 0).all()


def test_the_cut_off_is_the_z_of_the_level_that_the_last_one_had_to_meet():
    found = significance(SEARCHED, WRONG, LossKind.ERROR)
    k, n = len(found.significant), len(found.p)
    assert found.cut_off == pytest.approx(norm.isf(0.02 * k / n), abs=1e-9)
    assert found.p[found.significant].max() <= 0.02 * k / n


def test_where_nothing_is_significant_there_is_no_cut_off():
    found = significance(SEARCHED, np.ones(3_000), LossKind.LOG_LOSS)
    assert len(found.significant) == 0
    assert np.isnan(found.cut_off)


def test_sums_of_a_part_and_of_the_rest_are_those_of_the_whole():
    inside = SEARCHED.rows_of(0)
    whole, part = sums_of(WRONG), sums_of(WRONG, inside)
    rest = whole.less(part)
    assert float(rest.mean) == pytest.approx(WRONG[~inside].mean(), abs=1e-12)
    assert float(one_sided_p(part, rest, LossKind.ERROR)) == pytest.approx(
        hypergeom.sf(WRONG[inside].sum() - 1, 3_000, WRONG.sum(), inside.sum()), abs=1e-9
    )
    assert float(gap_error(part, rest)) > 0


def test_segments_with_rests_of_their_own_are_tested_one_by_one():
    n = np.array([100.0, 50.0])
    sides = (
        Sums(n=n, total=np.array([30.0, 20.0]), squares=np.array([30.0, 20.0])),
        Sums(n=2 * n, total=np.array([40.0, 20.0]), squares=np.array([40.0, 20.0])),
    )
    expected = [hypergeom.sf(29, 300, 70, 100), hypergeom.sf(19, 150, 40, 50)]
    assert one_sided_p(*sides, LossKind.ERROR) == pytest.approx(expected, abs=1e-9)
