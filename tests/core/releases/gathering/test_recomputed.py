"""Every number that the document calls recomputable, from the frozen pack alone: no store, no log, no row."""

import json
from typing import Any

import numpy as np
import pytest
from scipy import stats

from core.releases.gates.cells import cells_interval, f1_of_cells
from core.releases.gates.gate import GateOutcome
from core.releases.gates.segment_tests import judge_segments
from core.releases.gates.training_drift import feature_shifts
from core.releases.gathering.document import RECOMPUTABLE
from core.releases.gathering.packing import PackedCounts, unpack_profiles
from core.releases.gathering.service import GatheredEvidence
from core.releases.gathering.tables import latency_of
from tests.core.releases.gathering.test_service import gate

Z = stats.norm.ppf(0.975)


@pytest.fixture
def document(found: GatheredEvidence) -> dict[str, Any]:
    """Return the document as whoever took it away reads it."""
    frozen = {**found.document, "gates": [one.as_json() for one in found.gates]}
    read: dict[str, Any] = json.loads(json.dumps(frozen, allow_nan=False))
    return read


@pytest.fixture
def profiles(found: GatheredEvidence) -> dict[str, PackedCounts]:
    """Return the packed profiles."""
    return unpack_profiles(found.profiles)


def changed(document: dict[str, Any], metric: str) -> dict[str, Any]:
    one: dict[str, Any] = next(one["change"] for one in document["metrics"] if one["metric"] == metric)
    return one


def ends(told: dict[str, Any], low: float, high: float) -> tuple[float, float]:
    """Return the ends of independent rows at the stated factor of their distance from the value."""
    value, factor = told["worse_by"], told["widened"]
    return value - factor * (value - low), value + factor * (high - value)


def test_area_under_the_curve_from_its_covariances(document: dict[str, Any]):
    told = changed(document, "roc_auc")
    sums = told["sums"]
    of = np.array(sums["of_positives"]) / sums["n_positive"] + np.array(sums["of_negatives"]) / sums["n_negative"]
    half = Z * told["widened"] * np.sqrt(of[0, 0] + of[1, 1] - 2 * of[0, 1])
    lost = sums["first"] - sums["second"]
    assert (told["worse_by"], told["ci_low"], told["ci_high"]) == pytest.approx((lost, lost - half, lost + half))
    assert told["p_value"] == pytest.approx(2 * stats.norm.sf(abs(lost) / half * Z))


def test_accuracy_from_discordant_pairs_and_those_from_the_eight_counts(document: dict[str, Any]):
    told, cells = changed(document, "accuracy"), np.array(changed(document, "f1")["sums"]["cells"])
    lost, won = cells[1, 1, 0] + cells[0, 0, 1], cells[1, 0, 1] + cells[0, 1, 0]
    assert [told["sums"][name] for name in ("only_champion_right", "only_challenger_right")] == [lost, won]
    n = cells.sum()
    p, q = (lost + 1) / (n + 2), (won + 1) / (n + 2)
    half = Z * np.sqrt((p + q - (p - q) ** 2) / (n + 2))
    assert (told["ci_low"], told["ci_high"]) == pytest.approx(ends(told, p - q - half, p - q + half))
    exact = min(1, 2 * stats.binom.cdf(min(lost, won), lost + won, 0.5))
    assert told["p_value"] == pytest.approx(2 * stats.norm.sf(stats.norm.isf(exact / 2) / told["widened"]))


def test_f1_and_its_interval_from_the_eight_counts(document: dict[str, Any]):
    told = changed(document, "f1")
    cells = np.array(told["sums"]["cells"]).ravel()
    assert told["challenger"] == pytest.approx(f1_of_cells(cells.astype(float), 1).item())
    again = cells_interval(cells, lambda drawn: f1_of_cells(drawn, 0) - f1_of_cells(drawn, 1))
    assert (told["ci_low"], told["ci_high"]) == pytest.approx(ends(told, *again))


@pytest.mark.parametrize("metric", ["log_loss", "brier_score"])
def test_mean_losses_from_their_sums(document: dict[str, Any], metric: str):
    told = changed(document, metric)
    n, total, squares = (told["sums"][name] for name in ("n", "sum", "sum_of_squares"))
    half = stats.t.ppf(0.975, n - 1) * np.sqrt((squares - total**2 / n) / (n - 1) / n)
    drawn = told["sums"]["bootstrap"]
    assert told["worse_by"] == pytest.approx(total / n)
    wider = ends(told, min(total / n - half, drawn[0]), max(total / n + half, drawn[1]))
    assert (told["ci_low"], told["ci_high"]) == pytest.approx(wider)


def test_the_outcome_of_performance_from_its_intervals_and_limits(document: dict[str, Any], found: GatheredEvidence):
    for one in gate(found, "performance").details["metrics"]:
        told = changed(document, one["metric"])
        outcome = "pass" if told["ci_high"] <= one["limit"] else "fail" if told["ci_low"] > one["limit"] else None
        assert one["outcome"] == (outcome or "inconclusive")


def test_segments_from_growth_and_error_of_every_one_searched(document: dict[str, Any]):
    search = document["segment_search"]
    n, degrees, growth, error = np.array(search["tested"]).T
    again = judge_segments(degrees, growth, error, search["limit"])
    assert (len(n), again.detectable) == (search["searched"], pytest.approx(search["detectable"]))
    for place, one in zip(again.order, document["segments"], strict=False):
        half = stats.t.ppf(0.975, degrees[place]) * error[place]
        assert (one["n"], one["harm"], one["low"]) == pytest.approx((n[place], growth[place], growth[place] - half))
        told = [one[name] for name in ("worse", "beyond", "least", "shown")]
        assert told == pytest.approx([getattr(again, name)[place] for name in ("worse", "beyond", "least", "shown")])


def test_the_calibration_error_that_is_added_from_the_points(found: GatheredEvidence):
    told = gate(found, "calibration")
    squares = []
    for side in ("champion", "challenger"):
        points = told.details["points"][side]
        n, mean, seen = (np.array([one[name] for one in points]) for name in ("n", "mean_score", "observed"))
        rate = (seen * n + 0.5) / (n + 1)
        squares.append(((seen - mean) ** 2 - rate * (1 - rate) / (n - 1)) @ n / n.sum())
    apart = squares[1] - squares[0]
    assert told.value == pytest.approx(np.sign(apart) * np.sqrt(abs(apart)))


def test_flips_from_their_counts(found: GatheredEvidence):
    for one in gate(found, "robustness").details["kinds"]:
        theirs = stats.binomtest(one["flipped"], one["n"]).proportion_ci(0.95, method="wilson")
        assert (one["ci_low"], one["ci_high"]) == pytest.approx((theirs.low, theirs.high))


def test_training_drift_and_latency_from_the_packed_profiles(
    found: GatheredEvidence, profiles: dict[str, PackedCounts]
):
    before, now = profiles["challenger.reference"], profiles["challenger.now"]
    shifts = feature_shifts(now.layout, (before.ints, before.floats), (now.ints, now.floats))
    told = gate(found, "training_drift")
    assert [one.as_json() for one in shifts] == [dict(one) for one in told.details["features"]]
    assert told.value == shifts[0].value
    assert latency_of(profiles["challenger.window"]) is None
    assert gate(found, "latency").outcome is GateOutcome.INCONCLUSIVE


def test_what_needs_the_rows_is_named():
    needs = {name for name, how in RECOMPUTABLE.items() if "need" in how}
    assert needs == {"change", "calibration", "fairness", "robustness", "importance"}
