import numpy as np
import pytest

from core.segments.filters import mask
from core.segments.search_candidates import candidates
from tests.core.segments.made_rows import COLUMNS, levels, rows

ROWS = rows(2_000, seed=1)
FOUND = candidates(ROWS, levels(ROWS, ROWS))
LOSS = np.random.default_rng(2).exponential(1.0, 2_000)


def test_every_candidate_is_its_filter_with_its_count_and_its_sums():
    total, squares = FOUND.sums(LOSS)
    hits = FOUND.hits(np.flatnonzero(LOSS > 1))
    for place in range(len(FOUND.n)):
        inside = mask(ROWS, FOUND.filter_at(place))
        assert (inside == FOUND.rows_of(place)).all()
        assert inside.sum() == FOUND.n[place]
        assert total[place] == pytest.approx(LOSS[inside].sum(), abs=1e-9)
        assert squares[place] == pytest.approx((LOSS[inside] ** 2).sum(), abs=1e-9)
        assert hits[place] == (LOSS[inside] > 1).sum()


def test_one_column_and_every_pair_of_two_are_searched():
    columns = {FOUND.filter_at(place).columns for place in range(len(FOUND.n))}
    assert {one for one in columns if len(one) == 1} == {(name,) for name in COLUMNS}
    assert len({one for one in columns if len(one) == 2}) == len(COLUMNS) * (len(COLUMNS) - 1) / 2


def test_missing_is_a_level_of_its_own():
    assert any(FOUND.filter_at(place).conditions[0].missing for place in range(len(FOUND.n)))


def test_small_segments_and_nearly_everything_are_no_candidates():
    many = rows(20_000, seed=3)
    assert candidates(many, levels(many, many)).n.min() >= 100
    few = rows(150, seed=4)
    found = candidates(few, levels(few, few))
    assert found.n.min() >= 50
    assert found.n.max() <= 100


def test_only_the_first_columns_are_paired():
    found = candidates(ROWS, levels(ROWS, ROWS), n_paired=2)
    assert {
        found.filter_at(place).columns for place in range(len(found.n)) if len(found.filter_at(place).columns) > 1
    } == {("plan", "channel")}
