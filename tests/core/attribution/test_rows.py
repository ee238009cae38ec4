"""Rows of the log become outcomes and encoded inputs; what is not known is NaN."""

import numpy as np
import pyarrow as pa

from core.attribution.inputs import fit_inputs
from core.attribution.rows import outcomes_of, side_of

ROWS = pa.table(
    {
        "score": pa.chunked_array([pa.array([0.2, 0.9, None])]),
        "decision": pa.chunked_array([pa.array([0, 1, None], pa.int16())]),
        "actual": pa.chunked_array([pa.array([None, 1, 0], pa.int16())]),
        "x": pa.chunked_array([pa.array([1.0, 2.0, 3.0])]),
    }
)


def test_unknown_outcomes_are_nan():
    found = outcomes_of(ROWS)
    assert np.isnan(found.score).tolist() == [False, False, True]
    assert np.isnan(found.actual).tolist() == [True, False, False]
    assert found.decision[:2].tolist() == [0.0, 1.0]


def test_a_side_has_its_inputs_encoded_row_by_row():
    assert side_of(ROWS, fit_inputs(ROWS, ["x"])).inputs.shape == (3, 1)
