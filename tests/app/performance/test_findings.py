"""Title and sentences of the Performance page, made from numbers."""

from dataclasses import replace
from datetime import date

import pytest

from app import words
from app.performance import findings
from app.performance.metrics import METRICS
from app.performance.views import SegmentAlarm, WorstWindow
from core.performance.display import Confusion
from core.states import State
from core.windows import Window

QUIET, SPOILED, IMMATURE = "2024-03-08..2024-03-09", "2024-03-15..2024-03-16", "1d"


def test_a_metric_over_its_limit_leads_the_title_with_both_numbers(demand):
    view = demand(SPOILED)
    title = findings.performance_title(view)
    assert title.startswith("Mean absolute error rose from ")
    assert words.plain(METRICS["mae"].text(view.facts["mae"].value)) in title
    assert "since 13 Mar 2024" in title
    assert "Look first at shop \\= south" in findings.performance_sentence(view)


def test_a_quiet_day_says_how_good_the_model_is(churn):
    view = churn("2024-03-10..2024-03-11")
    assert findings.performance_title(view).endswith("no alarm against the reference")
    assert "Actuals are known for 150 of 150" in findings.performance_sentence(view)


def test_late_labels_are_said_before_any_number(churn):
    view = churn(IMMATURE)
    assert findings.performance_title(replace(view, earlier=None)) == "ROC AUC cannot be given yet"
    assert "in the last complete window; this one waits for labels" in findings.performance_title(view)
    assert "The last complete window is " in findings.performance_sentence(view)
    assert findings.performance_sentence(view).startswith("No actual is known yet for 150 predictions")
    week = churn("7d")
    assert "so far, labels still arriving" in findings.performance_title(week)
    assert "There is no verdict before that." in findings.performance_sentence(week)


def test_an_empty_window_points_elsewhere(churn):
    view = replace(churn(IMMATURE), n=0, n_labelled=0)
    assert "There are no predictions in this window" in findings.performance_sentence(view)


def test_several_days_show_numbers_without_verdicts(tickets):
    view = tickets("2024-03-05..2024-03-09")
    assert "in the reference" in findings.performance_title(view)
    assert "choose one day for its state" in findings.performance_sentence(view)


def test_the_course_of_a_metric_is_told_by_its_worst_complete_window(churn):
    view = churn("2024-03-10..2024-03-11")
    assert findings.series_finding(view, "recall").startswith("Recall: at worst ")
    assert "10 windows with complete actuals" in findings.series_finding(view, "recall")


def test_segments_are_told_from_worst_to_best_and_small_ones_are_named(demand):
    view = demand(SPOILED)
    shown = view.segments["mae"]
    assert findings.segments_finding(shown, "mae").startswith("Worst is shop \\= south with ")
    small = replace(shown, suppressed=("shop = west",))
    assert findings.left_out(small, len(shown.dots)) == "Suppressed with fewer than 10 rows: shop \\= west."
    assert findings.left_out(shown, 1).startswith("2 better ones are in the table only")


def test_decisions_are_told_in_the_models_own_words(churn):
    view = replace(
        churn("2024-03-10..2024-03-11"),
        confusion=Confusion(called=("called", "not"), actual=("gone", "not"), counts=((30, 10), (20, 40))),
    )
    told = findings.confusion_finding(view)
    assert told == "Positive: 40 predictions, 75.0 % of them positive; positive: 50, 60.0 % of them positive"


def test_the_most_frequent_confusion_is_named(tickets):
    told = findings.confusion_finding(tickets(SPOILED))
    assert told.startswith("Most often network is taken for ")


def test_errors_are_told_by_half_and_by_side(demand):
    told = findings.errors_finding(demand(SPOILED))
    assert told.startswith("Half of the predictions are off by less than ")
    assert "on average too high by" in told
    assert "too high as much as too low" in findings.errors_finding(demand(QUIET))


def test_a_better_version_is_named_and_equal_ones_are_not(demand):
    assert findings.versions_finding(demand(SPOILED).versions["mae"], "mae").startswith("v2 (shadow) is better")
    assert "no version differs" in findings.versions_finding(demand(QUIET).versions["mae"], "mae")


def test_a_breach_without_a_change_tells_its_limit(churn):
    view = churn("2024-03-10..2024-03-11")
    fact = replace(view.facts["recall"], state=State.CRITICAL, limit=None)
    told = findings.performance_title(replace(view, facts={**view.facts, "recall": fact}))
    assert told.startswith("Recall is beyond its limit: ")


def test_a_segment_over_its_limit_is_the_title_where_all_rows_together_are_not(churn):
    alarm = SegmentAlarm(
        segment="plan = basic", metric="recall", state=State.CRITICAL, detail="0.657 → 0.351", since=date(2024, 3, 9)
    )
    view = replace(churn("2024-03-10..2024-03-11"), alarms=(alarm,))
    assert not view.breaches()
    title = findings.performance_title(view).replace("\\", "")
    assert title == "Recall is over its limit in plan = basic: 0.657 → 0.351 since 9 Mar 2024"
    assert "Choose plan = basic in the header" in findings.performance_sentence(view).replace("\\", "")


def test_one_window_beyond_its_limit_is_told_as_no_alarm_yet(churn):
    view = churn("2024-03-10..2024-03-11")
    fact = replace(view.facts["roc_auc"], state=State.HEALTHY, raw_state=State.WARNING, value=0.6, reference=0.7)
    shown = replace(view, facts={**view.facts, "roc_auc": fact}, alarms=())
    assert findings.performance_title(shown).endswith("not yet in enough windows for an alarm")


EPISODE = WorstWindow(
    window=Window(date(2013, 4, 22), date(2013, 4, 29)),
    metric="log_loss",
    state=State.CRITICAL,
    mean=0.67,
    changed=True,
    relative=True,
)


@pytest.mark.parametrize(
    ("changed", "relative", "words"),
    [
        (True, True, "Log loss +67 % on average"),
        (True, False, "Log loss +0.670 on average"),
        (False, False, "Log loss 0.670 on average"),
    ],
)
def test_the_worst_window_is_told_in_a_few_words(changed, relative, words):
    assert findings.worst_words(replace(EPISODE, changed=changed, relative=relative)) == words


def test_the_title_of_a_worst_window_is_what_was_wrong_in_it_and_where(churn):
    view = churn("2024-03-10..2024-03-12")
    one = replace(EPISODE, window=view.window, segment="plan = max")
    title = findings.performance_title(replace(view, worst=(one,)))
    assert title == "Critical in this window: log loss \\+67 % on average in plan \\= max"
    elsewhere = replace(view, worst=(one,), segment="plan=max")
    assert "Critical" not in findings.performance_title(elsewhere)
