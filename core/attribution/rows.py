"""From the log's rows to what the analyses of rows take: outcomes, and encoded inputs."""

import numpy as np
import pyarrow as pa

from core.attribution.inputs import Inputs
from core.attribution.row_metrics import Outcomes
from core.attribution.shift import Side


def outcomes_of(rows: pa.Table) -> Outcomes:
    """Return score, decision and actual of rows as `core.profile.window_rows` gives them; unknown is NaN."""
    found = {name: _numbers(rows[name]) for name in ("score", "decision", "actual")}
    return Outcomes(score=found["score"], decision=found["decision"], actual=found["actual"])


def side_of(rows: pa.Table, inputs: Inputs) -> Side:
    """Return the rows with their inputs encoded."""
    return Side(inputs=inputs.encode(rows), outcomes=outcomes_of(rows))


def _numbers(column: pa.ChunkedArray) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)
