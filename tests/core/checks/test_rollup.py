from dataclasses import replace
from datetime import date

import pytest

from core.checks.rollup import (
    first_finding,
    other_findings,
    roll_up,
    sentence,
    why,
    with_last_judged,
)
from core.checks.series import ABSENT
from core.checks.verdicts import Verdict
from core.states import State

H, W, C, N = State.HEALTHY, State.WARNING, State.CRITICAL, State.NOT_APPLICABLE


def verdict(check, state, *, family="drift", feature="temp", value=0.31, limit=0.1, **fields):
    return Verdict(
        check=check, family=family, feature=feature, state=state, raw_state=state, value=value, limit=limit, n=900,
        window_start=date(2013, 11, 9), window_end=date(2013, 11, 10), **fields,
    )  # fmt: skip


FEATURE = verdict("feature_drift", C, detail="PSI 0.34", since=date(2013, 11, 4))
SCORE = verdict("prediction_drift", W, feature="score", detail="PSI 0.15")
AUC = verdict("roc_auc_change", W, family="performance", feature=None, value=-0.03, limit=0.02, detail="0.76 → 0.73")
MISSING = verdict("missing_share", C, family="quality", value=0.06, limit=0.05, detail="2.0 → 8.0 %")


def test_drift_of_features_alone_is_a_warning_at_most():
    found = roll_up([FEATURE])
    assert found.state is W
    assert found.families["drift"].state is C


@pytest.mark.parametrize("other", [SCORE, AUC])
def test_with_the_score_or_the_performance_it_counts_in_full(other):
    assert roll_up([FEATURE, other]).state is C


@pytest.mark.parametrize("state", [H, N])
def test_a_quiet_score_does_not_raise_it(state):
    assert roll_up([FEATURE, replace(SCORE, state=state)]).state is W


def test_broken_data_is_critical_by_itself():
    assert roll_up([FEATURE, MISSING]).state is C


def test_no_data_is_never_green_and_never_hides_a_worse_state():
    gone = replace(SCORE, state=N, raw_state=N, value=None, reason="fewer than 50 rows")
    found = roll_up([gone, replace(gone, feature="other")])
    assert found.state is N
    assert found.n_not_applicable == 2
    assert found.why == "fewer than 50 rows"
    assert roll_up([gone, AUC]).state is W
    assert roll_up([]).state is N
    mixed = roll_up([gone, replace(AUC, state=H)])
    assert mixed.state is H
    assert mixed.families["drift"].state is N
    assert mixed.families["drift"].n_not_applicable == 1


def test_the_reason_names_the_worst_first_and_counts_the_rest():
    assert why([AUC, FEATURE, SCORE]) == "temp drifted (PSI 0.34) since 4 Nov; 2 more findings"
    assert why([replace(AUC, state=H)]) == ""


def test_of_two_equal_states_the_one_further_beyond_its_limit_leads():
    further = replace(FEATURE, feature="wind", value=0.9, detail="PSI 0.95", since=date(2013, 11, 8))
    assert [one.feature for one in first_finding([FEATURE, further])] == ["wind", "temp"]
    assert why([FEATURE, replace(SCORE, state=C, value=0.8)]).startswith("the scores drifted")


def test_the_same_finding_of_several_features_is_told_once():
    further = replace(FEATURE, feature="wind", value=0.9, detail="PSI 0.95", since=date(2013, 11, 8))
    assert why([FEATURE, further]) == "2 features drifted (up to PSI 0.95) since 4 Nov: wind and temp"
    more = [replace(MISSING, feature=name) for name in ("a", "b", "c", "d")]
    assert why([*more, AUC]) == (
        "4 features are missing more often (up to 2.0 → 8.0 %): a, b, c and 1 more; 1 more finding"
    )
    mixed = [replace(MISSING, feature="a"), replace(MISSING, feature="b", value=-0.06, limit=0.05)]
    assert why(mixed) == "a is missing more often (2.0 → 8.0 %); 1 more finding"


GONE = replace(MISSING, value=0.97, detail="3.0 → 100 %", since=date(2013, 11, 8))
SILENT = replace(FEATURE, state=N, raw_state=N, value=None, detail="", since=None, reason=ABSENT)


def test_inputs_without_values_lead_and_are_counted_whether_they_already_breach_or_not():
    verdicts = [
        *[replace(GONE, feature=name) for name in ("temp", "humid")],
        *[replace(SILENT, feature=name) for name in ("temp", "humid", "visib", "dewp")],
        replace(SCORE, state=C, value=90.0),
    ]
    told = "4 features hold no values on 9 Nov, more missing since 8 Nov: dewp, humid, temp and 1 more"
    assert why(verdicts) == f"{told}; 1 more finding"
    found = roll_up(verdicts)
    assert found.families["quality"].why == told
    assert found.families["drift"].why == "the scores drifted (PSI 0.15)"
    assert found == replace(roll_up(verdicts[::-1]))


def test_one_input_without_values_is_named():
    one = [replace(GONE, since=date(2013, 11, 9)), SILENT]
    assert why(one) == "temp holds no values on 9 Nov"
    longer = [replace(verdict, window_start=date(2013, 11, 7)) for verdict in one]
    assert why(longer) == "temp holds no values since 7 Nov"


def test_a_feature_that_never_breached_its_missing_share_is_not_told():
    assert why([SILENT, SCORE]) == "the scores drifted (PSI 0.15)"


def test_the_order_of_the_verdicts_does_not_matter():
    verdicts = [FEATURE, SCORE, AUC, MISSING]
    assert roll_up(verdicts) == replace(roll_up(verdicts[::-1]))


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (SCORE, "the scores drifted (PSI 0.15)"),
        (AUC, "ROC AUC fell (0.76 → 0.73)"),
        (MISSING, "temp is missing more often (2.0 → 8.0 %)"),
        (replace(MISSING, value=-0.06), "temp is missing less often (2.0 → 8.0 %)"),
        (replace(FEATURE, segment={"carrier": "EV"}, since=None), "temp drifted (PSI 0.34) in carrier = EV"),
        (verdict("f1", W, feature=None, family="performance"), "F1 is below its limit"),
    ],
)
def test_a_breach_is_told_in_words(one, words):
    assert sentence(one) == words


def test_a_family_that_cannot_be_judged_remembers_when_it_was():
    judged = with_last_judged(roll_up([AUC]).families, {}, date(2024, 3, 1))["performance"]
    assert (judged.judged_on, judged.judged_as) == (date(2024, 3, 1), AUC.state)
    waiting = replace(AUC, state=N, raw_state=N)
    later = with_last_judged(roll_up([waiting]).families, {"performance": judged}, date(2024, 3, 2))["performance"]
    assert (later.state, later.judged_on, later.judged_as) == (N, date(2024, 3, 1), AUC.state)
    assert with_last_judged(roll_up([waiting]).families, {}, date(2024, 3, 2))["performance"].judged_on is None


def test_a_finding_in_many_segments_counts_once():
    parts = [replace(FEATURE, segment={"place": place}) for place in ("north", "south", "east")]
    assert other_findings([FEATURE, *parts, AUC], [FEATURE]) == 1
    assert other_findings([*parts], []) == 1
