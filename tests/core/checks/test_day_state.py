from core.checks.day_state import Headline


def test_a_headline_without_actuals_has_no_auc():
    headline = Headline(n=10, n_labelled=0, metric="roc_auc", value=None, mature=False)
    assert headline.value is None
    assert headline == Headline(n=10, n_labelled=0, metric="roc_auc", value=None, mature=False)
