"""What every task's performance is: estimates by metric, and how many rows have their actual."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.performance.estimates import Estimate, Index

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Every metric of a model; arrays share the leading axes ``(...)`` of the counts (windows, segments).

    Attributes
    ----------
    estimates : mapping of metric name to Estimate, in the order in which they are shown
    n_rows, n_labelled : (...) rows, and those whose actual is known
    label_coverage : (...) n_labelled / n_rows in [0, 1], NaN without rows
    """

    estimates: Mapping[str, Estimate]
    n_rows: Floats
    n_labelled: Floats
    label_coverage: Floats

    def at(self, index: Index) -> Self:
        """Return the performance of one element (or slice) of the leading axes."""
        counted = {one.name: getattr(self, one.name)[index] for one in fields(self) if one.name != "estimates"}
        return replace(self, estimates={name: one.at(index) for name, one in self.estimates.items()}, **counted)
