from dataclasses import replace

from app.performance import foretold
from core.estimation.display import lag_steps
from core.estimation.early import early_labels
from core.estimation.lag import known_share


def fact(view, **changes):
    """Return the view with another estimate of ROC AUC."""
    mine = replace(view.estimation.facts["roc_auc"], **changes)
    estimation = replace(view.estimation, facts={**view.estimation.facts, "roc_auc": mine})
    return replace(view, estimation=estimation)


def with_estimation(view, **changes):
    return replace(view, estimation=replace(view.estimation, **changes))


def test_an_estimate_is_told_with_its_band_and_with_what_it_cannot_see(churn):
    view = fact(churn("1d"), value=0.7, low=0.6, high=0.8, widened=1.0)
    said = foretold.estimate_words(view, "roc_auc").replace("\\", "")
    assert said.startswith("Dashed: ROC AUC as the scores alone expect it, 0.700")
    assert "only actuals show that" in said
    assert "times as wide" not in said


def test_a_band_that_earlier_windows_widened_says_so_and_where_the_truth_fell(churn):
    view = fact(churn("2024-03-08..2024-03-15"), value=0.9, low=0.85, high=0.95, widened=2.5, n_known=12)
    said = foretold.estimate_words(view, "roc_auc").replace("\\", "")
    assert "2.5 times as wide as chance: so far did 12 earlier windows miss" in said
    assert "outside the band" in said


def test_what_cannot_be_estimated_says_why_and_what_can(tickets):
    said = foretold.estimate_words(tickets("2024-03-07..2024-03-08"), "f1_macro")
    assert said.startswith("Not estimated before actuals: the scores of a class are not kept")
    assert "Estimated here: accuracy" in said


def test_a_regression_is_told_from_features_and_prediction(demand):
    view = demand("2024-03-07..2024-03-08")
    mine = replace(view.estimation.facts["mae"], value=4.0, low=3.0, high=5.0)
    view = with_estimation(view, facts={**view.estimation.facts, "mae": mine})
    assert "as features and prediction expect it" in foretold.estimate_words(view, "mae")


def test_coverage_says_whether_the_window_is_judged(churn):
    assert foretold.coverage_finding(churn("1d")).startswith("0 % of the actuals of this window are known: not judged")
    assert foretold.coverage_finding(churn("2024-03-08..2024-03-15")).endswith("complete enough")


def test_maturity_by_lag_stands_beside_the_declared_delay(churn):
    view = churn("2024-03-08..2024-03-15")
    assert foretold.maturity_words(view) == ""
    same = with_estimation(view, mature_by_lag=True)
    assert foretold.maturity_words(same) == "By the lags seen the window is complete enough."
    other = with_estimation(view, mature_by_lag=False, lag_reason="80% of labels known, 86% needed")
    assert foretold.maturity_words(other).endswith("Verdicts follow the declared delay.")


def test_the_lag_names_what_is_never_labelled(churn):
    estimation = churn("1d").estimation
    assert foretold.lag_finding(estimation) == "How late actuals come is not known"
    curves = {
        "2.6 % are never labelled": known_share([1, 4, 30], [900, 74, 0], [0, 0, 26]),
        "more are still coming": known_share([1, 3], [90, 0], [0, 10]),
        "none is missing in the end": known_share([1, 2], [90, 10], [0, 0]),
    }
    for words, curve in curves.items():
        assert foretold.lag_finding(replace(estimation, lag=lag_steps(curve))).endswith(words)


def test_early_labels_that_are_no_fair_sample_are_named(churn):
    view = churn("1d")
    assert foretold.early_words(view) == ""
    unfair = early_labels([100, 0], [0, 100], [50, 50])
    young = with_estimation(view, early=unfair)
    assert foretold.early_words(young).startswith("Early labels are not a fair sample")
    assert "leaves them out" in foretold.early_words(replace(young, mature=True))
