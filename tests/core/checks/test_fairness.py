import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.checks.fairness import (
    FINDINGS,
    NO_CHOICE,
    NO_PROTECTED,
    NO_SUCH_GROUP,
    FairnessEvidence,
    fairness_evidence,
    prepare,
    rolling_sums,
    verdicts,
)
from core.checks.limits import load_limits
from core.checks.verdicts import packed, unpacked
from core.fairness.gaps import group_gaps
from core.performance.maturity import Maturity
from core.states import State
from core.store.database import open_store
from core.windows import Window
from tests import grouped_fleet
from tests.core.checks.test_serving import evidence_of
from tests.core.fairness.counted_groups import confusion_of

MATURE = Maturity(mature=True, coverage=1.0, reason="")
EARLY = Maturity(mature=False, coverage=0.2, reason="labels still arriving")
LIMITS = load_limits()
LABELS = ("F", "M", "other", "not stated")


def unit(selected, *, n=(200, 150), recall=(0.7, 0.7), missing=0):
    """Return decision × actual of one unit: rate of selection and recall of two groups, and a few rows not stated."""
    found = np.zeros((4, 3, 3), np.int64)
    for place, (rows, rate, hit) in enumerate(zip(n, selected, recall, strict=True)):
        positive = round(rows * 0.4)
        tp = round(positive * hit)
        fp = max(round(rows * rate) - tp, 0)
        found[place, 1, 1], found[place, 0, 1] = tp, positive - tp
        found[place, 1, 0], found[place, 0, 0] = fp, rows - positive - fp
    found[3, 0, 0] = missing
    return found


def evidence(units, *, reference=None, rolling=True, columns=("sex",), labels=LABELS):
    days = [date(2024, 1, 1) + timedelta(days=place) for place in range(len(units))]
    counted = {name: (labels, np.stack(units)) for name in columns}
    chosen = {} if reference is None else dict.fromkeys(columns, reference)
    return fairness_evidence(days, counted, LIMITS, rolling=rolling, reference_groups=chosen), days


def judged(units, *, row=-1, mature=MATURE, **options):
    prepared, days = evidence(units, **options)
    row = range(len(days))[row]
    window = Window(days[row], days[row] + timedelta(days=1))
    return {(one.check, one.feature): one for one in verdicts(prepared, row, window, mature)}


def test_equal_groups_are_healthy_in_every_check_of_a_gap():
    found = judged([unit((0.4, 0.4))] * 30)
    assert {key[0] for key in found} == set(FINDINGS)
    states = {key[0]: one.state for key, one in found.items()}
    assert states["selection_rate_gap"] is states["equal_opportunity_gap"] is State.HEALTHY
    assert states["four_fifths"] is State.NOT_APPLICABLE
    assert found["selection_rate_gap", "sex"].window_start == date(2024, 1, 30) - timedelta(days=27)


def test_a_gap_over_its_limit_for_certain_is_critical_and_names_the_column_only():
    one = judged([unit((0.6, 0.4))] * 30)["selection_rate_gap", "sex"]
    assert one.state is State.CRITICAL
    assert (one.value, one.limit) == (0.2, 0.10)
    assert 0.1 <= one.ci_low < one.value < one.ci_high
    assert one.feature == "sex"
    for text in (one.reason, one.detail):
        assert not any(f"{label} " in text or f"'{label}'" in text for label in LABELS)
    assert "2 groups compared" in one.reason


def test_a_gap_between_the_limits_is_a_warning_and_a_small_one_healthy_but_told():
    assert judged([unit((0.50, 0.41))] * 30)["selection_rate_gap", "sex"].state is State.WARNING
    small = judged([unit((0.44, 0.40))] * 30)["selection_rate_gap", "sex"]
    assert small.state is State.HEALTHY
    assert small.significant
    assert "less than the limit for certain" in small.reason


def test_a_large_gap_of_few_rows_is_no_breach_and_is_called_inconclusive():
    one = judged([unit((0.50, 0.40), n=(130, 120))], rolling=False)["selection_rate_gap", "sex"]
    assert one.state is State.HEALTHY
    assert not one.significant
    assert one.inconclusive


