import pytest

from core.checks.limits import load_limits
from core.performance.of_task import HEADLINE_OF, LESS_IS_BETTER, METRICS, METRICS_OF, performance_of, rows_known
from core.store.models import version_by_id
from core.store.series import load_history


@pytest.fixture
def history(fleet):
    with fleet.read() as session:
        return load_history(session, version_by_id(session, 1))


def test_every_metric_is_listed_once_and_each_headline_is_one_of_its_task():
    assert len(METRICS) == len(set(METRICS))
    assert all(HEADLINE_OF[task] in names for task, names in METRICS_OF.items())
    assert set(METRICS) >= LESS_IS_BETTER


def test_every_metric_can_have_an_absolute_limit_on_its_bad_side():
    checks = load_limits().checks
    for name in METRICS:
        worse = "above" if name in LESS_IS_BETTER or name == "bias" else "below"
        assert checks[name].side == worse, name


def test_windows_and_segments_keep_their_axes(history):
    whole = performance_of(history.layout, history.log.ints, history.log.floats)
    parts = performance_of(history.layout, history.log.ints, history.log.floats, by_segment=True)
    days, segments = len(history.log.days), len(history.layout.binning.segments)
    assert whole.estimates["recall"].value.shape == (days,)
    assert parts.estimates["recall"].value.shape == (days, segments)
    assert parts.n_rows.sum() == whole.n_rows.sum()


def test_rows_are_counted_once_and_labelled_rows_among_them(history):
    known = rows_known(history.layout, history.log.ints)
    assert known[0].tolist() == [150, 150]
    assert known[-1].tolist() == [150, 0]
