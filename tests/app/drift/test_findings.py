"""Titles and sentences made from numbers."""

from dataclasses import replace
from datetime import date

from app.drift import findings
from app.drift.views import Change
from core.states import State
from core.windows import Grain


def test_drift_title_is_the_finding(drift_view):
    assert findings.drift_title(drift_view) == "Drift in 2 of 12 features, led by wind\\_speed"
    one = replace(drift_view, rows=(drift_view.rows[0], drift_view.rows[2]))
    assert findings.drift_title(one) == "Drift in 1 of 2 features: wind\\_speed"


def test_drift_title_without_drift_says_what_could_not_be_judged(drift_view):
    healthy = tuple(replace(row, state=State.HEALTHY) for row in drift_view.rows)
    assert findings.drift_title(replace(drift_view, rows=healthy)) == "No drift in 12 features"
    partly = (*healthy[:3], replace(healthy[3], state=State.NOT_APPLICABLE))
    assert findings.drift_title(replace(drift_view, rows=partly)) == (
        "No drift in 3 of 4 features; the others cannot be judged"
    )
    none = tuple(replace(row, state=State.NOT_APPLICABLE) for row in healthy)
    assert "cannot be judged yet" in findings.drift_title(replace(drift_view, rows=none))
    assert findings.drift_title(replace(drift_view, rows=())) == "Drift cannot be judged yet"
    empty = replace(drift_view, rows=(), reason="no closed window yet")
    assert findings.drift_sentence(empty) == "No closed window yet\\."


def test_drift_sentence_says_how_good_the_model_is(drift_view):
    sentence = findings.drift_sentence(drift_view)
    assert "Inputs moved; the predictions stayed within their limit." in sentence
    assert "ROC AUC is 0.688 [0.641 to 0.731], 0.702 in the reference." in sentence
    assert "Look at wind\\_speed first, over its limit since 4 Dec 2013." in sentence
    quiet = replace(drift_view, score=replace(drift_view.score, significant=False))
    assert "the predictions show no significant change." in findings.drift_sentence(quiet)


def test_a_change_of_the_relation_is_claimed_only_with_its_stored_verdict(drift_view):
    change = Change(metric="ROC AUC", value=0.6, low=0.58, high=0.62, n=900, reference=0.7, state=State.NOT_APPLICABLE)
    plain = findings.drift_sentence(replace(drift_view, performance=change))
    assert "ROC AUC is 0.600 [0.580 to 0.620], 0.700 in the reference." in plain
    assert "changed" not in plain
    judged = replace(drift_view, performance=replace(change, state=State.WARNING))
    assert "The relation changed: ROC AUC fell from 0.700 to 0.600 [0.580 to 0.620]." in findings.drift_sentence(judged)
    better = replace(drift_view, performance=replace(change, state=State.WARNING, value=0.8))
    assert "ROC AUC rose from 0.700" in findings.drift_sentence(better)
    alone = replace(drift_view, performance=replace(change, reference=None))
    assert "ROC AUC is 0.600 [0.580 to 0.620]. Look" in findings.drift_sentence(alone)


def test_while_labels_arrive_nothing_is_claimed(drift_view):
    change = replace(drift_view.performance, n=693, mature=False)
    told = findings.drift_sentence(replace(drift_view, performance=change))
    assert "Labels are still arriving: ROC AUC is so far 0.688 [0.641 to 0.731] on 693 of 972 rows" in told
    assert "changed" not in told
    unknown = replace(change, value=None, reason="no actuals yet")
    assert "Whether the relation held is not known: no actuals yet." in findings.drift_sentence(
        replace(drift_view, performance=unknown)
    )


def test_values_missing_in_more_rows_are_told_although_no_distribution_moved(drift_view):
    calm, temp = drift_view.rows[3], drift_view.rows[2]
    rows = (replace(calm, missing_reference=0.001, missing_current=0.144), replace(calm, feature="b"), temp)
    sentence = findings.drift_sentence(replace(drift_view, rows=rows))
    assert "Look at the source of feature\\_1: missing in more rows (0.1 → 14.4 %)." in sentence
    assert sentence.endswith("season, not an alarm.")
    both = tuple(replace(row, missing_current=0.2) for row in rows[:2])
    assert "feature\\_1 and b: missing in more rows (up to 0.1 → 20.0 %)" in findings.drift_sentence(
        replace(drift_view, rows=both)
    )
    off = replace(drift_view, rows=rows[:1], limits=replace(drift_view.limits, missing=None))
    assert "missing" not in findings.drift_sentence(off)