def test_differences_of_errors_wait_for_mature_labels_and_selection_does_not():
    found = judged([unit((0.5, 0.5), recall=(0.9, 0.6))] * 30, mature=EARLY)
    assert found["equal_opportunity_gap", "sex"].reason == "labels still arriving"
    assert found["equalized_odds_gap", "sex"].state is State.NOT_APPLICABLE
    assert found["selection_rate_gap", "sex"].state is State.HEALTHY
    ripe = judged([unit((0.5, 0.5), recall=(0.9, 0.6))] * 30)
    assert ripe["equal_opportunity_gap", "sex"].state is State.CRITICAL
    assert ripe["equalized_odds_gap", "sex"].state is State.CRITICAL


def test_the_rule_of_four_fifths_needs_a_choice_and_then_the_whole_bound_below():
    found = judged([unit((0.4, 0.6))] * 30)
    assert found["four_fifths", "sex"].reason == NO_CHOICE
    broken = judged([unit((0.4, 0.6))] * 30, reference="M")["four_fifths", "sex"]
    assert broken.state is State.WARNING
    assert broken.value == 0.67
    assert broken.ci_high < 0.8 == broken.limit
    unsure = judged([unit((0.38, 0.5))], reference="M", rolling=False)["four_fifths", "sex"]
    assert unsure.state is State.HEALTHY
    assert "below 0.80, not conclusive" in unsure.reason
    assert "would show a ratio of" in unsure.reason
    assert unsure.inconclusive
    fine = judged([unit((0.5, 0.5))] * 30, reference="M")["four_fifths", "sex"]
    assert "not below 0.80" in fine.reason


def test_a_reference_group_that_left_the_reference_is_told():
    assert judged([unit((0.4, 0.6))], reference="X", rolling=False)["four_fifths", "sex"].reason == NO_SUCH_GROUP


def test_a_model_can_declare_its_own_ratio_and_a_critical_one():
    prepared, days = evidence([unit((0.4, 0.6))] * 30, reference="M")
    stricter = load_limits({"four_fifths": {"warning": 0.9, "critical": 0.75}})
    own = FairnessEvidence(why_not="", columns=prepared.columns, starts=prepared.starts, limits=stricter)
    found = verdicts(own, 29, Window(days[29], days[29] + timedelta(days=1)), MATURE)
    assert found[-1].state is State.CRITICAL


def test_small_groups_change_neither_gap_nor_n_in_a_way_that_tells_of_them():
    with_few = judged([unit((0.5, 0.41), missing=place % 2) for place in range(30)])["selection_rate_gap", "sex"]
    without = judged([unit((0.5, 0.41))] * 30)["selection_rate_gap", "sex"]
    assert with_few.value == without.value
    assert with_few.n == without.n + 14  # everybody's rows, which are published anyway
    for one in (with_few.value, with_few.ci_low, with_few.ci_high):
        assert one == round(one, 2)


def test_a_group_that_may_not_be_shown_is_not_compared():
    units = [unit((0.4, 0.4))] * 28
    few = [one.copy() for one in units]
    for one in few:
        one[2, 0, 0] = 10  # 280 rows without a single positive
    assert judged(few)["selection_rate_gap", "sex"].reason == judged(units)["selection_rate_gap", "sex"].reason


def test_before_any_label_selection_is_judged_by_decisions():
    units = [unit((0.6, 0.4)) for _ in range(30)]
    for one in units:
        one[..., 2] += one[..., 0] + one[..., 1]
        one[..., :2] = 0
    found = judged(units, mature=EARLY)["selection_rate_gap", "sex"]
    assert found.state is State.CRITICAL


