"""A small log with every kind of column, and its binning."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.profile.binning import Binning
from core.profile.make_binning import make_binning
from core.profile.plan import Plan

KINDS = {"amount": "numeric", "hour": "numeric", "carrier": "categorical"}
SOURCES = {"amount": "f_0001", "hour": "f_0002", "carrier": "f_0003", "region": "c_0001"}
PLAN = Plan(
    kinds=KINDS,
    sources=SOURCES,
    segments=("carrier", "region"),
    threshold=0.4,
    ranges={"amount": (-2.0, None)},
    categories={"carrier": frozenset({"AA", "UA", "DL"})},
)


def make_rows(n: int, seed: int = 0) -> pa.Table:
    """Return `n` rows with nulls, NaN, infinities, unseen levels and unknown actuals."""
    rng = np.random.default_rng(seed)
    amount = rng.normal(0, 1, n)
    amount[rng.random(n) < 0.02] = np.nan
    amount[rng.random(n) < 0.01] = np.inf
    amount[rng.random(n) < 0.01] = -np.inf
    carriers = np.array(["AA", "UA", "DL", "ZZ"], object)[rng.choice(4, n, p=[0.5, 0.3, 0.19, 0.01])]
    regions = np.array(["north", "south"], object)[rng.integers(0, 2, n)]
    score = np.round(rng.beta(2, 3, n), 3)
    actual = (rng.random(n) < score).astype(np.int8)
    decision = rng.integers(0, 2, n).astype(np.int8)
    return pa.table(
        {
            "f_0001": pa.array(amount, mask=rng.random(n) < 0.05, from_pandas=False),
            "f_0002": pa.array(rng.integers(0, 24, n).astype(np.float64)),
            "f_0003": pa.array(carriers, pa.string(), mask=rng.random(n) < 0.03).dictionary_encode(),
            "c_0001": pa.array(regions, pa.string(), mask=rng.random(n) < 0.1).dictionary_encode(),
            "c_0009": pa.array(np.round(rng.gamma(2, 1, n), 2)),
            "score": pa.array(score),
            "decision": pa.array(decision, mask=rng.random(n) < 0.5),
            "actual": pa.array(actual, mask=rng.random(n) < 0.3),
        }
    )


@pytest.fixture(scope="session")
def rows_of() -> Callable[[int, int], pa.Table]:
    """Return `make_rows` for hypothesis, which wants no fixture per test."""
    return make_rows


@pytest.fixture(scope="session")
def weighted_binning() -> Binning:
    return make_binning(make_rows(3000, seed=1), replace(PLAN, weight="c_0009"))


@pytest.fixture
def rows() -> Callable[..., pa.Table]:
    return make_rows


@pytest.fixture(scope="session")
def plan() -> Plan:
    return PLAN


@pytest.fixture(scope="session")
def binning() -> Binning:
    reference = make_rows(5000, seed=1)
    known = pa.compute.is_in(reference["f_0003"].cast("string"), pa.array(["AA", "UA", "DL"]))
    return make_binning(reference.filter(known), PLAN)