def test_drift_sentence_calls_season_by_its_name(drift_view):
    seasonal = replace(drift_view, rows=(drift_view.rows[2],), performance=None)
    assert "temp lies outside its training range in 61.0 % of rows: season, not an alarm." in (
        findings.drift_sentence(seasonal)
    )


def test_predictions_that_moved_are_said_with_their_psi(drift_view):
    moved = replace(drift_view, score=replace(drift_view.rows[1], feature="score"))
    assert "and so did the predictions (PSI 0.19)" in findings.drift_sentence(moved)
    alone = replace(moved, rows=(drift_view.rows[2],))
    assert "No input moved beyond its limit, but the predictions did (PSI 0.19)." in findings.drift_sentence(alone)
    silent = replace(drift_view, score=None)
    assert findings.drift_sentence(silent).startswith("Inputs moved.")


def test_the_largest_change_of_a_distribution_is_the_finding(feature_view):
    told = findings.distribution_finding(feature_view.distribution, numeric=True)
    assert told == "1 to 4 kn: 11.0 % of rows in the reference, 5.0 % now"
    assert findings.series_finding(feature_view) == "PSI above chance: over the limit since 4 Dec 2013"


def test_a_category_is_told_with_its_feature(feature_view):
    told = findings.distribution_finding(feature_view.distribution, numeric=False, feature="RELP")
    assert told.replace("\\", "").startswith("RELP = ")
    assert "=" not in findings.distribution_finding(feature_view.distribution, numeric=False)


def test_findings_of_an_empty_feature_are_words_not_errors(feature_view):
    bare = replace(feature_view, distribution=None, series=None)
    empty = replace(feature_view.distribution, n_current=0)
    assert findings.distribution_finding(empty, numeric=True) == "No distribution in this window"
    assert findings.series_finding(bare) == "No windows to compare"
    healthy = replace(feature_view, row=replace(feature_view.row, state=State.HEALTHY))
    assert "no alarm now" in findings.series_finding(healthy)
    calm = replace(feature_view.series, states=(State.HEALTHY,) * 60)
    assert "never significantly" in findings.series_finding(replace(healthy, series=calm))
    low = replace(calm, excess=(0.01,) * 60)
    assert "below the limit throughout" in findings.series_finding(replace(healthy, series=low))
    silent = replace(feature_view, row=replace(feature_view.row, state=State.NOT_APPLICABLE))
    assert "no verdict in this window" in findings.series_finding(silent)
    fixed = replace(feature_view, series=replace(feature_view.series, limits=()))
    assert "information, no verdict" in findings.series_finding(fixed)
    same = replace(feature_view.distribution, current_share=feature_view.distribution.reference_share)
    assert findings.distribution_finding(same, numeric=True).startswith("Nearly the same")


def test_a_silent_source_is_the_finding_when_the_predictions_moved(drift_view):
    moved = replace(drift_view.rows[1], feature="score")
    gone = replace(drift_view.rows[-1], missing_current=1.0)
    view = replace(drift_view, rows=(gone, drift_view.rows[2]), score=moved, performance=None)
    assert findings.drift_title(view) == "Predictions drifted; 1 of 2 features hold no values"
    assert "Look at the source of precip first: no values in this window." in findings.drift_sentence(view)
    alone = replace(view, rows=(drift_view.rows[2],))
    assert findings.drift_title(alone) == "Predictions drifted, no feature did"
    assert "look at several together" in findings.drift_sentence(alone)


def test_nothing_to_do_is_said_only_when_the_relation_held_too(drift_view):
    calm = replace(drift_view, rows=(drift_view.rows[3],))
    assert findings.drift_sentence(calm).endswith("Nothing to do.")
    worse = replace(calm, performance=replace(calm.performance, state=State.WARNING))
    assert "Nothing to do" not in findings.drift_sentence(worse)


def test_a_breach_of_a_log_without_days_is_told_in_slices_and_years(drift_view, feature_view):
    row = replace(drift_view.rows[0], state=State.CRITICAL, since=date(1970, 1, 22), grain=Grain.BATCH)
    told = findings.drift_sentence(replace(drift_view, rows=(row,), grain=Grain.BATCH, score=None))
    assert "over its limit since slice 21" in told
    yearly = replace(row, since=date(2017, 1, 1), grain=Grain.YEAR)
    assert findings.series_finding(replace(feature_view, row=yearly)).endswith("since 2017")
