"""Reviews of loans that never were: features drawn, scores from a fixed formula, actuals from the true law.

The true law is the formula itself and, for some days, something else: the incidents. PROVENANCE.md tells them.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sample_data.staging import (
    LAST_REFERENCE,
    LAST_SERVED,
    ZONE,
    Floats,
    StagedRows,
    all_days,
    between,
    event_times,
    expit,
    rows_a_day,
)

SCHEMA = Path(__file__).parent / "model.yaml"
SEED = 20130603
WEEKDAY_ROWS, WEEKEND_ROWS = 900, 600

CALIBRATION_DRIFTS = (date(2013, 11, 4), date(2013, 11, 17))
CHANGED_UNIT = date(2013, 11, 26)
SEGMENT_DEGRADES = (date(2013, 12, 2), date(2013, 12, 15))
FEATURE_DRIFTS, DRIFT_IS_WHOLE = date(2013, 12, 9), date(2013, 12, 22)
LATE_DAY, LATE_UNTIL = date(2013, 12, 19), datetime(2013, 12, 23, 6, tzinfo=ZONE)

BASE = -2.15
"""Intercept of the formula: some sixteen reviews in a hundred, before a missed payment."""

SHIFT = 0.5
"""What the log-odds of a missed payment gain while the calibration drifts."""

MISSED = {"purpose": {"business": 0.35, "car": 0.0, "home": -0.25, "other": 0.1}}
MISSED["channel"] = {"branch": -0.2, "broker": 0.25, "web": 0.0}


def staged_rows() -> StagedRows:
    """Return all rows, the same at every call."""
    draw = np.random.default_rng(SEED)
    days = all_days()
    counts = rows_a_day(draw, days, weekday=WEEKDAY_ROWS, weekend=WEEKEND_ROWS)
    rows = _features(draw, event_times(draw, days, counts))
    rows = _served(draw, _with_drift(rows))
    logged = _with_changed_unit(rows)
    score = expit(log_odds(logged))
    missed = draw.random(rows.height) < _true_chance(rows)
    known_at = pl.col("day").cast(pl.Datetime("us")) + pl.duration(
        days=pl.lit(pl.Series(draw.integers(4, 9, rows.height)))
    )
    told = logged.with_columns(
        *shap_values(logged),
        p_missed=pl.Series(np.round(score, 9)),
        missed=pl.Series(missed.astype(np.int8)),
        known_at=known_at.dt.replace_time_zone(ZONE.key),
    )
    served = tuple(name for name in told.columns if name not in ("day", "known_at", "missed"))
    return StagedRows(
        rows=told,
        served=served,
        key="review_id",
        timestamp="reviewed_at",
        actual="missed",
        late={LATE_DAY: LATE_UNTIL},
    )


def _features(draw: np.random.Generator, times: pl.DataFrame) -> pl.DataFrame:
    n = times.height
    age = draw.choice(["18-29", "30-44", "45-59", "60+"], n, p=[0.22, 0.36, 0.28, 0.14])
    young = age == "18-29"
    bureau = np.clip(np.rint(draw.normal(684.0, 70.0, n) - 4.0 * young), 350, 850)
    employed = np.minimum(np.rint(draw.gamma(1.6, 45.0, n) * np.where(young, 0.5, 1.0)), 480)
    return pl.DataFrame(
        {
            "review_id": [f"R{place:07d}" for place in range(n)],
            "reviewed_at": times["event_at"],
            "bureau_score": pl.Series(np.where(draw.random(n) < 0.02, np.nan, bureau)).fill_nan(None),
            "utilisation": np.round(draw.beta(1.6, 2.6, n) * 0.99 + 0.01 * young, 3),
            "debt_ratio": np.round(draw.beta(2.2, 4.5, n), 3),
            "income": np.clip(np.rint(np.exp(draw.normal(np.log(52_000), 0.5, n)) / 100) * 100, 8_000, 400_000),
            "inquiries_6m": np.minimum(draw.poisson(1.1, n), 12).astype(np.float64),
            "months_employed": employed,
            "term_months": draw.choice([12.0, 24.0, 36.0, 48.0, 60.0], n, p=[0.1, 0.2, 0.35, 0.2, 0.15]),
            "balance": np.clip(np.rint(np.exp(draw.normal(np.log(6_500), 0.8, n)) / 10) * 10, 200, 90_000),
            "purpose": draw.choice(sorted(MISSED["purpose"]), n, p=[0.28, 0.28, 0.24, 0.20]),
            "channel": draw.choice(sorted(MISSED["channel"]), n, p=[0.24, 0.36, 0.40]),
            "sex": draw.choice(["female", "male"], n),
            "age_band": age,
            "day": times["day"],
        }
    )


def _served(draw: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with how each request went: where the bureau did not answer in time its score is missing."""
    n = rows.height
    failed = draw.random(n) < 0.004
    latency = np.exp(draw.normal(np.log(38.0), 0.4, n)) + 2_000.0 * failed
    return rows.with_columns(
        pl.when(pl.Series(failed)).then(None).otherwise(pl.col("bureau_score")).alias("bureau_score"),
        latency_ms=pl.Series(np.round(latency, 1)),
        error=pl.when(pl.Series(failed)).then(pl.lit("bureau timeout")).otherwise(None),
        request_source=pl.Series(draw.choice(["nightly", "online", "partner"], n, p=[0.5, 0.3, 0.2])),
        feature_set=pl.Series(draw.choice(["2013.1", "2013.2"], n, p=[0.6, 0.4])),
    )


