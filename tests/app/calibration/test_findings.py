from datetime import date

from app.calibration import findings
from app.calibration.views import Measured
from app.earlier import Earlier
from core.states import State
from core.windows import Grain, Window
from tests.app.calibration.made_up import made_up_view, stretch


def test_the_title_says_what_the_score_says_what_happens_and_since_when():
    view = made_up_view(state=State.WARNING, since="4 Nov")
    assert (
        findings.title(view) == "Says 30 %, happens 41 % (n = 812): scores between 0.2 and 0.4 are too low since 4 Nov"
    )


def test_scores_that_say_too_much_are_too_high():
    view = made_up_view(state=State.CRITICAL, stretch=stretch(said=0.4, happened=0.3, whole=True))
    assert findings.title(view).endswith("all scores are too high")


def test_a_quiet_model_reads_as_probabilities_and_has_nothing_to_do():
    view = made_up_view(state=State.HEALTHY, significant=True)
    assert findings.title(view) == "Says 24 %, happens 23 % (n = 7,312): scores can be read as probabilities"
    assert findings.why_it_matters(view).endswith("Nothing to do.")
    assert "no significant" in findings.title(made_up_view(state=State.HEALTHY, significant=False))


def test_an_immature_window_is_not_judged_and_says_why():
    view = made_up_view(state=State.NOT_APPLICABLE, immature="labels still arriving", significant=None)
    assert findings.title(view).endswith("not judged yet")
    assert "labels still arriving" in findings.why_it_matters(view)


def test_a_ranking_and_a_regression_say_why_calibration_does_not_apply():
    ranking = made_up_view(why_not="the score is not declared a probability")
    assert findings.title(ranking) == "Calibration does not apply: its score is a ranking"
    assert "score_kind" in findings.why_it_matters(ranking)
    regression = made_up_view(why_not="a regression has no probability", task="regression")
    assert findings.title(regression) == "Calibration does not apply: this model predicts amounts"
    assert "Performance page" in findings.why_it_matters(regression)


def test_without_actuals_nothing_is_claimed():
    view = made_up_view(curve=None, stretch=None, reason="not applicable: no actuals yet")
    assert findings.title(view) == "Calibration cannot be judged yet"
    assert findings.why_it_matters(view) == "No actuals yet\\."


def test_a_segment_that_alarms_is_named_when_the_whole_does_not():
    view = made_up_view(state=State.HEALTHY)
    worst = made_up_view(segment_state=State.CRITICAL)
    assert "Look at plan \\= basic first" in findings.why_it_matters(worst)
    assert findings.title(worst).endswith("all rows together raise no alarm")
    assert "Look at" not in findings.why_it_matters(view)


def test_the_windows_are_counted_that_show_more_than_a_perfect_model_would():
    said = findings.series_finding(made_up_view())
    assert said == "More than a perfect model would show in 2 of 3 windows; 1 window with labels still arriving"
    assert findings.series_finding(made_up_view(series=None)) == "No windows to draw"


def test_small_shares_keep_a_decimal_and_ends_of_the_scale_are_left_out():
    assert findings.percent(0.031) == "3.1 %"
    assert findings.where(stretch(from_score=0.0, to_score=0.15)) == "scores up to 0.15"
    assert findings.where(stretch(from_score=0.8, to_score=1.0)) == "scores above 0.8"
    assert findings.curve_finding(made_up_view()).startswith("Furthest off, scores between 0.2 and 0.4: says 30 %")
    assert Measured(value=None, low=None, high=None, n=0, note="why").note == "why"


def test_while_labels_arrive_the_last_complete_day_is_named_with_its_error():
    day = Window(date(2024, 3, 3), date(2024, 3, 4))
    earlier = Earlier(window=day, grain=Grain.DAY, value=0.017, low=0.0, high=0.044)
    view = made_up_view(
        state=State.NOT_APPLICABLE, curve=None, reason="not applicable: no actuals yet", earlier=earlier
    )
    assert findings.title(view).startswith("Calibration error was 0.017 on the last complete day")
    assert "3 Mar 2024: calibration error 0.017 [0.000 to 0.044]" in findings.why_it_matters(view)
