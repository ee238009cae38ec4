"""An ONNX model: predictions only. Its values come from sampled permutations and are marked approximate.

Used inside the limited child only. Converted models differ from their source (a forest by some thousandths): compare
with the logged scores (`score_gap` of an explanation).
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.explain.inputs import Column, frame, numbers, order_of, texts
from core.explain.model import BOUND, PERMUTATION, Contributions, positions
from core.explain.values import ScoredModel

N_THREADS = 2
KINDS = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(string)": object,
}


class OnnxModel:
    """An ONNX session; see `core.explain.model.Model`."""

    kind = "onnx"
    estimator = "ONNX graph"
    explainer = PERMUTATION
    how = "sampled permutations: an ONNX graph has no exact explainer"
    bound = BOUND
    n_trees = 0
    depth = 0

    def __init__(self, content: bytes, model: ScoredModel) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = N_THREADS, 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._model, self._inputs = model, self._session.get_inputs()
        if len(self._inputs) == 1:
            width = self._inputs[0].shape[-1]
            self._order = order_of(model, None, width if isinstance(width, int) else len(model.features))
        else:
            self._order = order_of(model, [one.name for one in self._inputs], len(self._inputs))

    def _handed(self, rows: pa.Table) -> dict[str, Any]:
        if len(self._inputs) == 1 and len(self._order) > 1:
            one = self._inputs[0]
            made = frame(rows, self._model, self._order, {}).to_numpy()
            return {one.name: _typed(made, one.type)}
        return {
            one.name: _typed(self._column(rows, name), one.type).reshape(-1, 1)
            for one, name in zip(self._inputs, self._order, strict=True)
        }

    def _column(self, rows: pa.Table, name: str) -> NDArray[Any]:
        if name in self._model.categorical:
            return texts(rows.column(name), Column())
        return numbers(rows.column(name))

    def predict(self, rows: pa.Table) -> NDArray[np.float64]:
        """Return the probability of the positive class or of each class, or the predicted value."""
        given = self._session.run(None, self._handed(rows))
        if self._model.task == "regression":
            return np.asarray(given[0], dtype=np.float64).reshape(-1)
        labels, chances = _chances(given, self._model)
        if self._model.task == "multiclass":
            return chances[:, positions(labels, self._model.classes)]
        try:
            return chances[:, positions(labels, (self._model.positive,))[0]]
        except ValueError:
            return chances[:, -1]

    def contributions(self, rows: pa.Table) -> Contributions:
        """Refuse: permutations explain it.

        Raises
        ------
        ValueError
            Always.
        """
        raise ValueError("an ONNX graph has no exact contributions")


def _typed(values: NDArray[Any], kind: str) -> NDArray[Any]:
    wanted = KINDS.get(kind)
    if wanted is None:
        raise ValueError(f"the graph takes {kind}, which Watchroom does not fill")
    if wanted is object:
        return np.asarray([[str(cell) for cell in row] for row in np.atleast_2d(values.T).T], dtype=object)
    return values.astype(wanted)


def _chances(given: list[Any], model: ScoredModel) -> tuple[list[Any], NDArray[np.float64]]:
    """Return the labels and the probabilities (n, K) among the outputs of a classifier."""
    for output in given:
        if isinstance(output, list) and output and isinstance(output[0], dict):
            labels = list(output[0])
            return labels, np.asarray([[row[label] for label in labels] for row in output], dtype=np.float64)
    tables = [one for one in given if isinstance(one, np.ndarray) and one.ndim == 2 and one.dtype.kind == "f"]
    if not tables:
        raise ValueError("the graph gives no probabilities")
    found = np.asarray(tables[-1], dtype=np.float64)
    labels = list(model.classes) if model.task == "multiclass" else list(range(found.shape[1]))
    return labels, found
