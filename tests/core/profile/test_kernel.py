from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.profile import profile as read
from core.profile.kernel import profile, profile_in_parts
from core.profile.layout import Layout
from core.profile.profile import merge


def test_every_row_is_counted_once_in_every_column(rows, binning):
    log = rows(3_000, 5)
    layout, made = Layout(binning), profile(log, binning)
    for name, bins in binning.features.items():
        counts = read.feature_counts(layout, made.ints, made.floats, name)
        total = counts.fine.sum() + counts.null + counts.nan + counts.neg_inf + counts.pos_inf
        assert total == 3_000
        assert read.cell_counts(bins, counts).sum() == 3_000
        assert read.segment_cells(layout, made.ints, name).sum() == 2 * 3_000
    assert read.rows(layout, made.ints) == 3_000
    assert read.segment_confusion(layout, made.ints).sum() == 2 * 3_000


def test_the_kernel_agrees_with_a_plain_group_by(rows, binning):
    log = rows(4_000, 6)
    layout, made = Layout(binning), profile(log, binning)
    frame = pl.DataFrame(log).with_columns(pl.col("f_0003", "c_0001").cast(pl.String))
    place = {(segment.column, segment.label): i for i, segment in enumerate(binning.segments)}
    hours = binning.features["hour"]
    for column, source in (("carrier", "f_0003"), ("region", "c_0001")):
        grouped = frame.group_by(source, "f_0002", "actual").len()
        expected = np.zeros((len(binning.segments), hours.n_cells + 1), int)
        for level, hour, _, n in grouped.iter_rows():
            segment = "missing" if level is None else level
            row = place.get((column, segment), place[(column, "other")])
            expected[row, hours.cell[np.searchsorted(hours.edges, hour, side="left")]] += n
        mine = [i for (name, _), i in place.items() if name == column]
        assert read.segment_cells(layout, made.ints, "hour")[mine].tolist() == expected[mine].tolist()
    counts = read.feature_counts(layout, made.ints, made.floats, "amount")
    amount = frame["f_0001"]
    assert int(counts.null) == amount.null_count()
    assert int(counts.nan) == amount.is_nan().sum()
    assert int(counts.pos_inf) == (amount == np.inf).sum()
    assert int(counts.violations) == (amount < -2.0).sum()
    carrier = read.feature_counts(layout, made.ints, made.floats, "carrier")
    unseen = frame.filter(pl.col("f_0003") == "ZZ").height
    assert int(carrier.fine[-1]) == int(carrier.violations) == unseen


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(1, 400))
def test_any_order_of_rows_gives_the_same_bytes(rows_of, binning, seed, n):
    log = rows_of(n, seed)
    order = np.random.default_rng(seed).permutation(n)
    one, other = profile(log, binning), profile(log.take(pa.array(order)), binning)
    assert one.ints.tobytes() == other.ints.tobytes()
    assert one.floats.tobytes() == other.floats.tobytes()


def test_any_order_of_rows_gives_the_same_bytes_in_a_weighted_model(rows, weighted_binning):
    log = rows(5_000, 9)
    one = profile(log, weighted_binning)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(log.num_rows)
        other = profile(log.take(pa.array(order)), weighted_binning)
        assert one.ints.tobytes() == other.ints.tobytes()
        assert one.floats.tobytes() == other.floats.tobytes()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.integers(0, 500), max_size=4))
def test_the_parts_together_are_the_whole(rows_of, binning, seed, cuts):
    log = rows_of(500, seed)
    bounds = [0, *sorted(cuts), 500]
    parts = [profile(log.slice(a, b - a), binning) for a, b in pairwise(bounds)]
    whole, merged = profile(log, binning), merge(*parts)
    assert whole.ints.tolist() == merged.ints.tolist()
    np.testing.assert_allclose(merged.floats, whole.floats, rtol=1e-12, atol=1e-11)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_every_row_twice_doubles_the_profile(rows_of, binning, seed):
    log = rows_of(300, seed)
    once, twice = profile(log, binning), profile(pa.concat_tables([log, log]), binning)
    assert (2 * once.ints).tolist() == twice.ints.tolist()
    np.testing.assert_allclose(twice.floats, 2 * once.floats, rtol=1e-12, atol=1e-11)


def test_chunks_do_not_matter(rows, binning):
    log = rows(900, 3)
    cut = pa.concat_tables([log.slice(0, 100), log.slice(100, 0), log.slice(100, 800)])
    assert profile(log, binning).ints.tobytes() == profile(cut, binning).ints.tobytes()
    assert profile(log, binning).floats.tobytes() == profile(cut, binning).floats.tobytes()


def test_plain_and_coded_text_count_the_same(rows, binning):
    log = rows(900, 3)
    place = log.column_names.index("f_0003")
    plain = log.set_column(place, "f_0003", log["f_0003"].cast(pa.string()))
    assert profile(log, binning).ints.tobytes() == profile(plain, binning).ints.tobytes()


def test_no_rows_give_a_profile_of_zeros(rows, binning):
    made = profile(rows(10).slice(0, 0), binning)
    assert not made.ints.any()
    assert not made.floats.any()


def test_a_column_that_the_log_lacks_is_all_null(rows, binning):
    log = rows(200).drop_columns(["f_0001", "c_0001", "decision", "actual"])
    layout, made = Layout(binning), profile(log, binning)
    assert int(read.feature_counts(layout, made.ints, made.floats, "amount").null) == 200
    assert read.confusion(layout, made.ints)[:, 2].sum() == 200
    missing = next(i for i, s in enumerate(binning.segments) if s.column == "region" and s.missing)
    assert read.segment_confusion(layout, made.ints)[missing].sum() == 200


def test_features_that_come_a_few_at_a_time_count_the_same(case, closes_at):
    log, layout = case.make(700, 6), Layout(case.binning)
    names = tuple(case.binning.features)
    features = {"f_0001", "f_0002"} - {*case.binning.columns_of(())}
    rest = log.select([name for name in log.column_names if name not in features])
    parts = ((names[k : k + 1], log) for k in range(len(names)))
    one = profile(log, case.binning, closes_at=closes_at)
    other = profile_in_parts(rest, parts, layout, closes_at=closes_at)
    assert one.ints.tobytes() == other.ints.tobytes()
    assert one.floats.tobytes() == other.floats.tobytes()
