"""The checked cases of estimation, by id: what is computed from the inputs of each."""

from typing import Any

import numpy as np

from core.estimation.cbpe import Calibrated, confusion, expected
from core.estimation.isotonic import isotonic
from core.estimation.lag import known_share


def _isotonic(inputs: dict[str, Any]) -> list[float]:
    n = np.array(inputs["n"])
    return isotonic(np.array(inputs["positives"]) / n, n).tolist()


def _expected(inputs: dict[str, Any]) -> list[float]:
    n, chance = np.array(inputs["current_n"]), np.array(inputs["calibrated"])
    called = np.arange(n.size) >= inputs["first_positive_bin"]
    nothing = np.full(n.size, 0.5)
    reference = Calibrated(chance=chance, labelled=n, mean_score=nothing, mean_square=nothing)
    found = expected(n, reference, called)
    counts = confusion(n * chance, n * (1 - chance), called)
    metrics = ("accuracy", "precision", "recall", "f1", "roc_auc")
    return [*(float(one) for one in counts), *(float(found[name]) for name in metrics)]


def _known(inputs: dict[str, Any]) -> list[list[float]]:
    ages, observed = np.array(inputs["age"]), np.array(inputs["observed"])
    distinct = np.unique(ages)
    found = known_share(
        distinct,
        [int(observed[ages == age].sum()) for age in distinct],
        [int((1 - observed)[ages == age].sum()) for age in distinct],
    )
    return [found.days.tolist(), found.share.tolist()]


STATISTICS = {"cbpe_iso_01": _isotonic, "cbpe_01": _expected, "km_01": _known}
