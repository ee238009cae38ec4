import numpy as np
import pyarrow as pa
import pytest

from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.segment_rows import SegmentTask, arrow_mask, segment_counts
from core.segments.filters import Condition, Filter


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1_000])
def test_truth_values_become_arrow_without_losing_any(n):
    kept = np.random.default_rng(n).random(n) < 0.4
    assert arrow_mask(kept).to_pylist() == kept.tolist()


def task(*conditions):
    return SegmentTask(
        segment_id=3, wanted=Filter(conditions=conditions), columns={"amount": "f_0001", "carrier": "f_0003"}
    )


def test_rows_are_chosen_by_internal_ids_under_the_users_names(rows):
    log = rows(500, 2)
    one = task(Condition(column="amount", low=0.0), Condition(column="carrier", levels=("AA",)))
    amount = np.array([np.nan if value is None else value for value in log["f_0001"].to_pylist()])
    carrier = np.array(log["f_0003"].to_pylist(), object)
    assert one.mask_of(log).to_pylist() == ((amount > 0) & (carrier == "AA")).tolist()


def test_a_column_that_the_rows_lack_is_missing_everywhere(rows):
    log = rows(20, 2).drop_columns(["f_0003"])
    assert not any(task(Condition(column="carrier", levels=("AA",))).mask_of(log).to_pylist())
    assert all(task(Condition(column="carrier", missing=True)).mask_of(log).to_pylist())


def test_counts_tell_their_rows_and_labelled_rows(rows, binning):
    log = rows(300, 2)
    found = segment_counts(7, profile(log, binning), Layout(binning))
    assert (found.segment_id, found.n_rows) == (7, 300)
    assert found.n_labelled == 300 - log["actual"].null_count
    assert isinstance(log, pa.Table)