def test_days_roll_over_twenty_eight_days_and_coarser_units_do_not():
    units = [unit((0.6, 0.4))] * 10 + [unit((0.4, 0.4))] * 30
    assert judged(units, row=9)["selection_rate_gap", "sex"].state is State.CRITICAL
    assert judged(units, row=37)["selection_rate_gap", "sex"].state is State.HEALTHY
    assert judged(units, row=10, rolling=False)["selection_rate_gap", "sex"].state is State.HEALTHY
    assert rolling_sums(np.arange(4).reshape(4, 1), [0, 0, 1, 2]).ravel().tolist() == [0, 1, 3, 5]


def test_columns_are_adjusted_together():
    alone = judged([unit((0.46, 0.40))] * 4, rolling=True)["selection_rate_gap", "sex"]
    prepared, days = evidence([unit((0.46, 0.40))] * 4)
    even, _ = evidence([unit((0.4, 0.4))] * 4, columns=("age", "race"))
    both = FairnessEvidence(
        why_not="", columns=(*prepared.columns, *even.columns), starts=prepared.starts, limits=LIMITS
    )
    together = verdicts(both, 3, Window(days[3], days[3] + timedelta(days=1)), MATURE)[0]
    assert together.adjusted_p == pytest.approx(min(3 * alone.adjusted_p, 1.0), abs=1e-9)


def test_without_a_protected_column_every_check_says_so():
    prepared = FairnessEvidence(why_not=NO_PROTECTED, columns=(), starts=(date(2024, 1, 1),), limits=LIMITS)
    found = verdicts(prepared, 0, Window(date(2024, 1, 1), date(2024, 1, 2)), MATURE)
    assert [one.check for one in found] == list(FINDINGS)
    assert {one.reason for one in found} == {NO_PROTECTED}


def test_a_verdict_survives_being_stored():
    one = judged([unit((0.6, 0.4))] * 30)["selection_rate_gap", "sex"]
    assert unpacked(packed(one)) == one


def test_every_check_has_words_for_the_fleet():
    assert set(FINDINGS) == {code for code, limit in LIMITS.checks.items() if limit.family == "fairness"}


@pytest.fixture(scope="module")
def grouped(tmp_path_factory, empty_home):
    """Return the evidence of a model with the protected columns sex and region, and its served rows with actuals."""
    folder = tmp_path_factory.mktemp("grouped")
    store, files = grouped_fleet.take_in(open_store(Path(shutil.copytree(empty_home, folder / "home"))), folder / "f")
    yield evidence_of(store, "churn"), files.served
    store.engine.dispose()


def test_the_evidence_of_a_log_is_that_of_its_rows_in_the_last_28_days(grouped):
    evidence, served = grouped
    prepared = prepare(evidence)
    assert [one.name for one in prepared.columns] == ["sex", "region"]
    row = len(evidence.log.days) - 5
    end = evidence.log.days[row]
    rows = served.filter((served["at"].dt.date() <= end) & (served["at"].dt.date() > end - timedelta(days=28)))
    decided = (rows["score"].to_numpy() >= 0.5).astype(int)
    sex = (rows["sex"].to_numpy() == "M").astype(int)
    cells = confusion_of(rows["left"].to_numpy().astype(int), decided, sex, 2)
    expected = group_gaps(cells, draws=0)["demographic_parity_difference"].estimate
    found = prepared.columns[0].gaps["demographic_parity_difference"].estimate
    assert float(found.value[row]) == pytest.approx(float(expected.value), abs=1e-12)
    assert float(found.low[row]) == pytest.approx(float(expected.low), abs=1e-12)


def test_the_reference_group_of_the_evidence_is_the_one_that_was_chosen(grouped):
    evidence, _ = grouped
    chosen = prepare(replace(evidence, outline=replace(evidence.outline, reference_groups={"sex": "M"})))
    assert chosen.columns[0].against.reference == evidence.layout.binning.group_columns[0].labels.index("M")
    assert chosen.columns[1].why_none == NO_CHOICE


def test_a_model_without_protected_columns_has_nothing_to_judge(fleet):
    evidence = evidence_of(fleet, "churn")
    assert prepare(evidence).why_not == NO_PROTECTED
