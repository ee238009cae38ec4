"""What a dossier shows of one version from its packed counts alone: metrics with intervals, and curves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.calibration.windows import window_calibration
from core.errors import NotEnoughDataError
from core.performance.of_task import performance_of
from core.points import finite
from core.profile.binning import BINARY, REGRESSION
from core.profile.profile import performance_counts
from core.profile.totals import latency_counts
from core.releases.gates.change import Change
from core.releases.gathering.packing import PackedCounts

Floats = NDArray[np.float64]

MOST_POINTS = 60


def metric_table(
    champion: PackedCounts | None, challenger: PackedCounts | None, changes: tuple[Change, ...]
) -> list[dict[str, Any]]:
    """Return one row a metric: each version over all its rows of the window, and the change on the same rows.

    The two columns are of the profiles, every row of each version; the change is of the pairs, and of those only.
    """
    sides = {"champion": _metrics(champion), "challenger": _metrics(challenger)}
    paired = {one.metric: one.as_json() for one in changes}
    names = dict.fromkeys([*sides["champion"], *sides["challenger"], *paired])
    return [
        {"metric": name, **{side: found.get(name) for side, found in sides.items()}, "change": paired.get(name)}
        for name in names
    ]


def _metrics(counts: PackedCounts | None) -> dict[str, dict[str, Any]]:
    """Return value, interval and n of every performance metric, and the calibration error."""
    if counts is None:
        return {}
    estimates = dict(performance_of(counts.layout, counts.ints, counts.floats).estimates)
    if _has_probabilities(counts):
        shown = window_calibration(counts.layout, counts.ints, counts.floats, by_segment=False).estimates
        estimates |= {name: shown[name] for name in ("ece", "calibration_slope", "calibration_intercept")}
    return {
        name: {
            "value": finite(float(one.value)),
            "low": finite(float(one.low)),
            "high": finite(float(one.high)),
            "n": int(np.nan_to_num(one.n)),
            "reason": str(one.reason),
        }
        for name, one in estimates.items()
    }


def _has_probabilities(counts: PackedCounts) -> bool:
    binning = counts.layout.binning
    return binning.task != REGRESSION and binning.score_kind == "probability"


def curves(counts: PackedCounts | None) -> dict[str, Any]:
    """Return ROC, precision–recall and reliability points of a version; what its task has not is empty."""
    found: dict[str, Any] = {"roc": [], "pr": [], "reliability": []}
    if counts is None:
        return found
    if counts.layout.binning.task == BINARY:
        scores = np.asarray(performance_counts(counts.layout, counts.ints, counts.floats).score_counts, np.float64)
        found["roc"], found["pr"] = roc_points(scores[1], scores[0]), pr_points(scores[1], scores[0])
    if _has_probabilities(counts):
        groups = window_calibration(counts.layout, counts.ints, counts.floats, by_segment=False).groups
        held = groups.n > 0
        found["reliability"] = [
            {"mean_score": float(mean), "observed": float(share), "n": float(n)}
            for mean, share, n in zip(groups.mean_score[held], groups.observed[held], groups.n[held], strict=True)
        ]
    return found


def roc_points(positives: Floats, negatives: Floats) -> list[list[float]]:
    """Return (false positive rate, true positive rate) from the highest score down, at most 60 points.

    >>> roc_points(np.array([1.0, 3.0]), np.array([3.0, 1.0]))
    [[0.0, 0.0], [0.25, 0.75], [1.0, 1.0]]
    """
    caught, accused = _from_above(positives), _from_above(negatives)
    if not caught[-1] or not accused[-1]:
        return []
    return _thinned(accused / accused[-1], caught / caught[-1])


def pr_points(positives: Floats, negatives: Floats) -> list[list[float]]:
    """Return (recall, precision) from the highest score down, at most 60 points."""
    caught, accused = _from_above(positives)[1:], _from_above(negatives)[1:]
    if not len(caught) or not caught[-1]:
        return []
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = caught / (caught + accused)
    held = np.isfinite(precision)
    return _thinned((caught / caught[-1])[held], precision[held])


def _from_above(counts: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(counts[::-1])])


def _thinned(x: Floats, y: Floats) -> list[list[float]]:
    places = np.unique(np.searchsorted(x, np.linspace(0, 1, MOST_POINTS)).clip(0, len(x) - 1))
    return [[float(x[place]), float(y[place])] for place in np.union1d(places, [0, len(x) - 1])]


def latency_of(counts: PackedCounts | None) -> NDArray[np.int64] | None:
    """Return the rows of a version by latency; None where it is not logged."""
    if counts is None:
        return None
    try:
        return latency_counts(counts.layout, counts.ints)
    except NotEnoughDataError:
        return None
