"""A model file opened once, in one limited child, that answers several requests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.explain.limits import Confinement, Limits
from core.explain.values import ScoredModel, ShapValues

Report = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedModel:
    """What the child says of the model that it opened.

    Attributes
    ----------
    kind : str
        ``skops``, ``xgboost``, ``lightgbm`` or ``onnx``.
    estimator : str
        The final estimator's class.
    explainer : str
        ``tree``, ``linear`` or ``permutation``: what `Scorer.shap` will use.
    n_trees, depth : int
        Of the trees; 0 where there are none.
    confinement : Confinement
        What the child may not do, and what could not be forbidden.
    """

    kind: str
    estimator: str
    explainer: str
    n_trees: int
    depth: int
    confinement: Confinement


class Scorer:
    """An artefact opened in one limited child: a context manager.

    Parameters
    ----------
    artifact : Path
        The kept file, ``<log_dir>/artifacts/<sha256>``.
    sha256 : str
        The digest that the inventory has pinned; another file is refused.
    model : ScoredModel
    background : Table, optional
        Rows of the reference sample, with the columns of the features: the means of a linear model, and the rows
        that the permutation explainer puts in. Without it these two refuse.
    limits : Limits, optional
        Memory, CPU and wall-clock time.
    report : callable, optional
        Called with the share done, in [0, 1], and a sentence.
    """

    def __init__(
        self,
        artifact: Path,
        sha256: str,
        model: ScoredModel,
        *,
        background: pa.Table | None = None,
        limits: Limits | None = None,
        report: Report | None = None,
    ) -> None:
        raise NotImplementedError

    def __enter__(self) -> "Scorer":
        """Start the child and open the file in it."""
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        raise NotImplementedError

    @property
    def opened(self) -> OpenedModel:
        """What was opened, and how it is confined."""
        raise NotImplementedError

    def shap(self, rows: pa.Table, *, of_class: str | None = None) -> ShapValues:
        """Return the checked SHAP values of the rows; multiclass needs `of_class`."""
        raise NotImplementedError

    def predict(self, rows: pa.Table) -> NDArray[np.float64]:
        """Return what the model says: shape (n,), multiclass (n, n_classes) in the order of `model.classes`."""
        raise NotImplementedError
