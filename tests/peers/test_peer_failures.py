"""What monitoring tools are known to get wrong, each run through Watchroom's public functions."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats

from core.checks.daily import daily_cells, series_of
from core.checks.drift import drift_verdicts
from core.checks.drift_judgement import LEVELS, judge
from core.checks.history import QUIET, VerdictMemory, advance, with_history
from core.checks.limits import load_limits
from core.checks.quality import missing_verdicts, share_verdicts
from core.checks.series import DailyCells, Series, compare, drift_reference
from core.checks.verdicts import Verdict
from core.drift.feature import FeatureDrift, feature_drift
from core.drift.psi import psi
from core.performance.binary import NO_ACTUALS, binary_performance
from core.profile.binning import Binning
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.plan import Plan
from core.profile.profile import ProfileStack, feature_counts, performance_counts
from core.quality.shares import out_of_range_share
from core.states import State
from core.windows import Window

LIMITS = load_limits()
TRAINED = date(1970, 1, 1)
DAY = date(2024, 3, 1)
WINDOW = Window(DAY, DAY + timedelta(days=1))
BREACHES = (State.WARNING, State.CRITICAL)

Columns = Mapping[str, np.ndarray]


def plan(columns: Columns) -> Plan:
    kinds = {name: "categorical" if values.dtype.kind in "OU" else "numeric" for name, values in columns.items()}
    return Plan(kinds=kinds, sources={name: name for name in columns}, threshold=0.5)


def rows(columns: Columns) -> pa.Table:
    n = len(next(iter(columns.values())))
    arrays = {
        name: pa.array(values.tolist() if values.dtype.kind in "OU" else values) for name, values in columns.items()
    }
    arrays["score"] = pa.array((np.arange(n) + 0.5) / n)
    arrays["decision"] = arrays["actual"] = pa.nulls(n, pa.int8())
    return pa.table(arrays)


class Watched:
    """A model with one reference: what a check does with a window of rows."""

    def __init__(self, reference: Columns) -> None:
        table = rows(reference)
        self.binning: Binning = make_binning(table, plan(reference))
        self.layout = Layout(self.binning)
        self.training = self.stack(TRAINED, table)
        self.series = [one for one in series_of(self.binning, seasonal=()) if one.feature != "score"]
        cells = daily_cells(self.layout, self.training, self.training, self.series)
        self.reference = drift_reference(cells, LIMITS.rules, dated=False)

    def stack(self, day: date, table: pa.Table) -> ProfileStack:
        counted = profile(table, self.binning, layout=self.layout)
        return ProfileStack(
            binning_id=self.binning.id, days=(day,), ints=counted.ints[None], floats=counted.floats[None],
            provenance_ids=("",),
        )  # fmt: skip

    def cells(self, current: Columns) -> DailyCells:
        return daily_cells(self.layout, self.stack(DAY, rows(current)), self.training, self.series)

    def drift(self, current: Columns) -> Sequence[Verdict]:
        return drift_verdicts(self.reference, self.cells(current), self.series, WINDOW, LIMITS, first_day=DAY)

    def missing(self, current: Columns) -> Sequence[Verdict]:
        return missing_verdicts(self.reference, self.cells(current), self.series, WINDOW, LIMITS)

    def feature(self, name: str, current: Columns) -> FeatureDrift:
        stack = self.stack(DAY, rows(current))
        before = feature_counts(self.layout, self.training.ints[0], self.training.floats[0], name)
        after = feature_counts(self.layout, stack.ints[0], stack.floats[0], name)
        return feature_drift(self.binning.features[name], before, after)


def mixed(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Return twenty features as logs have them: smooth, skew, rounded, zero-inflated, categorical."""
    found: dict[str, np.ndarray] = {}
    for place in range(4):
        found[f"normal_{place}"] = rng.normal(place, 1 + place, n)
        found[f"lognormal_{place}"] = rng.lognormal(0, 1, n)
        found[f"count_{place}"] = rng.poisson(3 + 20 * place, n).astype(float)
        found[f"zeros_{place}"] = np.where(rng.random(n) < 0.5, 0.0, rng.gamma(2, size=n))
        found[f"level_{place}"] = rng.choice([f"l{k}" for k in range(12)], n, p=np.arange(12, 0, -1) / 78)
    return found


