"""The calibration cases of the oracles, computed by our functions on the counts or rows that they give."""

from typing import Any

import numpy as np

from core.calibration.brier import brier_parts
from core.calibration.calibration_error import calibration_error
from core.calibration.groups import Groups, equal_width, merged
from core.calibration.miscalibration import SignificanceTest, calibration_chi_square, likelihood_ratio, spiegelhalter
from core.calibration.recalibration import fitted_line, in_the_large
from core.calibration.score_bins import ScoreBins

Inputs = dict[str, Any]


def of_counts(inputs: Inputs) -> tuple[ScoreBins, Groups]:
    """Return bins, and the same as groups, of one score each."""
    n, total, events = (np.asarray(inputs[name], np.float64) for name in ("n", "sum_p", "sum_y"))
    p, none = total / n, np.zeros(n.shape)
    squares, products = n * p**2, events * p
    bins = ScoreBins(upper=p, n=n, events=events, sum_p=total, sum_pp=squares, sum_py=products, error=none)
    groups = Groups(
        n=n, events=events, sum_p=total, sum_pp=squares, sum_py=products, low=p, high=p, error=none
    )  # fmt: skip
    return bins, groups


def of_rows(y: list[float], p: list[float], n_groups: int) -> Groups:
    """Return equal-width groups of rows whose scores have a bin each."""
    score, actual = np.asarray(p, np.float64), np.asarray(y, np.float64)
    upper, place = np.unique(score, return_inverse=True)

    def total(values: Any) -> Any:
        return np.bincount(place, values, upper.size)

    bins = ScoreBins(
        upper=upper,
        n=total(np.ones(score.size)),
        events=total(actual),
        sum_p=total(score),
        sum_pp=total(score**2),
        sum_py=total(score * actual),
        error=np.zeros(upper.size),
    )
    return equal_width(bins, n_groups)


def error(inputs: Inputs) -> list[float]:
    found = calibration_error(of_counts(inputs)[1])
    return [float(x) for x in (found.raw, found.debiased, found.perfect, found.error)]


def told(test: SignificanceTest, *, df: bool = False) -> list[float]:
    return [float(test.statistic), *([float(test.df)] if df else []), float(test.p)]


def chi_square(inputs: Inputs) -> list[float]:
    return told(calibration_chi_square(merged(of_counts(inputs)[1])), df=True)


def line(inputs: Inputs) -> list[float]:
    found = fitted_line(of_counts(inputs)[0])
    return [float(x) for x in (found.intercept, found.slope, found.intercept_error, found.slope_error)]


def ratio(inputs: Inputs) -> list[float]:
    bins, _ = of_counts(inputs)
    return told(likelihood_ratio(bins, fitted_line(bins)))


def parts(inputs: Inputs) -> list[float]:
    p, y, group = (np.asarray(inputs[name]) for name in ("p_sorted", "y_sorted", "group"))

    def total(values: Any) -> Any:
        return np.bincount(group, values)

    sums = {"n": np.ones(p.size), "events": y, "sum_p": p, "sum_pp": p**2, "sum_py": p * y}
    ends = np.zeros(int(group.max()) + 1)
    found = brier_parts(
        Groups(**{name: total(values) for name, values in sums.items()}, low=ends, high=ends, error=ends)
    )
    values = (found.reliability, found.resolution, found.uncertainty, found.within_variance, found.within_covariance)
    return [float(x) for x in (*values, found.score)]


def binary_error(inputs: Inputs) -> float:
    return float(calibration_error(of_rows(inputs["y_true"], inputs["y_prob"], inputs["n_bins"])).raw)


def top_label_error(inputs: Inputs) -> float:
    scores = np.asarray(inputs["y_prob"])
    right = (scores.argmax(1) == np.asarray(inputs["y_true"])).astype(float)
    return float(calibration_error(of_rows(right.tolist(), scores.max(1).tolist(), inputs["n_bins"])).raw)


def curve(inputs: Inputs) -> list[list[float]]:
    groups = of_rows(inputs["y_true"], inputs["y_prob"], inputs["n_bins"])
    held = groups.n > 0
    return [groups.observed[held].tolist(), groups.mean_score[held].tolist()]


STATISTICS = {
    "ece_01": error,
    "cal_chi2_01": chi_square,
    "spiegelhalter_01": lambda x: told(spiegelhalter(of_counts(x)[0])),
    "recal_01": line,
    "recal_02": lambda x: float(in_the_large(of_counts(x)[0]).value),
    "recal_lr_01": ratio,
    "brier_decomp": parts,
}
PERFORMANCE = {"tm_bin_l1": binary_error, "tm_multi_l1": top_label_error, "sk_calcurve": curve}
