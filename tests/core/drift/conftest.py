"""Counts of plain values, made by the profile's own functions."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core.profile.bins import FeatureCounts, NumericBins
from core.profile.features import numeric_counts

Counter = Callable[[NumericBins, ArrayLike], FeatureCounts]


@pytest.fixture(scope="session")
def count() -> Counter:
    """Return the function that counts values into numeric bins (NaN counts as NaN, not null)."""

    def counted(bins: NumericBins, values: ArrayLike) -> FeatureCounts:
        ints, tails = numeric_counts(np.asarray(values, np.float64), 0, bins, (None, None))
        extra = ints[bins.n_bins :]
        return FeatureCounts(
            fine=ints[: bins.n_bins],
            null=extra[0],
            nan=extra[1],
            neg_inf=extra[2],
            pos_inf=extra[3],
            violations=extra[4],
            tail_sums=tails,
        )

    return counted
