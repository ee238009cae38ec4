from dataclasses import replace

import numpy as np
import pytest

from core.checks.performance import Prepared, prepare, segment_key, verdicts
from core.performance.maturity import Maturity
from core.profile.binning import Segment
from core.states import State
from core.windows import Grain, Window, following
from tests.small_fleet import SHIFT_DAY

RIPE = Maturity(mature=True, coverage=1.0, reason="")
YOUNG = Maturity(mature=False, coverage=0.3, reason="labels still arriving: due 1 day after the window")


@pytest.fixture
def prepared(evidence) -> Prepared:
    return prepare(evidence)


def spoiled(prepared, rows, *, segment=None):
    """Return the same with the decisions of `rows` turned round; in one segment, where it is named, all negative."""
    log, layout = prepared.evidence.log, prepared.evidence.layout
    ints = log.ints.copy()
    whole, by_segment = layout.ints["confusion"].of(ints), layout.ints["segment_confusion"].of(ints)
    for row in rows:
        if segment is None:
            whole[row, :2] = whole[row, 1::-1].copy()
        else:
            by_segment[row, segment, 0] += by_segment[row, segment, 1]
            by_segment[row, segment, 1] = 0
    changed = replace(prepared.evidence, log=replace(log, ints=ints))
    return prepare(changed)


def judge(prepared, row, maturity=RIPE, followed=()):
    day = prepared.evidence.log.days[row]
    window = Window(day, following(day, Grain.DAY))
    return {one.key: one for one in verdicts(prepared, row, window, maturity, followed=followed)}


def test_the_whole_population_is_told_in_full_and_quiet_segments_are_not(prepared):
    found = judge(prepared, 3)
    assert set(found) == {f"{code}||" for code in ("roc_auc_change", "recall_change", "precision_change",
                                                   "log_loss_change")}  # fmt: skip
    assert {one.raw_state for one in found.values()} == {State.HEALTHY}


def test_turned_decisions_are_found_in_all_rows(prepared):
    found = judge(spoiled(prepared, [5]), 5)
    assert found["recall_change||"].raw_state is State.CRITICAL


def test_missed_positives_in_one_segment_are_told_of_that_segment_alone(prepared):
    place = next(at for at, one in enumerate(prepared.segments.segments) if one.level == "basic")
    found = judge(spoiled(prepared, [5], segment=place), 5)
    breaches = {key for key, one in found.items() if one.raw_state is not State.HEALTHY}
    assert breaches
    assert {key.rpartition("|")[2] for key in breaches} == {"plan=basic"}
    one = found["recall_change||plan=basic"]
    assert one.segment == {"plan": "basic"}
    assert one.n >= 30
    assert one.reason.startswith("worse than the reference")
    assert one.false_alarms_month is not None


def test_a_followed_segment_is_told_as_healthy_so_that_its_breach_can_close(prepared):
    key = segment_key("recall_change", Segment("plan", "basic"))
    assert key not in judge(prepared, 3)
    assert judge(prepared, 3, followed=[key])[key].raw_state is State.HEALTHY


def test_in_an_immature_window_nothing_is_tested_and_a_followed_segment_says_why(prepared):
    key = segment_key("recall_change", Segment("plan", "basic"))
    found = judge(prepared, 3, YOUNG, followed=[key])
    assert {one.raw_state for one in found.values()} == {State.NOT_APPLICABLE}
    assert found[key].reason == YOUNG.reason
    assert judge(prepared, 3, YOUNG).keys() == found.keys() - {key}


def test_a_segment_with_too_few_rows_is_not_tested(prepared):
    key = segment_key("recall_change", Segment("plan", None))
    found = judge(prepared, 3, followed=[key])[key]
    assert found.raw_state is State.NOT_APPLICABLE
    assert found.value is None


def test_the_correction_is_over_metrics_and_segments_together(prepared):
    alone = replace(prepared, segments=None)
    turned, of_all = spoiled(prepared, [5]), judge(spoiled(prepared, [5]), 5)
    p_alone = judge(replace(turned, segments=None), 5)["precision_change||"].adjusted_p
    assert of_all["precision_change||"].adjusted_p >= p_alone
    assert judge(alone, 3).keys() == judge(prepared, 3).keys()


def test_without_a_change_segments_seldom_raise_an_alarm(prepared):
    flags = [
        one for row in range(SHIFT_DAY) for one in judge(prepared, row).values() if one.raw_state is not State.HEALTHY
    ]
    assert len(flags) <= 1


def test_absolute_limits_are_for_all_rows_and_only_where_declared(prepared):
    from core.checks.limits import load_limits

    outline = replace(prepared.evidence.outline, limits=load_limits({"recall": {"warning": 0.999, "critical": 0.99}}))
    declared = replace(prepared, evidence=replace(prepared.evidence, outline=outline))
    found = judge(declared, 3)
    assert found["recall||"].raw_state is State.CRITICAL
    assert not any(key.startswith("recall|") and key.endswith("basic") for key in found)
    assert np.isfinite(found["recall||"].false_alarms_month)
