import numpy as np
import pytest

from core.checks.limits import load_limits
from core.checks.performance_change import Judged
from core.checks.performance_segments import SegmentReference, segment_reference, segment_tests, told, untested
from core.performance.maturity import Maturity
from core.performance.multiclass import segment_multiclass_estimates
from core.performance.of_task import performance_of
from core.performance.performance import Performance
from core.profile.binning import Segment
from core.profile.counts import SegmentMulticlassCounts
from tests.core.performance.counted import drawn_classes, multiclass_counts

LIMITS = load_limits()
RIPE = Maturity(mature=True, coverage=1.0, reason="")


def segment_performance(parts):
    """Return the performance of several populations as segments."""
    kept = []
    for counts in parts:
        matrix = counts.confusion[:-1, :-1]
        kept.append(np.stack([np.diagonal(matrix), matrix.sum(1), matrix.sum(0), counts.confusion[:-1].sum(1)], -1))
    counted = SegmentMulticlassCounts(
        classes=parts[0].classes,
        edges=parts[0].edges,
        segment_classes=np.stack(kept),
        segment_score_counts=np.stack([counts.score_counts for counts in parts]),
        segment_class_losses=np.stack([counts.class_losses for counts in parts]),
    )
    rows = np.array([counts.confusion.sum() for counts in parts], np.float64)
    found = segment_multiclass_estimates(counted)
    return Performance(estimates=found, n_rows=rows, n_labelled=rows, label_coverage=np.ones(len(parts)))


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


def test_a_segment_whose_macro_mean_leaves_a_class_out_is_not_tested():
    y, scores = drawn_classes(2_000)
    rare = np.r_[np.flatnonzero(y < 2), np.flatnonzero(y == 2)[:4]]
    both = [multiclass_counts(y, scores), multiclass_counts(y[rare], scores[rare])]
    known, current = (segment_performance(parts) for parts in (both[:1] * 2, both))
    reference = SegmentReference(
        segments=(Segment("plan", "a"), Segment("plan", "b")),
        performance=known,
        tau_squared={"f1_macro": np.zeros(2), "accuracy": np.zeros(2)},
    )
    _, macro = segment_tests(current, reference, LIMITS, task="multiclass")
    assert np.isfinite(macro.p[0])
    assert np.isnan(macro.p[1])
    judged = Judged(
        segment={}, current=current, reference=None, tau_squared={}, maturity=RIPE, task="multiclass"
    )  # fmt: skip
    trial = told(macro, 1, judged=judged, reference=reference, rules=LIMITS.rules)
    assert trial.change is None
    assert trial.why.startswith("the mean is over other classes than in the reference: left out")