@pytest.mark.parametrize("n", [100, 300])
def test_small_windows_without_drift_are_flagged_in_at_most_one_of_a_hundred(n):
    rng = np.random.default_rng(n)
    watched = Watched(mixed(rng, 10_000))
    flagged = [verdict.raw_state in BREACHES for _ in range(500) for verdict in watched.drift(mixed(rng, n))]
    assert len(flagged) == 500 * 20
    assert np.mean(flagged) <= 0.01


def test_a_tiny_shift_of_many_rows_is_shown_and_never_alerts():
    rng, n = np.random.default_rng(2), 100_000
    names = [f"x{place}" for place in range(20)]
    reference = {name: rng.normal(size=n) for name in names}
    current = {name: rng.normal(0.03, 1, n) for name in names}
    assert sum(stats.ks_2samp(reference[name], current[name]).pvalue < 0.05 for name in names) == 20
    found = Watched(reference).drift(current)
    assert not [one for one in found if one.raw_state in BREACHES]
    assert all(0 < one.value < 0.005 for one in found)
    assert sum(one.reason.startswith("changed, but small") for one in found) >= 18


def test_one_outlier_does_not_hide_a_shift():
    rng, n = np.random.default_rng(3), 20_000
    watched = Watched({"x": rng.normal(size=n)})
    shifted = rng.normal(0.5, 1, n)
    shifted[0] = 1e4
    assert float(watched.feature("x", {"x": shifted}).psi) >= 0.2


@pytest.mark.parametrize(("m", "n"), [(20_000, 20_000), (50_000, 1_000)])
def test_a_top_decile_that_moved_far_away_is_critical(m, n):
    rng = np.random.default_rng(4)
    watched = Watched({"x": rng.normal(size=m)})
    moved = rng.normal(size=n)
    moved[moved > np.quantile(moved, 0.9)] += 20
    assert float(watched.feature("x", {"x": moved}).psi) > 0.2
    (found,) = watched.drift({"x": moved})
    assert found.raw_state is State.CRITICAL


def test_one_sentinel_in_the_reference_does_not_flatten_the_ks_distance():
    rng, n = np.random.default_rng(5), 20_000
    reference, current = rng.normal(size=n), rng.normal(0.3, 1, n)
    reference[0] = 1e9
    found = Watched({"x": reference}).feature("x", {"x": current})
    exact = stats.ks_2samp(reference, current).statistic
    assert exact > 0.1
    assert -1e-9 <= exact - float(found.ordered.ks_statistic) <= float(found.ordered.ks_bound)
    assert float(found.ordered.ks_bound) < 0.01


def test_an_empty_bin_is_finite_and_its_floor_is_documented():
    rng = np.random.default_rng(6)
    watched = Watched({"x": rng.normal(size=10_000)})
    found = watched.feature("x", {"x": np.abs(rng.normal(size=5_000))})
    assert (found.current_cells == 0).any()
    assert np.isfinite(found.psi)
    assert float(found.psi) < 20
    assert "the ½ is the floor" in psi.__doc__


def test_six_points_more_missing_values_are_critical_although_no_drift_score_sees_them():
    rng = np.random.default_rng(7)
    with_gaps = lambda share, n: np.where(rng.random(n) < share, np.nan, rng.normal(size=n))  # noqa: E731
    watched = Watched({"x": with_gaps(0.02, 20_000)})
    current = {"x": with_gaps(0.08, 10_000)}
    drift = watched.feature("x", current)
    assert float(drift.psi_excess) < 0.10
    assert float(drift.ordered.ks_statistic) < 0.03
    memories: dict[str, VerdictMemory] = {}
    for _ in range(2):
        (found,), memories = with_history(watched.missing(current), memories, LIMITS)
    assert found.state is State.CRITICAL
    assert found.value == pytest.approx(0.06, abs=0.01)


