import numpy as np
import pytest

from core.checks.limits import load_limits
from core.checks.performance_segments import segment_reference, segment_tests, untested
from core.performance.of_task import performance_of

LIMITS = load_limits()


@pytest.fixture
def reference(evidence):
    return segment_reference(evidence.layout, evidence.reference)


def test_every_segment_has_its_own_reference_and_variance_between_days(evidence, reference):
    assert len(reference.segments) == len(evidence.layout.binning.segments)
    value = reference.performance.estimates["recall"].value
    assert value.shape == (len(reference.segments),)
    assert set(reference.tau_squared) == {"roc_auc", "recall", "precision", "log_loss"}
    assert all((one >= 0).all() for one in reference.tau_squared.values())


def test_going_through_the_reference_in_blocks_gives_the_same_variance(evidence, reference, monkeypatch):
    monkeypatch.setattr("core.checks.performance_segments.MOST_NUMBERS", 1)
    again = segment_reference(evidence.layout, evidence.reference)
    for name, tau in reference.tau_squared.items():
        assert again.tau_squared[name].tolist() == tau.tolist()


def test_a_test_is_the_difference_over_its_error(evidence, reference):
    current = performance_of(evidence.layout, evidence.log.ints[3], evidence.log.floats[3], by_segment=True)
    tests = {one.limit.code: one for one in segment_tests(current, reference, LIMITS, task="binary")}
    one, place = tests["recall_change"], 0
    now, before = current.estimates["recall"].at(place), reference.performance.estimates["recall"].at(place)
    assert float(one.difference[place]) == pytest.approx(float(now.value - before.value))
    expected = np.sqrt(now.error**2 + before.error**2 + reference.tau_squared["recall"][place])
    assert float(one.error[place]) == pytest.approx(float(expected))


def test_segments_with_fewer_than_thirty_rows_have_no_p(evidence, reference):
    current = performance_of(evidence.layout, evidence.log.ints[3], evidence.log.floats[3], by_segment=True)
    for one in segment_tests(current, reference, LIMITS, task="binary"):
        n = current.estimates[one.limit.metric].n
        assert np.isnan(one.p[n < 30]).all()
        assert np.isnan(untested(one).p).all()


def test_without_segments_there_is_nothing_to_compare(evidence):
    from dataclasses import replace

    from core.profile.layout import Layout

    plain = Layout(replace(evidence.layout.binning, segments=()))
    assert segment_reference(plain, evidence.reference) is None
