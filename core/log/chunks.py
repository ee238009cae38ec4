"""What is read of a file at a time: consecutive rows as raw columns, and the rows that could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

MAX_COLUMNS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A row that has no columns to judge: ragged, or not JSON."""

    number: int
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Consecutive rows of a file.

    Attributes
    ----------
    columns : mapping of name to (n_rows,) pyarrow array, raw
    numbers : (n_rows,) int64
        Number of each row in the file, from 1.
    broken : tuple of BrokenRow
        Rows met on the way that could not be read at all.
    absent : mapping of name to (n_rows,) bool
        Where a row does not name a column at all (JSON Lines only); its value is null too.
    """

    columns: dict[str, pa.Array]
    numbers: NDArray[np.int64]
    broken: tuple[BrokenRow, ...] = ()
    absent: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
