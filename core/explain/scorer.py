"""A model file opened once, in one limited child, that answers several requests."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.explain.limits import Confinement, Limits
from core.explain.sandbox import Sandbox, SandboxError
from core.explain.values import ScoredModel, ShapValues, from_table

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
    how : str
        The same in a few words, with the reason where only permutations are left.
    n_trees, depth : int
        Of the trees; 0 where there are none.
    confinement : Confinement
        What the child may not do, and what could not be forbidden.
    """

    kind: str
    estimator: str
    explainer: str
    how: str
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

    Raises
    ------
    BadInputError
        When the file is not the registered one, or is refused; on entering.
    SandboxError
        When a limit was reached or the child ended.
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
        self._child = Sandbox(artifact, sha256, limits=limits, report=report)
        self._model, self._background, self._report = model, background, report
        self._left = ExitStack()
        self._opened: OpenedModel | None = None

    def __enter__(self) -> "Scorer":
        """Start the child and open the file in it."""
        with ExitStack() as entered:
            entered.enter_context(self._child)
            self._opened = _opened(self._child, self._model, self._background)
            self._left = entered.pop_all()
        confinement = self._opened.confinement
        if self._report is not None:
            for warning in _warnings(confinement):
                self._report(0.0, warning)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self._left.__exit__(kind, error, trace)

    @property
    def opened(self) -> OpenedModel:
        """What was opened, and how it is confined."""
        assert self._opened is not None
        return self._opened

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def shap(self, rows: pa.Table, *, of_class: str | None = None, sampled: bool = False) -> ShapValues:
        """Return the checked SHAP values of the rows.

        Parameters
        ----------
        rows : Table
            With a column for every feature of the model, by the user's names.
        of_class : str, optional
            The class whose score is explained: multiclass needs it.
        sampled : bool
            Use sampled permutations of the prediction (approximate) also where an exact explainer exists: what is
            left for a model whose exact values were refused.

        Raises
        ------
        NotAdditiveError
            When the values do not add up to the model's own margin.
        BadInputError
            When the model cannot be run on these rows, or `of_class` is missing.
        SandboxError
            When a limit was reached.
        """
        table = self._child.ask("shap", {"of_class": of_class, "sampled": sampled}, self._features(rows))
        try:
            found = from_table(table)
        except ValueError as error:
            raise SandboxError(f"The limited process gave an answer that cannot be read ({error}).") from None
        if found.values.shape != (rows.num_rows, len(self._model.features)):
            raise SandboxError("The limited process answered for other rows than it was asked for.")
        return found

    def predict(self, rows: pa.Table) -> NDArray[np.float64]:
        """Return what the model says of rows.

        Returns
        -------
        ndarray of float64
            Shape (n,): the probability of the positive class, or the predicted value; multiclass (n, n_classes) in
            the order of `model.classes`.

        Raises
        ------
        BadInputError
            When the model cannot be run on these rows.
        SandboxError
            When a limit was reached.
        """
        table = self._child.ask("predict", {}, self._features(rows))
        width = len(self._model.classes) if self._model.task == "multiclass" else 1
        if table.num_columns != width or table.num_rows != rows.num_rows:
            raise SandboxError("The limited process answered for other rows than it was asked for.")
        columns = [np.asarray(one.cast(pa.float64()).to_numpy(), dtype=np.float64) for one in table.columns]
        return np.column_stack(columns) if self._model.task == "multiclass" else columns[0]

    def _features(self, rows: pa.Table) -> pa.Table:
        return rows.select(list(self._model.features)).replace_schema_metadata(None)


def _warnings(confinement: Confinement) -> list[str]:
    """Return what is missing from a confinement, in sentences."""
    found = []
    if not confinement.isolated:
        found.append(f"warning: the model file is opened without isolation: {confinement.reason}")
    if confinement.exposed:
        found.append(f"warning: what opens the model file may read other files: {confinement.exposed}")
    return found


def _opened(child: Sandbox, model: ScoredModel, background: pa.Table | None) -> OpenedModel:
    handed = None if background is None else background.select(list(model.features)).replace_schema_metadata(None)
    about = child.open_model(model, handed).to_pylist()
    if len(about) != 1 or child.confinement is None:
        raise SandboxError("The limited process said something that cannot be read.")
    told = about[0]
    return OpenedModel(
        kind=str(told["kind"]),
        estimator=str(told["estimator"]),
        explainer=str(told["explainer"]),
        how=str(told["how"]),
        n_trees=int(told["n_trees"]),
        depth=int(told["depth"]),
        confinement=child.confinement,
    )
