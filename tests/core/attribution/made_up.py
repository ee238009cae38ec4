"""Rows whose truth is known: inputs that move, a relation that changes, and tables of them."""

import numpy as np
import pyarrow as pa
from scipy.special import expit

from core.attribution.inputs import fit_inputs
from core.attribution.row_metrics import Outcomes
from core.attribution.shift import Side

NAMES = ("a", "b", "c", "d", "e")


def drawn(n, *, shift=0.0, concept=0.0, seed=0):
    """Return inputs ``(n, 5)``, scores and actuals; `shift` moves the first input, `concept` bends the second."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(n, 5))
    inputs[:, 0] += shift
    margin = -1.5 + 1.2 * inputs[:, 0] + 0.8 * inputs[:, 1] - 0.5 * inputs[:, 2]
    actual = (rng.random(n) < expit(margin + concept * inputs[:, 1])).astype(float)
    return inputs, expit(margin), actual


def table(inputs):
    return pa.table({name: pa.chunked_array([inputs[:, place]]) for place, name in enumerate(NAMES)})


def both_sides(n=10_000, *, shift=0.0, concept=0.0, seed=0):
    """Return the two sides of a shift and the encoding of their inputs."""
    rows = drawn(n, seed=seed), drawn(n, shift=shift, concept=concept, seed=seed + 1_000)
    encoding = fit_inputs(table(rows[0][0]), NAMES)
    sides = [
        Side(
            inputs=encoding.encode(table(inputs)),
            outcomes=Outcomes(score=score, decision=(score >= 0.5).astype(float), actual=actual),
        )
        for inputs, score, actual in rows
    ]
    return sides[0], sides[1], encoding