def log_odds(rows: pl.DataFrame) -> Floats:
    """Return the formula of the model: what it believes the log-odds of a missed payment are."""
    return BASE + np.sum(list(terms(rows).values()), axis=0)


def terms(rows: pl.DataFrame) -> dict[str, Floats]:
    """Return what each feature adds to the log-odds.

    Each number enters as its distance from the usual value in usual spreads, at most 3; a missing one as 0.
    """
    found = {
        "bureau_score": -0.62 * _spreads(rows["bureau_score"].to_numpy(), 684.0, 70.0),
        "utilisation": 0.55 * _spreads(rows["utilisation"].to_numpy(), 0.37, 0.2),
        "debt_ratio": 0.45 * _spreads(rows["debt_ratio"].to_numpy(), 0.33, 0.17),
        "income": -0.40 * _spreads(np.log(rows["income"].to_numpy()), np.log(52_000), 0.5),
        "inquiries_6m": 0.30 * _spreads(rows["inquiries_6m"].to_numpy(), 1.1, 1.05),
        "months_employed": -0.08 * _spreads(rows["months_employed"].to_numpy(), 72.0, 57.0),
        "term_months": 0.10 * _spreads(rows["term_months"].to_numpy(), 36.0, 14.0),
        "balance": np.zeros(rows.height),
    }
    for column, added in MISSED.items():
        found[column] = rows[column].replace_strict(added, return_dtype=pl.Float64).to_numpy()
    return found


def shap_values(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``shap_<feature>`` of each row: the feature's term less its mean in the reference, in log-odds.

    For a sum of terms this is the exact SHAP value against the reference (interventional expectation).
    """
    reference = rows["day"].to_numpy() <= np.datetime64(LAST_REFERENCE)
    return pl.DataFrame(
        {f"shap_{name}": np.round(added - added[reference].mean(), 9) for name, added in terms(rows).items()}
    )


def _spreads(values: Floats, usual: float, spread: float) -> Floats:
    return np.clip(np.nan_to_num((values - usual) / spread), -3.0, 3.0)


def _true_chance(rows: pl.DataFrame) -> Floats:
    """Return the chance of a missed payment: the formula, young customers somewhat worse, and the incidents."""
    odds = log_odds(rows) + np.where(rows["age_band"].to_numpy() == "18-29", 0.15, -0.04)
    odds += SHIFT * between(rows, *CALIBRATION_DRIFTS)
    broken = degraded(rows)
    odds[broken] = 0.6 - 0.7 * (odds[broken] - BASE)
    return expit(odds)


def degraded(rows: pl.DataFrame) -> NDArray[np.bool_]:
    """Return the rows of which the relation between features and actual is turned round."""
    cell = (rows["purpose"] == "business") & (rows["channel"] == "broker")
    return cell.to_numpy() & between(rows, *SEGMENT_DEGRADES)


def _with_drift(rows: pl.DataFrame) -> pl.DataFrame:
    """Shorten `months_employed` day by day, to half of what it was from the last day of the ramp on."""
    ramp = (DRIFT_IS_WHOLE - FEATURE_DRIFTS) / timedelta(days=1) + 1
    passed = (rows["day"] - (FEATURE_DRIFTS - timedelta(days=1))).dt.total_days().to_numpy() / ramp
    moved = between(rows, FEATURE_DRIFTS, LAST_SERVED)
    kept = np.where(moved, 1 - 0.5 * np.clip(passed, 0.0, 1.0), 1.0)
    return rows.with_columns(months_employed=pl.Series(np.rint(rows["months_employed"].to_numpy() * kept)))


def _with_changed_unit(rows: pl.DataFrame) -> pl.DataFrame:
    """Write `income` in thousands of dollars on one day; the model is served the wrong number and believes it."""
    on_day = pl.col("day") == CHANGED_UNIT
    return rows.with_columns(income=pl.when(on_day).then(pl.col("income") / 1_000).otherwise(pl.col("income")))
