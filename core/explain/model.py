"""What every opened model can do, whatever library it comes from: used inside the limited child only."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TREE, LINEAR, PERMUTATION = "tree", "linear", "permutation"
BOUND, BOUND_FLOAT32 = 1e-6, 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """What each feature adds to the margin of each of the K answers (one for binary and regression).

    Attributes
    ----------
    values : ndarray of float64, shape (n, F, K)
        F is the number of original features.
    base : ndarray of float64, shape (K,)
    margin : ndarray of float64, shape (n, K)
        Computed by the model itself, apart from `values`.
    """

    values: NDArray[np.float64]
    base: NDArray[np.float64]
    margin: NDArray[np.float64]


class Model(Protocol):
    """An opened model.

    Attributes
    ----------
    kind, estimator : str
    explainer : ``tree``, ``linear`` or ``permutation``
        What explains it; a model of the last kind has no `contributions`.
    how : str
        The explainer in a few words, or why only permutations are left.
    bound : float
        Largest error of additivity that is let pass.
    """

    kind: str
    estimator: str
    explainer: str
    how: str
    bound: float
    n_trees: int
    depth: int

    def predict(self, rows: pa.Table) -> NDArray[np.float64]:
        """Return what the model says: (n,), or (n, K) where there are several classes, in the schema's order."""
        ...

    def contributions(self, rows: pa.Table) -> Contributions:
        """Return the contributions of the features; K in the schema's order of classes."""
        ...


def positions(labels: Any, wanted: tuple[str, ...]) -> list[int]:
    """Return where each wanted class stands among the model's own labels.

    Raises
    ------
    ValueError
        When the model does not know a class.

    >>> positions([0.0, 1.0, 2.0], ("2", "0"))
    [2, 0]
    """
    known = [_plain(label) for label in labels]
    gone = [name for name in wanted if _plain(name) not in known]
    if gone:
        raise ValueError(f"the model knows no class '{gone[0]}'; it knows {', '.join(known[:20])}")
    return [known.index(_plain(name)) for name in wanted]


def _plain(label: Any) -> str:
    """Return a label as text: 1, 1.0, "1" and True are one."""
    text = str(label).strip()
    lowered = {"true": "1", "false": "0"}.get(text.lower())
    if lowered is not None:
        return lowered
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else text
