"""A small log with every kind of column, for every task, and its binning."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from core.profile.binning import Binning
from core.profile.make_binning import make_binning
from core.profile.plan import GroupPlan, Plan

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


CLOSES_AT = datetime(2013, 4, 2, 4, tzinfo=UTC)
COLUMNS = {"amount": "c_0010", "latency": "c_0011", "error": "c_0012"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A task with the maker of its rows, its plan and the binning of 3,000 of its rows."""

    make: Callable[[int, int], pa.Table]
    plan: Plan
    binning: Binning


def with_requests(rows: pa.Table, seed: int) -> pa.Table:
    """Return the rows with amount, latency, error and time of intake."""
    rng, n = np.random.default_rng(seed + 10_000), rows.num_rows
    said = np.array(["", "timeout", "ok", "500"], object)[rng.choice(4, n, p=[0.6, 0.1, 0.2, 0.1])]
    came = (CLOSES_AT.timestamp() + rng.normal(20, 15, n) * 3_600) * 1e6
    moments = pa.array(came.astype(np.int64)).cast(pa.timestamp("us", "UTC"))
    columns = {
        "c_0010": pa.array(np.round(rng.gamma(2, 50, n), 2), mask=rng.random(n) < 0.05),
        "c_0011": pa.array(rng.lognormal(3, 1, n), mask=rng.random(n) < 0.1),
        "c_0012": pa.array(said, pa.string(), mask=rng.random(n) < 0.2),
        "intake_at": moments,
    }
    for name, values in columns.items():
        rows = rows.append_column(name, values)
    return rows


def put(rows: pa.Table, **columns: pa.Array) -> pa.Table:
    """Return the rows with columns in place of those of the same name."""
    for name, values in columns.items():
        place = rows.column_names.index(name) if name in rows.column_names else None
        rows = rows.append_column(name, values) if place is None else rows.set_column(place, name, values)
    return rows


def class_rows(n: int, seed: int, n_classes: int) -> pa.Table:
    """Return rows of a multiclass model: missing scores and actuals, few logged decisions, a class without rows."""
    rng = np.random.default_rng(seed + 20_000)
    scores = rng.dirichlet(np.full(n_classes, 0.7), n)
    actual = np.array([rng.choice(n_classes, p=row) for row in scores], np.int16).reshape(n)
    actual[actual == n_classes - 1] = 0  # the last class never comes
    without = rng.random(n) < 0.05
    columns = {f"c_1{k:03d}": pa.array(scores[:, k], mask=without) for k in range(n_classes)}
    columns["actual"] = pa.array(actual, mask=rng.random(n) < 0.3)
    columns["decision"] = pa.array(rng.integers(0, n_classes, n).astype(np.int16), mask=rng.random(n) < 0.8)
    return put(with_requests(make_rows(n, seed), seed), **columns)


def number_rows(n: int, seed: int) -> pa.Table:
    """Return rows of a regression: missing predictions and actuals, actuals of 0, an infinite prediction."""
    rng = np.random.default_rng(seed + 30_000)
    actual = np.round(rng.gamma(2, 30, n), 1)
    actual[rng.random(n) < 0.05] = 0.0
    score = actual + rng.normal(1, 10, n)
    score[rng.random(n) < 0.01] = np.inf
    columns = {
        "score": pa.array(score, mask=rng.random(n) < 0.05),
        "actual": pa.array(actual, mask=rng.random(n) < 0.3),
    }
    return put(with_requests(make_rows(n, seed), seed), **columns)


def class_case(n_classes: int) -> Case:
    def make(n: int, seed: int) -> pa.Table:
        return class_rows(n, seed, n_classes)

    names, sources = zip(*((f"class {k}", f"c_1{k:03d}") for k in range(n_classes)), strict=True)
    plan = replace(PLAN, task="multiclass", classes=names, class_sources=sources, latency="c_0011", error="c_0012")
    return Case(make=make, plan=plan, binning=make_binning(make(3_000, 1), plan))


def number_case(*, labelled: bool) -> Case:
    plan = replace(PLAN, task="regression", score_kind="prediction", latency="c_0011", error="c_0012")
    reference = number_rows(3_000, 1)
    binning = make_binning(reference if labelled else reference.drop_columns(["actual"]), plan)
    return Case(make=number_rows, plan=plan, binning=binning)


