from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.outcomes import count_outcomes
from core.profile.profile import merge
from core.profile.tally import start_tally


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(0, 300))
def test_any_order_of_rows_gives_the_same_bytes_in_every_task(case, closes_at, seed, n):
    log = case.make(n, seed)
    order = np.random.default_rng(seed).permutation(n)
    one = profile(log, case.binning, closes_at=closes_at)
    other = profile(log.take(pa.array(order)), case.binning, closes_at=closes_at)
    assert one.ints.tobytes() == other.ints.tobytes()
    assert one.floats.tobytes() == other.floats.tobytes()


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.integers(0, 400), max_size=3))
def test_the_parts_together_are_the_whole_in_every_task(case, closes_at, seed, cuts):
    log = case.make(400, seed)
    bounds = [0, *sorted(cuts), 400]
    parts = [profile(log.slice(a, b - a), case.binning, closes_at=closes_at) for a, b in pairwise(bounds)]
    whole, merged = profile(log, case.binning, closes_at=closes_at), merge(*parts)
    assert whole.ints.tolist() == merged.ints.tolist()
    np.testing.assert_allclose(merged.floats, whole.floats, rtol=1e-11, atol=1e-9)


def test_no_rows_give_zeros_in_every_task(case, closes_at):
    made = profile(case.make(0, 1), case.binning, closes_at=closes_at)
    assert not made.ints.any()
    assert not made.floats.any()


def test_rows_without_outcome_columns_are_counted_without_labels(case):
    log = case.make(50, 2)
    gone = [name for name in log.column_names if name in ("score", "decision", "actual", "c_0010") or name[:3] == "c_1"]
    log = log.drop_columns(gone)
    tally = start_tally(log, Layout(case.binning))
    known = count_outcomes(log, tally)
    assert not known.labelled.any()
    assert not known.decided.any()
    assert not tally.floats.any()


def test_every_row_is_counted_by_what_is_known_of_it(case):
    log = case.make(500, 3)
    known = count_outcomes(log, start_tally(log, Layout(case.binning)))
    assert known.labelled.sum() == 500 - log["actual"].null_count
    assert 0 < known.decided.sum() <= 500
