"""SHAP values by sampled permutations: for any model that predicts; approximate, though they add up.

A feature's value is the mean change of the prediction when it is put into a background row, over random orders of the
features, each walked forward and backward (antithetic sampling). The base is the mean prediction of the background, so
that the values add up to the prediction exactly; with another draw of the orders single values move.

References
----------
Štrumbelj, E., Kononenko, I. (2014). Explaining prediction models and individual predictions with feature
contributions. Knowledge and Information Systems 41. Mitchell, R. et al. (2022). Sampling permutations for Shapley
value estimation. JMLR 23.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.explain.model import Contributions

N_ORDERS = 4
N_BACKGROUND = 32
ROWS_AT_ONCE = 65_536
Predict = Callable[[pa.Table], NDArray[np.float64]]
Report = Callable[[float], None]


def n_predictions(n_rows: int, n_features: int, n_background: int = N_BACKGROUND) -> int:
    """Return how many rows the model scores: orders, both ways, times features, times background.

    >>> n_predictions(50, 13)
    166400
    """
    return n_rows * 2 * N_ORDERS * n_features * n_background


def permutation_values(
    predict: Predict,
    rows: pa.Table,
    background: pa.Table,
    *,
    rng: np.random.Generator,
    report: Report | None = None,
) -> Contributions:
    """Return approximate contributions of every column of `rows` to the prediction.

    Parameters
    ----------
    predict : function of a table to (n,) or (n, K)
    rows, background : Table
        With the same columns; at most `N_BACKGROUND` rows of the background are used, evenly spaced.
    rng : Generator
        Draws the orders; the same for every row, so that rows can be compared.
    report : function of the share done, optional

    Raises
    ------
    ValueError
        When the background is empty.
    """
    if not background.num_rows:
        raise ValueError("the permutation explainer needs rows of the reference to compare with")
    names, chosen = rows.column_names, _evenly(background.num_rows)
    behind = background.select(names).take(pa.array(chosen))
    orders = [rng.permutation(len(names)) for _ in range(N_ORDERS)]
    orders += [order[::-1] for order in orders]
    base = _columns(predict(behind)).mean(axis=0)
    margin = _columns(predict(rows)) if rows.num_rows else np.zeros((0, base.size))
    values = np.zeros((rows.num_rows, len(names), base.size))
    together = pa.concat_tables([_plain(behind), _plain(rows)]).combine_chunks()
    step = max(1, ROWS_AT_ONCE // (len(orders) * len(names) * len(chosen)))
    for first in range(0, rows.num_rows, step):
        part = range(first, min(first + step, rows.num_rows))
        values[part.start : part.stop] = _part(predict, together, part, orders, len(chosen))
        if report is not None:
            report(part.stop / rows.num_rows)
    return Contributions(values=values, base=base, margin=margin)


def _evenly(n_rows: int) -> list[int]:
    n = min(N_BACKGROUND, n_rows)
    return [place * n_rows // n for place in range(n)]


def _columns(answer: NDArray[np.float64]) -> NDArray[np.float64]:
    return answer if answer.ndim == 2 else answer[:, None]


def _plain(rows: pa.Table) -> pa.Table:
    """Return the table with texts instead of codes, so that two of them can be joined."""
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type) for field in rows.schema
    ]
    return rows.cast(pa.schema(fields)).replace_schema_metadata(None)


def _part(
    predict: Predict, together: pa.Table, part: range, orders: list[NDArray[np.int64]], n_background: int
) -> NDArray[np.float64]:
    """Return the values of some rows: the walks of all orders are scored in one call."""
    n_features, n_rows = len(together.column_names), len(part)
    taken_at = np.argsort(np.stack(orders), axis=1)  # (orders, F): the step at which a feature is put in
    steps = np.arange(n_features + 1)
    is_put = steps[None, :, None] > taken_at[:, None, :]  # (orders, F + 1, F)
    own = n_background + np.asarray(part)
    shape = (n_rows, len(orders), n_features + 1, n_background)
    walked = {}
    for place, name in enumerate(together.column_names):
        chosen = np.where(
            is_put[None, :, :, place, None], own[:, None, None, None], np.arange(n_background)[None, None, None, :]
        )
        walked[name] = together.column(name).take(pa.array(np.broadcast_to(chosen, shape).ravel()))
    answers = _columns(predict(pa.table(walked))).reshape(*shape, -1).mean(axis=3)  # (rows, orders, F + 1, K)
    moves = np.diff(answers, axis=2)
    values = np.zeros((n_rows, n_features, answers.shape[-1]))
    for at, order in enumerate(orders):
        values[:, order, :] += moves[:, at] / len(orders)
    return values
