"""Summing the SHAP values that were logged beside the features."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from core.profile.columns import numeric_column
from core.profile.tally import Tally


def count_shap(rows: pa.Table, tally: Tally, names: Collection[str]) -> None:
    """Sum |φ| and φ² of the named features into `tally`, over the rows with a finite value.

    Sums run over sorted values, so that they are the same for any order of the rows.
    """
    binning = tally.binning
    wanted = frozenset(names)
    for place, (name, source) in enumerate(zip(binning.shap, binning.shap_sources, strict=True)):
        if name not in wanted:
            continue
        sizes = np.abs(numeric_column(rows, source)[0])
        sizes = np.sort(sizes[np.isfinite(sizes)])
        tally.block("shap_n")[place] = sizes.size
        with np.errstate(over="ignore"):  # values near the largest float
            tally.float_block("shap_sums")[place] = sizes.sum(), (sizes * sizes).sum()
