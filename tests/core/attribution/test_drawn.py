"""Draws have the mean of what was seen and the variance of a sample of its size."""

import numpy as np
import pytest

from core.attribution.drawn import CellRatio, MeanRatio, multinomial_draws


def test_multinomial_draws_keep_each_segments_rows_and_are_seeded():
    counts = np.array([[30.0, 70.0], [5.0, 0.0], [0.0, 0.0]])
    drawn = multinomial_draws(counts, np.ones(3), np.random.default_rng(1), 400)
    assert (drawn.sum(-1) == counts.sum(-1)).all()
    assert (drawn == multinomial_draws(counts, np.ones(3), np.random.default_rng(1), 400)).all()
    assert drawn[:, 0, 0].std() == pytest.approx(np.sqrt(100 * 0.3 * 0.7), rel=0.1)


def test_weighted_rows_vary_as_their_effective_number():
    counts = np.array([[300.0, 700.0]])
    drawn = multinomial_draws(counts, np.array([0.1]), np.random.default_rng(1), 2_000)
    assert drawn.sum(-1) == pytest.approx(1_000)
    assert (drawn[:, 0, 0] / 1_000).std() == pytest.approx(np.sqrt(0.3 * 0.7 / 100), rel=0.1)


def test_a_mean_is_drawn_with_its_standard_error():
    values = np.random.default_rng(0).normal(3, 2, 500)
    one = MeanRatio(
        n=np.array([500.0]), total=np.array([values.sum()]), squares=np.array([(values**2).sum()]),
        n_eff_share=np.ones(1),
    )  # fmt: skip
    drawn = one.drawn(np.random.default_rng(2), 4_000).values
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.01)
    assert drawn.std() == pytest.approx(values.std(ddof=1) / np.sqrt(500), rel=0.05)
    assert float(one.ratio().overall) == pytest.approx(values.mean())


def test_a_ratio_of_cells_is_what_its_cells_add():
    one = CellRatio(
        counts=np.array([[8.0, 2.0, 5.0]]), numerator=np.array([1.0, 0, 0]), denominator=np.array([1.0, 1, 0]),
        n_eff_share=np.ones(1),
    )  # fmt: skip
    assert float(one.ratio().overall) == 0.8
    assert one.drawn(np.random.default_rng(0), 50).values.shape == (50, 1)


def test_an_empty_segment_is_drawn_as_empty():
    one = MeanRatio(n=np.zeros(1), total=np.zeros(1), squares=np.zeros(1), n_eff_share=np.ones(1))
    assert (one.drawn(np.random.default_rng(0), 5).denominator == 0).all()