def test_july_is_out_of_the_range_of_winter_and_told_without_a_verdict(shared):
    weather = pl.read_parquet(shared / "data" / "flights" / "weather.parquet").drop_nulls("temp")
    winter, july = (weather.filter(pl.col("month").is_in(months))["temp"].to_numpy() for months in ([1, 2, 3], [7]))
    watched = Watched({"temp": winter})
    stack = watched.stack(DAY, rows({"temp": july}))
    counts = feature_counts(watched.layout, stack.ints[0], stack.floats[0], "temp")
    found = out_of_range_share(watched.binning.features["temp"], counts)
    assert float(found.value) > 0.9
    log = DailyCells(days=(DAY,), cells=np.array([[[int(found.count), int(found.n - found.count)]]]))
    verdicts = share_verdicts("out_of_range_share", ["temp"], log, WINDOW, LIMITS, without_verdict=["temp"])
    assert verdicts[0].raw_state is State.NOT_APPLICABLE
    assert verdicts[0].reason.startswith("seasonal: ")


def test_without_a_label_column_every_metric_says_that_there_are_no_actuals_yet():
    watched = Watched({"x": np.random.default_rng(8).normal(size=2_000)})
    stack = watched.stack(DAY, rows({"x": np.zeros(500)}))
    found = binary_performance(performance_counts(watched.layout, stack.ints[0], stack.floats[0]))
    assert {str(one.reason) for one in found.estimates.values()} == {NO_ACTUALS}
    assert all(np.isnan(one.value) for one in found.estimates.values())


FEATURES, SEGMENTS, DAYS = 100, 20, 2_000


def family(segment_cells: np.ndarray) -> np.ndarray:
    """Return the cells of 20 × 100 series and of the 100 features of the whole; an empty missing cell last."""
    whole = segment_cells.reshape(*segment_cells.shape[:-2], SEGMENTS, FEATURES, 10).sum(-3)
    cells = np.concatenate([segment_cells, whole], -2)
    return np.concatenate([cells, np.zeros((*cells.shape[:-1], 1), np.int64)], -1)


def test_a_large_family_without_drift_alarms_on_at_most_one_day_in_a_hundred():
    rng = np.random.default_rng(9)
    shares = np.full(10, 0.1)
    before = tuple(DAY - timedelta(days=90 - place) for place in range(40))
    trained = DailyCells(days=before, cells=family(rng.multinomial(50, shares, (40, SEGMENTS * FEATURES))))
    reference = drift_reference(trained, LIMITS.rules)
    assert (reference.whole[:-FEATURES].sum(-1) == 2_000).all()
    limit, memories, alarms, raw = LIMITS["feature_drift"], {}, 0, 0
    for place in range(DAYS):
        day = DAY + timedelta(days=place)
        log = DailyCells(days=(day,), cells=family(rng.multinomial(200, shares, (1, SEGMENTS * FEATURES))))
        judged = judge(compare(reference, log, day, day + timedelta(days=1), LIMITS.rules), limit, LIMITS.rules)
        assert judged.level.min() == 1
        raised = {row: LEVELS[judged.level[row]] for row in np.flatnonzero(judged.level > 1).tolist()}
        raw += len(raised)
        states = set()
        for row in {*raised, *memories}:
            memory, state = advance(memories.get(row, QUIET), raised.get(row, State.HEALTHY), rule=limit.persistence)
            states.add(state)
            memories = {**memories, row: memory} if memory != QUIET else {k: v for k, v in memories.items() if k != row}
        alarms += bool(states & set(BREACHES))
    assert raw / DAYS <= 0.05
    assert alarms / DAYS <= 0.01


def test_the_verdicts_of_a_family_are_those_of_the_simulation():
    rng = np.random.default_rng(10)
    cells = family(rng.multinomial(200, np.full(10, 0.1), (1, SEGMENTS * FEATURES)))
    cells[0, 7, :10] = [100, 50, 50, 0, 0, 0, 0, 0, 0, 0]
    trained = DailyCells(
        days=(TRAINED,), cells=family(rng.multinomial(2_000, np.full(10, 0.1), (1, SEGMENTS * FEATURES)))
    )
    reference, log = drift_reference(trained, LIMITS.rules, dated=False), DailyCells(days=(DAY,), cells=cells)
    series = [
        Series(feature=f"x{place % FEATURES}", segment={"s": str(place // FEATURES)}) for place in range(cells.shape[1])
    ]
    found = drift_verdicts(reference, log, series, WINDOW, LIMITS, first_day=DAY)
    assert [place for place, one in enumerate(found) if one.raw_state in BREACHES] == [7]