def binary_case() -> Case:
    def make(n: int, seed: int) -> pa.Table:
        return with_requests(make_rows(n, seed), seed)

    plan = replace(PLAN, **COLUMNS)
    return Case(make=make, plan=plan, binning=make_binning(make(3_000, 1), plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class WideCase:
    """Two protected columns with too many values to be counted together; `segmented` has 200 segments beside."""

    make: Callable[[int, int], pa.Table]
    binning: Binning
    segmented: Binning


def grouped_rows(n: int, seed: int) -> pa.Table:
    """Return rows with a protected column of words, SHAP values of two features, and the times of the actuals."""
    rng = np.random.default_rng(seed + 40_000)
    born = np.array(["here", "there", "elsewhere", "other"], object)[rng.choice(4, n, p=[0.6, 0.25, 0.1, 0.05])]
    at = CLOSES_AT.timestamp() * 1e6 - rng.integers(0, 86_400_000_000, n)
    known = at + rng.integers(0, 50 * 86_400_000_000, n)
    moments = [pa.array(values.astype(np.int64)).cast(pa.timestamp("us", "UTC")) for values in (at, known)]
    columns = {
        "c_0020": pa.array(born, pa.string(), mask=rng.random(n) < 0.05).dictionary_encode(),
        "c_0021": pa.array(rng.normal(0, 1, n), mask=rng.random(n) < 0.1),
        "c_0022": pa.array(rng.normal(0, 2, n), mask=rng.random(n) < 0.1),
        "at": moments[0],
        "actual_at": moments[1],
    }
    return put(with_requests(make_rows(n, seed), seed), **columns)


def grouped_case() -> Case:
    groups = (
        GroupPlan(name="amount", source="f_0001", numeric=True, cuts=(-0.5, 0.5)),
        GroupPlan(name="region of birth", source="c_0020"),
    )
    plan = replace(PLAN, **COLUMNS, groups=groups, shap={"amount": "c_0021", "carrier": "c_0022"})
    return Case(make=grouped_rows, plan=plan, binning=make_binning(grouped_rows(3_000, 1), plan))


def wide_rows(n: int, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    many = {"c_0030": 20, "c_0031": 20, **{f"c_01{k:02d}": 48 for k in range(4)}}
    columns = {name: pa.array([f"v{i}" for i in rng.integers(0, top, n)]) for name, top in many.items()}
    return pa.table({**columns, "score": rng.random(n), "actual": rng.integers(0, 2, n)})


def wide_case() -> WideCase:
    groups = tuple(GroupPlan(name=f"g{k + 1}", source=f"c_003{k}") for k in range(2))
    sources = {f"s{k}": f"c_01{k:02d}" for k in range(4)}
    plan, reference = Plan(kinds={}, sources=sources, groups=groups, threshold=0.5), wide_rows(3_000, 1)
    segmented = make_binning(reference, replace(plan, segments=tuple(sources)))
    return WideCase(make=wide_rows, binning=make_binning(reference, plan), segmented=segmented)


CASES = {
    "protected groups": grouped_case,
    "binary": binary_case,
    "two classes": lambda: class_case(2),
    "four classes": lambda: class_case(4),
    "fifty classes": lambda: class_case(50),
    "regression": lambda: number_case(labelled=True),
    "regression without reference actuals": lambda: number_case(labelled=False),
}


@pytest.fixture(scope="session", params=list(CASES))
def case(request) -> Case:
    """Return each task in turn."""
    return CASES[request.param]()


@pytest.fixture(scope="session")
def grouped() -> Case:
    return grouped_case()


@pytest.fixture(scope="session")
def wide_groups() -> WideCase:
    return wide_case()


@pytest.fixture(scope="session")
def multiclass() -> Case:
    return class_case(4)


@pytest.fixture(scope="session")
def regression() -> Case:
    return number_case(labelled=True)


@pytest.fixture(scope="session")
def with_amount() -> Case:
    return binary_case()


@pytest.fixture(scope="session")
def closes_at() -> datetime:
    return CLOSES_AT


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
