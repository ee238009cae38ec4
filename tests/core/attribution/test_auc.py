"""The parts of a change of the AUC: exact over pairs, equal to scikit-learn on the rows themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from core.attribution.auc import decompose_auc, pair_ratio

SIDE = arrays(np.int64, (3, 5), elements=st.integers(0, 50))


@given(SIDE, SIDE, SIDE, SIDE)
def test_parts_add_up_to_the_change(a0, b0, a1, b1):
    a0[0, 0] += 1
    b0[0, 1] += 1
    a1[1, 2] += 1
    b1[2, 2] += 1
    parts = decompose_auc(a0, b0, a1, b1)
    whole = float((parts.mix + parts.within + parts.between).sum())
    assert abs(whole - float(parts.total)) <= 1e-12 * max(float(parts.before), float(parts.now), 1e-3)


def test_the_auc_of_all_pairs_is_that_of_the_rows():
    rng = np.random.default_rng(0)
    positives, negatives = rng.integers(0, 20, (2, 4, 30))
    scores = np.r_[np.repeat(np.arange(30), positives.sum(0)), np.repeat(np.arange(30), negatives.sum(0))]
    labels = np.r_[np.ones(positives.sum()), np.zeros(negatives.sum())]
    assert float(pair_ratio(positives, negatives).overall) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


def test_a_segment_whose_scores_lose_their_order_shows_within_it_and_nothing_as_mix():
    ordered, flat = [[0, 100], [0, 100]], [[50, 50], [0, 100]]
    parts = decompose_auc(ordered, [[100, 0], [100, 0]], flat, [[100, 0], [100, 0]])
    assert np.allclose(parts.mix, 0, atol=1e-15)
    assert parts.within[0] < 0
    assert parts.within[1] == 0
    assert parts.between[0] == pytest.approx(parts.between[1])


def test_draws_keep_their_leading_axis():
    side = np.ones((7, 2, 4))
    assert decompose_auc(side, side, side, side).mix.shape == (7, 2)
