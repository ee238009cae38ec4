"""Why a value cannot be taken: a rule, the rows that broke it, and what to do."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Rows of one chunk that broke one rule in one column.

    Attributes
    ----------
    mask : (n_rows,) bool
    rule : str
        Stable code, e.g. ``not_a_number``.
    fix : str
        One sentence for the person who wrote the file.
    found : (n_rows,) array or None
        What broke the rule, where that is not the value of the column itself.
    """

    mask: Mask
    rule: str
    fix: str
    found: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coerced:
    """A column as the log stores it, null where a fault lies, and its faults."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()


def fault(mask: Mask, rule: str, fix: str, found: NDArray[Any] | None = None) -> tuple[Fault, ...]:
    """Return the fault when any row has it."""
    return (Fault(mask=mask, rule=rule, fix=fix, found=found),) if mask.any() else ()


def null_mask(column: pa.Array) -> Mask:
    """Return where a column is null; cheap when it has no nulls."""
    if column.null_count == 0:
        return np.zeros(len(column), dtype=np.bool_)
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)
