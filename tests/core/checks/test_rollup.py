from dataclasses import replace
from datetime import date

import pytest

from core.checks.rollup import day_words, roll_up, sentence, why
from core.checks.verdicts import Verdict
from core.states import State

H, W, C, N = State.HEALTHY, State.WARNING, State.CRITICAL, State.NOT_APPLICABLE


def verdict(check, state, *, family="drift", feature="temp", value=0.31, limit=0.1, **fields):
    return Verdict(
        check=check, family=family, feature=feature, state=state, raw_state=state, value=value, limit=limit, n=900,
        window_start=date(2013, 11, 9), window_end=date(2013, 11, 10), **fields,
    )  # fmt: skip


FEATURE = verdict("feature_drift", C, detail="PSI .34", since=date(2013, 11, 4))
SCORE = verdict("prediction_drift", W, feature="score", detail="PSI .15")
AUC = verdict("roc_auc_change", W, family="performance", feature=None, value=-0.03, limit=0.02, detail=".76 → .73")
MISSING = verdict("missing_share", C, family="quality", value=0.06, limit=0.05, detail="2.0% → 8.0%")


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
    assert why([AUC, FEATURE, SCORE]) == "temp drifted (PSI .34) since 4 Nov and 2 more"
    assert why([replace(AUC, state=H)]) == ""


def test_of_two_equal_states_the_one_further_beyond_its_limit_leads():
    further = replace(FEATURE, feature="wind", value=0.9)
    assert why([FEATURE, further]).startswith("wind drifted")


def test_the_order_of_the_verdicts_does_not_matter():
    verdicts = [FEATURE, SCORE, AUC, MISSING]
    assert roll_up(verdicts) == replace(roll_up(verdicts[::-1]))


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (SCORE, "the scores drifted (PSI .15)"),
        (AUC, "ROC AUC fell (.76 → .73)"),
        (MISSING, "temp is missing more often (2.0% → 8.0%)"),
        (replace(MISSING, value=-0.06), "temp is missing less often (2.0% → 8.0%)"),
        (replace(FEATURE, segment={"carrier": "EV"}, since=None), "temp drifted (PSI .34) in carrier = EV"),
        (verdict("f1", W, feature=None, family="performance"), "f1 is beyond its limit"),
    ],
)
def test_a_breach_is_told_in_words(one, words):
    assert sentence(one) == words


def test_days_are_written_as_people_do():
    assert day_words(date(2014, 1, 31)) == "31 Jan"
