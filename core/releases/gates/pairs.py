"""The same rows scored by champion and challenger: joined by prediction id, where the actual is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from core.releases.gates.limits import PairLimits

Floats = NDArray[np.float64]

SEED = 0
FEWEST_NEGATIVES = 10
SHADOW = "score the challenger in shadow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one version said of the pairs: arrays of n rows.

    Attributes
    ----------
    score : (n,) float64, finite; of several classes the largest
    decision : (n,) float64; NaN unknown, and in a regression
    classes : (n, K) float64, the score of each class; (n, 0) but for several classes
    """

    score: Floats
    decision: Floats
    classes: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of the joined rows that the champion decided in one way: how many there are, and how many actuals are known."""

    decision: int
    n: int
    n_known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Rows that both versions scored with a number and whose actual is known, in the order of their ids.

    Attributes
    ----------
    actual : (n,) float64
    rows : pa.Table of n rows, the columns that segments are made of; of the challenger's log
    amount : (n,) float64, NaN where unknown or not declared
    unit : (n,) int64, code of the unit (day, month, year, batch) that the champion scored the row in
    n_joined : int
        Rows that both scored, known actual or not.
    n_known : int
        Those with a known actual and a score of both: `n` of them are compared, all or a seeded sample.
    coverage : by the champion's decision; empty where there is none
    """

    task: str
    actual: Floats
    champion: Side
    challenger: Side
    rows: pa.Table
    amount: Floats
    unit: NDArray[np.int64]
    n_joined: int
    n_known: int
    coverage: tuple[Coverage, ...]

    @property
    def n(self) -> int:
        """Pairs that are compared."""
        return len(self.actual)

    @property
    def n_positive(self) -> int:
        """Pairs whose actual is 1."""
        return int((self.actual == 1).sum())

    @property
    def n_units(self) -> int:
        """Units that the pairs lie in."""
        return len(np.unique(self.unit))

    @property
    def scored_alike(self) -> bool:
        """Both versions give every pair the very same score: there is no difference, and perhaps no second version."""
        return bool(np.array_equal(self.champion.score, self.challenger.score))

    @property
    def sampled(self) -> str:
        """What a reader must know of the sample; empty where all pairs are compared."""
        return f"a seeded sample of {self.n:,} of {self.n_known:,} pairs" if self.n < self.n_known else ""


def paired(
    champion: pa.Table,
    challenger: pa.Table,
    *,
    task: str,
    columns: Sequence[str] = (),
    class_columns: tuple[Sequence[str], Sequence[str]] = ((), ()),
    amount: str | None = None,
    most: int,
) -> Pairs:
    """Return the pairs of two tables as `core.profile.window_rows` gives them; of an id that comes twice the last row.

    Parameters
    ----------
    columns : columns of the challenger's rows that segments are made of
    class_columns : columns of the scores of the classes, of the champion and of the challenger, in the same order
    amount : column of the champion's rows
    most : pairs that are compared; of more a sample drawn with seed 0 from the pairs in the order of their ids

    References
    ----------
    Lakshmanan et al. 2020 call it a shadow deployment: both score the same requests, one of them acts.
    """
    ours, theirs = _numbered(champion), _numbered(challenger)
    both = ours.join(theirs, on="id", suffix="_challenger").sort("id")
    left = champion.take(pa.array(both["place"].to_numpy()))
    right = challenger.take(pa.array(both["place_challenger"].to_numpy()))
    known_left, known_right = _floats(left, "actual"), _floats(right, "actual")
    actual = np.where(np.isnan(known_left), known_right, known_left)
    scored = np.isfinite(_floats(left, "score")) & np.isfinite(_floats(right, "score"))
    known = np.flatnonzero(~np.isnan(actual) & scored)
    chosen = known
    if len(known) > most:
        chosen = np.sort(np.random.default_rng(SEED).choice(known, most, replace=False))
    kept = pa.array(chosen)
    coverage = _coverage(_floats(left, "decision"), actual)
    left, right = left.take(kept), right.take(kept)
    return Pairs(
        task=task,
        actual=actual[chosen],
        champion=_side(left, class_columns[0]),
        challenger=_side(right, class_columns[1]),
        rows=right.select(list(columns)).combine_chunks(),
        amount=_floats(left, amount) if amount else np.full(len(chosen), np.nan),
        unit=np.unique(left["day"].to_numpy(), return_inverse=True)[1].astype(np.int64),
        n_joined=both.height,
        n_known=len(known),
        coverage=coverage if task == "binary" else (),
    )


def too_few(pairs: Pairs, limits: PairLimits) -> str:
    """Return why so few pairs are not judged; empty when there are enough."""
    if pairs.n < limits.fewest:
        return f"{pairs.n:,} pairs with a known actual, {limits.fewest:,} are needed: {SHADOW}"
    if pairs.task == "binary" and pairs.n_positive < limits.fewest_positives:
        return f"{pairs.n_positive:,} positive pairs, {limits.fewest_positives:,} are needed: {SHADOW}"
    if pairs.task == "binary" and pairs.n - pairs.n_positive < FEWEST_NEGATIVES:
        return f"{pairs.n - pairs.n_positive:,} negative pairs, {FEWEST_NEGATIVES} are needed: {SHADOW}"
    return ""


def _numbered(rows: pa.Table) -> pl.DataFrame:
    ids = pl.Series("id", rows["id"].combine_chunks().cast(pa.large_string()))
    numbered = pl.DataFrame({"id": ids, "place": np.arange(rows.num_rows)})
    return numbered.unique(subset="id", keep="last", maintain_order=True)


def _side(rows: pa.Table, class_columns: Sequence[str]) -> Side:
    classes = [_floats(rows, name) for name in class_columns]
    return Side(
        score=_floats(rows, "score"),
        decision=_floats(rows, "decision"),
        classes=np.stack(classes, axis=1) if classes else np.zeros((rows.num_rows, 0)),
    )


def _floats(rows: pa.Table, name: str) -> Floats:
    column = rows[name].cast(pa.float64()).combine_chunks()
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _coverage(decision: Floats, actual: Floats) -> tuple[Coverage, ...]:
    known = ~np.isnan(actual)
    return tuple(
        Coverage(decision=value, n=int((decision == value).sum()), n_known=int(((decision == value) & known).sum()))
        for value in (0, 1)
        if (decision == value).any()
    )
