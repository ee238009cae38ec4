"""What the page Performance shows of estimates and of the lateness of actuals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.estimation.early import EarlyLabels
from core.estimation.estimated import Estimated
from core.estimation.lag import KnownShare
from core.inventory.records import VersionInfo
from core.log.schema import ModelSchema
from core.performance.maturity import Maturity
from core.windows import Window

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLag:
    """How late actuals come: the curve, or why there is none."""

    curve: KnownShare | None
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimationDetail:
    """Estimates of one window and the windows before it, and what is known of the actuals' lateness.

    Attributes
    ----------
    windows : tuple of Window, oldest first, the last is the one asked for
    found : Estimated
        Also of suspended windows; `Estimated.told` withholds these.
    maturities : tuple of Maturity
        By the declared delay: what the verdicts use.
    by_lag : tuple of Maturity
        By the lags that were seen; empty where these are not known.
    known : (W, 2) rows, and rows with an actual
    early : EarlyLabels or None
        Of the last window; None where no score is kept by actual.
    needs_row_model : bool
        A regression whose last window the row model has not told yet.
    """

    schema: ModelSchema
    version: VersionInfo
    windows: tuple[Window, ...]
    found: Estimated
    maturities: tuple[Maturity, ...]
    by_lag: tuple[Maturity, ...]
    known: Ints
    lag: LabelLag
    early: EarlyLabels | None
    needs_row_model: bool
