"""Rows of the Drift page: order and what cannot be judged."""

from dataclasses import replace

import numpy as np
import pytest

from app.drift.rows import FeatureFacts, drift_row, measured, ranked, with_stored_importance
from core.checks.limits import load_limits
from core.checks.verdicts import Verdict, not_applicable
from core.drift.feature import feature_drift
from core.log.schema import load_schema
from core.profile.bins import FeatureCounts
from core.profile.build_bins import numeric_bins
from core.states import State
from core.windows import date
from tests.small_fleet import MODEL_YAML

RNG = np.random.default_rng(3)
FACTS = FeatureFacts(
    meaning="made up", importance=0.4, seasonal=False, compared_with="training", provenance_id="made-up"
)


@pytest.fixture
def bins():
    return numeric_bins(RNG.normal(size=4_000))


def counted(values, bins, *, null=0):
    nothing = np.zeros((), np.int64)
    fine = np.bincount(np.searchsorted(bins.edges, values, side="left"), minlength=bins.n_bins)
    return FeatureCounts(
        fine=fine,
        null=np.asarray(null),
        nan=nothing,
        neg_inf=nothing,
        pos_inf=nothing,
        tail_sums=np.zeros(24),
        violations=nothing,
    )


def verdict(**changes) -> Verdict:
    values = {
        "check": "feature_drift",
        "family": "drift",
        "feature": "x",
        "state": State.WARNING,
        "raw_state": State.WARNING,
        "value": 0.2,
        "limit": 0.1,
        "n": 500,
        "window_start": date(2024, 1, 1),
        "window_end": date(2024, 1, 2),
        **changes,
    }
    return Verdict(**values)


def test_a_row_carries_the_numbers_of_the_core(bins):
    drift = feature_drift(bins, counted(RNG.normal(size=4_000), bins), counted(RNG.normal(0.6, 1, 500), bins, null=25))
    row = drift_row(verdict(), drift, bins, FACTS)
    assert row.psi == pytest.approx(float(drift.psi))
    assert row.excess == pytest.approx(float(drift.psi_excess))
    assert row.impact == pytest.approx(0.4 * 0.2)
    assert row.ks == pytest.approx(float(drift.ordered.ks_statistic))
    assert row.missing_current == pytest.approx(25 / 525)
    assert len(row.reference_share) == len(row.current_share)
    assert (row.n, row.n_reference) == (525, 4_000)
    assert not row.absent


def test_a_row_without_a_verdict_has_no_numbers(bins):
    drift = feature_drift(bins, counted(RNG.normal(size=4_000), bins), counted(np.empty(0), bins, null=500))
    limit = load_limits()["feature_drift"]
    silent = not_applicable(
        limit,
        "the feature is absent from the window",
        n=500,
        window_start=date(2024, 1, 1),
        window_end=date(2024, 1, 2),
        feature="x",
    )
    assert not measured(drift, load_limits())
    row = drift_row(silent, drift, bins, replace(FACTS, measured=False))
    assert (row.psi, row.excess, row.impact, row.ks) == (None, None, None, None)
    assert row.reason == "the feature is absent from the window"
    assert row.absent


def test_rows_over_their_limit_come_first_then_absent_ones_and_unjudged_last(drift_view):
    wind, visib, temp, *_, precip = drift_view.rows
    gone = replace(precip, feature="gone", missing_current=1.0)
    order = [row.feature for row in ranked([precip, temp, gone, visib, wind])]
    assert order == ["wind_speed", "visib", "gone", "temp", "precip"]


def test_without_importance_the_judged_excess_ranks(drift_view):
    rows = [replace(row, importance=None, impact=None) for row in drift_view.rows]
    assert [row.feature for row in ranked(rows[::-1])][:2] == ["wind_speed", "visib"]


def test_a_distance_is_shown_although_it_cannot_be_judged(bins):
    drift = feature_drift(bins, counted(RNG.normal(size=4_000), bins), counted(RNG.normal(1, 1, 500), bins))
    assert measured(drift, load_limits())
    row = drift_row(verdict(state=State.NOT_APPLICABLE, raw_state=State.NOT_APPLICABLE, value=None), drift, bins, FACTS)
    assert row.psi == pytest.approx(float(drift.psi))
    assert (row.judged, row.impact) == (None, None)


def test_few_rows_are_not_measured(bins):
    few = feature_drift(bins, counted(RNG.normal(size=4_000), bins), counted(RNG.normal(size=49), bins))
    assert not measured(few, load_limits())
    thin = feature_drift(bins, counted(RNG.normal(size=499), bins), counted(RNG.normal(size=500), bins))
    assert not measured(thin, load_limits())


def test_stored_shap_importance_stands_in_where_none_is_declared():
    declared = load_schema(MODEL_YAML)
    bare = load_schema(
        MODEL_YAML.replace(", importance: 0.6", "").replace(", importance: 0.3", "").replace(", importance: 0.1", "")
    )
    stored = {"income": 0.7, "age": 0.3}
    assert with_stored_importance(declared, stored) is declared
    assert with_stored_importance(bare, {}) is bare
    found = with_stored_importance(bare, stored)
    assert {name: one.importance for name, one in found.features.items()} == {"income": 0.7, "age": 0.3, "plan": None}
