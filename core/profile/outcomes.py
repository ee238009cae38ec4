"""Counting score, decision and actual, by what the model predicts: the basis of every performance figure."""

import pyarrow as pa

from core.profile.binary_outcomes import count_binary
from core.profile.flags import Known
from core.profile.multiclass_outcomes import count_multiclass
from core.profile.regression_outcomes import count_regression
from core.profile.tally import Tally


def count_outcomes(rows: pa.Table, tally: Tally) -> Known:
    """Count the outcomes of `rows` into `tally`, and say of each row what is known."""
    match tally.binning.task:
        case "multiclass":
            return count_multiclass(rows, tally)
        case "regression":
            return count_regression(rows, tally)
        case _:
            return count_binary(rows, tally)
