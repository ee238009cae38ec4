"""credit-risk: calibrated where nothing was staged, and each incident as large as it must be to be found."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from core.log.schema import load_schema
from sample_data.credit_risk import generate
from sample_data.staging import LAST_REFERENCE

QUIET = (date(2013, 8, 5), date(2013, 11, 3))


@pytest.fixture(scope="module")
def rows():
    return generate.staged_rows().rows


def on(rows, first, last):
    return rows.filter(pl.col("day").is_between(first, last))


def line(rows):
    """Return intercept (with slope 1) and slope of a recalibration."""
    odds = np.log(rows["p_missed"].to_numpy() / (1 - rows["p_missed"].to_numpy()))
    fitted = LogisticRegression(C=np.inf).fit(odds[:, None], rows["missed"].to_numpy())
    return float(fitted.intercept_[0]), float(fitted.coef_[0, 0])


def psi(reference, current):
    edges = np.unique(np.quantile(reference, np.arange(1, 10) / 10))
    r, c = (np.bincount(np.searchsorted(edges, x), minlength=len(edges) + 1) for x in (reference, current))
    return float(((c / c.sum() - r / r.sum()) * np.log((c + 0.5) / (r + 0.5))).sum())


def test_the_reference_and_the_quiet_months_are_calibrated_and_alike(rows):
    for part in (rows.filter(pl.col("day") <= LAST_REFERENCE), on(rows, *QUIET)):
        intercept, slope = line(part)
        assert abs(intercept) < 0.1
        assert abs(slope - 1) < 0.05
        assert roc_auc_score(part["missed"], part["p_missed"]) == pytest.approx(0.77, abs=0.01)
        assert float(part["missed"].mean()) == pytest.approx(0.163, abs=0.005)


def test_protected_columns_are_no_input_of_the_score_and_no_segment(rows):
    schema = load_schema(generate.SCHEMA)
    assert schema.protected == ("sex", "age_band")
    assert not set(schema.protected) & {*schema.segments, *schema.feature_names}
    day = rows.filter(pl.col("day") == QUIET[0])
    swapped = day.with_columns(sex=pl.lit("male"), age_band=pl.lit("18-29"))
    assert np.array_equal(generate.log_odds(day), generate.log_odds(swapped))


def test_the_logged_shap_values_add_up_to_the_log_odds_of_every_row(rows):
    added = rows.select(pl.sum_horizontal(pl.selectors.starts_with("shap_"))).to_series().to_numpy()
    odds = np.log(rows["p_missed"].to_numpy() / (1 - rows["p_missed"].to_numpy()))
    base = odds - added
    assert np.ptp(base) < 1e-6
    reference = rows.filter(pl.col("day") <= LAST_REFERENCE)
    assert reference["shap_income"].mean() == pytest.approx(0.0, abs=1e-9)


def test_while_the_calibration_drifts_ranking_and_scores_stay_and_the_scores_are_too_low(rows):
    part, before = on(rows, *generate.CALIBRATION_DRIFTS), rows.filter(pl.col("day") <= LAST_REFERENCE)
    assert line(part)[0] > 0.3
    assert roc_auc_score(part["missed"], part["p_missed"]) == pytest.approx(0.77, abs=0.015)
    assert psi(before["p_missed"], part["p_missed"]) < 0.01
    assert float((part["missed"] - part["p_missed"]).mean()) > 0.05


def test_the_changed_unit_is_a_factor_of_1000_on_one_day_and_reaches_the_score(rows):
    day = rows.filter(pl.col("day") == generate.CHANGED_UNIT)
    others = rows.filter(pl.col("day") != generate.CHANGED_UNIT)
    assert others["income"].median() / day["income"].median() == pytest.approx(1_000, rel=0.05)
    assert day["income"].max() < others["income"].min()
    assert day["p_missed"].mean() > 1.5 * others["p_missed"].mean()


def test_only_where_purpose_and_channel_meet_does_the_relation_turn_round(rows):
    part = on(rows, *generate.SEGMENT_DEGRADES)
    both = (pl.col("purpose") == "business") & (pl.col("channel") == "broker")
    cell, rest = part.filter(both), part.filter(~both)
    assert generate.degraded(rows).sum() == cell.height
    assert roc_auc_score(cell["missed"], cell["p_missed"]) < 0.4
    assert roc_auc_score(rest["missed"], rest["p_missed"]) == pytest.approx(0.77, abs=0.015)
    for column, value in (("purpose", "business"), ("channel", "broker")):
        segment = part.filter(pl.col(column) == value)
        usual = rows.filter(pl.col("day") <= LAST_REFERENCE, pl.col(column) == value)
        rise = log_loss(segment["missed"], segment["p_missed"]) / log_loss(usual["missed"], usual["p_missed"])
        assert rise > 1.4


def test_the_drifting_feature_ends_far_beyond_the_limit_and_moves_no_score(rows):
    before = rows.filter(pl.col("day") <= LAST_REFERENCE)
    after = on(rows, generate.DRIFT_IS_WHOLE, date(2013, 12, 31))
    assert psi(before["months_employed"], after["months_employed"]) > 0.5
    assert psi(before["p_missed"], after["p_missed"]) < 0.01
    assert line(after)[1] == pytest.approx(1, abs=0.08)


def test_every_segment_has_some_hundred_rows_on_every_day(rows):
    for column in ("purpose", "channel", "request_source", "feature_set"):
        assert rows.group_by("day", column).len()["len"].min() >= 70


def test_a_request_that_failed_says_so_took_long_and_has_no_bureau_score(rows):
    failed = rows.filter(pl.col("error").is_not_null())
    assert 0.002 < failed.height / rows.height < 0.006
    assert failed["bureau_score"].null_count() == failed.height
    assert failed["latency_ms"].min() > 2_000
