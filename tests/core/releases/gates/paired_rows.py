"""Made-up rows of two versions, for tests of what is compared on the same rows."""

import numpy as np
import pyarrow as pa

from core.releases.gates.pairs import Pairs, Side

Floats = np.ndarray


def side(score: Floats, *, threshold: float | None = 0.5, classes: Floats | None = None) -> Side:
    """Return what a version says; decisions at its threshold."""
    decision = np.full(len(score), np.nan) if threshold is None else (score >= threshold).astype(float)
    held = np.zeros((len(score), 0)) if classes is None else classes
    if classes is not None:
        decision = classes.argmax(axis=1).astype(float)
    return Side(score=score, decision=decision, classes=held)


def pairs_of(
    actual: Floats,
    champion: Side,
    challenger: Side,
    *,
    task: str = "binary",
    rows: pa.Table | None = None,
    unit: np.ndarray | None = None,
) -> Pairs:
    """Return pairs without a sample; of one unit unless said otherwise, so that nothing is known of units."""
    n = len(actual)
    empty = pa.table({"row": pa.array(np.arange(n, dtype=float))})
    return Pairs(
        task=task,
        actual=actual.astype(float),
        champion=champion,
        challenger=challenger,
        rows=empty if rows is None else rows,
        amount=np.full(n, np.nan),
        unit=np.zeros(n, np.int64) if unit is None else unit,
        n_joined=n,
        n_known=n,
        coverage=(),
    )


def binary(n: int = 4_000, *, noise: float = 0.0, seed: int = 0, rows: pa.Table | None = None) -> Pairs:
    """Return a champion that knows the chances, and a challenger whose logit is off by `noise`."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 1.2, n)
    chance = 1 / (1 + np.exp(-logit))
    other = 1 / (1 + np.exp(-(logit + rng.normal(0, 1, n) * noise)))
    return pairs_of(rng.random(n) < chance, side(chance), side(other), rows=rows)
