"""The fairness cases of the oracles, computed by our value functions on the counts or rows that they give."""

from typing import Any

import numpy as np

from core.fairness.conditional import conditional_gaps
from core.fairness.gaps import difference, difference_interval, group_gaps, homogeneity, ratio
from core.fairness.rates import ACCURACY, Tally, confusion_rates, tallies
from core.fairness.reference_group import four_fifths
from core.fairness.shrinkage import shrunk_rates
from core.stats.intervals import Interval
from core.stats.two_proportions import katz_ratio, koopman_ratio, newcombe_difference

Inputs = dict[str, Any]

RATES = ("recall", "false_positive_rate", "selection_rate")


def ends(interval: Interval) -> list[float]:
    return [float(interval.low), float(interval.high)]


def sides(inputs: Inputs) -> tuple[float, ...]:
    return tuple(inputs[name] for name in ("k1", "n1", "k2", "n2"))


def tally(inputs: Inputs) -> tuple[Tally, Any]:
    k, n = (np.asarray(inputs[name], np.float64) for name in ("k", "n"))
    return Tally(successes=k, n=n), np.ones(k.shape, bool)


def parity(inputs: Inputs) -> list[float]:
    one, everybody = tally(inputs)
    return [float(difference(one.share)), *ends(difference_interval(one, everybody))]


def homogeneous(inputs: Inputs) -> list[float]:
    found = homogeneity(*tally(inputs))
    return [float(found.statistic), float(found.df), float(found.p)]


def shrunk(inputs: Inputs) -> dict[str, Any]:
    found = shrunk_rates(tally(inputs)[0])
    return {"tau2": float(found.variance), "shrunk": found.rates.tolist()}


def ratio_of(inputs: Inputs) -> float:
    k1, n1, k2, n2 = sides(inputs)
    return (k1 / n1) / (k2 / n2)


def rule(inputs: Inputs) -> list[float]:
    found = four_fifths(*sides(inputs))
    assert str(found.finding) == "breach"
    return [float(found.ratio), float(found.upper)]


def counted(inputs: Inputs, *, column: str = "group") -> tuple[tuple[str, ...], Any]:
    """Return the groups in order and their decision × actual."""
    labels, place = np.unique(inputs[column], return_inverse=True)
    cells = np.zeros((labels.size, 3, 3), np.int64)
    np.add.at(cells, (place, inputs["y_pred"], inputs["y_true"]), 1)
    return tuple(labels.tolist()), cells


def by_group(inputs: Inputs) -> dict[str, list[float]]:
    labels, cells = counted(inputs)
    found = confusion_rates(labels, cells)
    return {
        label: [*(float(found.estimates[name].value[place]) for name in RATES), float(found.n_rows[place])]
        for place, label in enumerate(labels)
    }


def overall(inputs: Inputs) -> list[float]:
    _, cells = counted(inputs)
    found = confusion_rates(("all",), cells.sum(0)[None])
    return [*(float(found.estimates[name].value[0]) for name in RATES), float(found.n_rows[0])]


def between(inputs: Inputs, *, of_ratio: bool) -> list[float]:
    gap = ratio if of_ratio else difference
    rates = np.array(list(by_group(inputs).values())).T
    return [float(gap(one)) for one in rates]


def gap(inputs: Inputs, metric: str) -> float:
    found = group_gaps(counted(inputs)[1], fewest_rows=1, fewest_events=1, draws=0)
    return float(found[metric].estimate.value)


def by_control(inputs: Inputs) -> dict[str, dict[str, float]]:
    """Return the accuracy overall, by group and its range, inside each level of the control column."""
    levels, place = np.unique(inputs["control"], return_inverse=True)
    groups, member = np.unique(inputs["group"], return_inverse=True)
    cells = np.zeros((groups.size, levels.size, 3, 3), np.int64)
    np.add.at(cells, (member, place, inputs["y_pred"], inputs["y_true"]), 1)
    accuracy, everybody = tallies(cells)[ACCURACY].share, tallies(cells.sum(0))[ACCURACY].share
    inside = conditional_gaps(cells, ACCURACY, against=0, fewest_rows=1, fewest_events=1).by_segment
    return {
        "overall": dict(zip(levels, everybody.tolist(), strict=True)),
        "by_group": {
            f"{level},{group}": float(accuracy[g, s])
            for s, level in enumerate(levels)
            for g, group in enumerate(groups)
        },
        "difference": dict(zip(levels, inside.value.tolist(), strict=True)),
    }


STATISTICS = {
    "newcombe_01": lambda x: ends(newcombe_difference(*sides(x))),
    "ratio_katz_01": lambda x: [ratio_of(x), *ends(katz_ratio(*sides(x)))],
    "ratio_score_01": lambda x: ends(koopman_ratio(*sides(x))),
    "four_fifths_01": rule,
    "dpd_simultaneous_01": parity,
    "homogeneity_01": homogeneous,
    "eb_shrink_01": shrunk,
}
FAIRLEARN = {
    "fl_by_group": by_group,
    "fl_overall": overall,
    "fl_diff_between": lambda x: between(x, of_ratio=False),
    "fl_ratio_between": lambda x: between(x, of_ratio=True),
    "fl_dpd": lambda x: gap(x, "demographic_parity_difference"),
    "fl_dpr": lambda x: gap(x, "demographic_parity_ratio"),
    "fl_eod": lambda x: gap(x, "equalized_odds_difference"),
    "fl_eor": lambda x: gap(x, "equalized_odds_ratio"),
    "fl_control": by_control,
}
