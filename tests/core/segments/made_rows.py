"""Rows for the search: features of two kinds, a score, and actuals that are wrong where a test wants them."""

import numpy as np
import pyarrow as pa

from core.segments.search_levels import levels_of

NUMBERS = ("income", "age", "balance", "term")
TEXTS = ("plan", "channel")
COLUMNS = (*TEXTS, *NUMBERS)


def rows(n, *, seed=0, weak=None, chance=0.2, wrong=0.8):
    """Return rows; a share `chance` of decisions is wrong, and `wrong` where `weak(columns)` says so."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.normal(50, 10, n) for name in NUMBERS}
    columns["plan"] = rng.choice(["basic", "plus", "max"], n, p=[0.5, 0.3, 0.2])
    columns["channel"] = rng.choice(["web", "shop", "phone"], n)
    columns["balance"][rng.random(n) < 0.05] = np.nan
    actual = (rng.random(n) < 0.4).astype(np.int16)
    off = rng.random(n) < (chance if weak is None else np.where(weak(columns), wrong, chance))
    decision = np.where(off, 1 - actual, actual).astype(np.int16)
    score = np.where(decision == 1, 0.8, 0.2)
    return table(columns, score, decision, actual)


def table(columns, score, decision, actual):
    texts = {name: pa.array(columns[name].tolist()).dictionary_encode() for name in TEXTS}
    numbers = {name: pa.array(columns[name], pa.float64()) for name in NUMBERS}
    outcomes = {"score": score, "decision": decision, "actual": actual}
    return pa.table(outcomes | texts | numbers)


def levels(reference, current):
    return [levels_of(reference, current, name) for name in COLUMNS]


def broken(columns):
    return (columns["plan"] == "plus") & (columns["channel"] == "phone")
