"""Groups are counted as a plain group-by over the rows counts them."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from core.profile import profile as read
from core.profile.group_columns import GroupColumn
from core.profile.groups import group_codes
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.profile import merge

AGE = GroupColumn(name="age", source="f_0001", cuts=(25.0, 40.0), levels=("a", "b", "c"))


def test_bands_are_open_to_the_right_and_take_infinities():
    values = pa.table({"f_0001": [-np.inf, 24.999, 25.0, 39.999, 40.0, np.inf, np.nan, None]})
    assert group_codes(values, AGE).tolist() == [0, 0, 1, 1, 2, 2, 4, 4]


def test_words_beyond_the_levels_are_other_and_null_is_not_stated():
    race = GroupColumn(name="race", source="c_1", cuts=None, levels=("x", "y"))
    coded = pa.table({"c_1": pa.array(["y", "x", "z", None]).dictionary_encode()})
    assert group_codes(coded, race).tolist() == [1, 0, 2, 3]


def test_a_column_that_the_rows_lack_is_not_stated():
    assert group_codes(pa.table({"score": [0.1, 0.2]}), AGE).tolist() == [4, 4]


def expected(log, grouped):
    """Count decision × actual by group and by score with plain loops."""
    binning = grouped.binning
    frame = pl.DataFrame(log)
    codes = {one.name: group_codes(log, one) for one in binning.group_columns}
    scores = frame["score"].to_numpy()
    decision = np.where(frame["decision"].is_null(), scores >= binning.threshold, frame["decision"].fill_null(0))
    actual = frame["actual"].fill_null(2).to_numpy()
    return codes, scores, decision.astype(int), actual


def test_every_table_of_groups_agrees_with_a_plain_count(grouped):
    log = grouped.make(2_000, 5)
    layout, made = Layout(grouped.binning), profile(log, grouped.binning)
    codes, scores, decision, actual = expected(log, grouped)
    for one in grouped.binning.group_columns:
        counted = read.group_counts(layout, made.ints, made.floats, one.name)
        confusion = np.zeros((one.n, 3, 3), int)
        np.add.at(confusion, (codes[one.name], decision, actual), 1)
        np.testing.assert_array_equal(counted.confusion, confusion)
        bins = np.searchsorted(counted.edges, scores, side="left")
        by_score = np.zeros((one.n, 3, len(counted.edges) + 1), int)
        np.add.at(by_score, (codes[one.name], actual, bins), 1)
        np.testing.assert_array_equal(counted.score_counts, by_score)
        sums, known = np.zeros((one.n, 2, len(counted.edges) + 1)), actual < 2
        np.add.at(sums, (codes[one.name][known], actual[known], bins[known]), scores[known])
        np.testing.assert_allclose(counted.score_sums, sums, atol=1e-9)


def test_pairs_and_controls_agree_with_a_plain_count(grouped):
    log = grouped.make(2_000, 6)
    layout, made = Layout(grouped.binning), profile(log, grouped.binning)
    codes, _, decision, actual = expected(log, grouped)
    first, second = grouped.binning.group_columns
    pairs = np.zeros((first.n, second.n, 3, 3), int)
    np.add.at(pairs, (codes[first.name], codes[second.name], decision, actual), 1)
    np.testing.assert_array_equal(read.pair_confusion(layout, made.ints, first.name, second.name), pairs)
    regions = [place for place, one in enumerate(grouped.binning.segments) if one.column == "region"]
    levels = {grouped.binning.segments[place].level: k for k, place in enumerate(regions)}
    frame = pl.DataFrame(log)["c_0001"].cast(pl.String).to_list()
    region = np.array([len(regions) - 1 if level is None else levels[level] for level in frame])
    control = np.zeros((first.n, len(regions), 3, 3), int)
    np.add.at(control, (codes[first.name], region, decision, actual), 1)
    found = read.control_confusion(layout, made.ints, first.name)
    np.testing.assert_array_equal(found[:, regions], control)


def test_groups_add_up_to_the_whole_population(grouped):
    log = grouped.make(1_500, 7)
    layout, made = Layout(grouped.binning), profile(log, grouped.binning)
    whole = read.confusion(layout, made.ints)
    for one in grouped.binning.group_columns:
        counted = read.group_counts(layout, made.ints, made.floats, one.name)
        np.testing.assert_array_equal(counted.confusion.sum(axis=0), whole)
        assert counted.score_counts.sum() == 1_500
        assert read.control_confusion(layout, made.ints, one.name).sum() == 2 * 1_500


@pytest.mark.parametrize("seed", range(3))
def test_a_profile_with_groups_is_byte_equal_for_any_order_of_its_rows(grouped, seed):
    log = grouped.make(1_200, 8)
    order = np.random.default_rng(seed).permutation(1_200)
    one, other = profile(log, grouped.binning), profile(log.take(pa.array(order)), grouped.binning)
    assert one.ints.tobytes() == other.ints.tobytes()
    assert one.floats.tobytes() == other.floats.tobytes()


def test_days_of_groups_add_up(grouped):
    log = grouped.make(1_000, 9)
    parts = [profile(log.slice(start, 250), grouped.binning) for start in range(0, 1_000, 250)]
    np.testing.assert_array_equal(merge(*parts).ints, profile(log, grouped.binning).ints)
    np.testing.assert_allclose(merge(*parts).floats, profile(log, grouped.binning).floats, rtol=1e-9)


def test_a_protected_column_that_is_a_feature_is_read_once_and_counted_as_both(grouped):
    amount = grouped.binning.group_columns[0]
    assert amount.source == grouped.binning.sources["amount"]
    assert grouped.binning.columns.count(amount.source) == 1
    layout, made = Layout(grouped.binning), profile(grouped.make(400, 3), grouped.binning)
    counts = read.feature_counts(layout, made.ints, made.floats, "amount")
    missing = read.group_counts(layout, made.ints, made.floats, "amount").confusion[-1].sum()
    assert missing == counts.null + counts.nan


def test_a_model_without_protected_columns_has_no_block_of_groups(binning):
    assert not [name for name in Layout(binning).ints if name.startswith(("group_", "pair_", "control_"))]
