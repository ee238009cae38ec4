"""Figures of the profile: CPU against a plain streamed read, drift cells and performance from stored profiles, bytes.

Run with ``python -m benchmarks.profile [--rows 1000000 10000000]``. CPU seconds of the process, not wall time,
median of runs in turn. Data as in speed.md: 20 numeric and 10 categorical features (3–50 levels), 2 segment columns,
score, actual (30 % unknown), 30 days, one zstd Parquet file a day as in the log. One line counts two protected columns
(2 and 6 values), another two columns of SHAP values and the lag of the actuals as well; both are read by the scan too.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.drift.cells import stacked
from core.drift.divergence import js_distance
from core.drift.ks import ks_statistic
from core.drift.psi import psi
from core.performance.binary import binary_performance
from core.profile.binning import Binning, Segment
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.packed import pack
from core.profile.plan import GroupPlan, Plan
from core.profile.profile import Profile, cell_counts, feature_counts, segment_performance_counts
from core.profile.records import DayProfile
from core.store import models as stored_models
from core.store import profiles as stored
from core.store.database import Store, init_store

DAYS, REFERENCE_ROWS = 30, 200_000
NUMERIC = [f"f_{i:04d}" for i in range(20)]
CATEGORICAL = [f"f_{i:04d}" for i in range(20, 30)]
SEGMENTS = {"c_0001": 8, "c_0002": 8}
TEN_SEGMENTS, N_SEGMENTS = "c_0003", 10
"""A column by which performance is counted: ten values, beside "other" and "missing"."""

PROTECTED = {"c_0004": 2, "c_0005": 6}
SHAP = {"f_0000": "c_0006", "f_0001": "c_0007"}
TIMES = ("at", "actual_at")

FIRST = date(2013, 4, 1)
METRICS = ("roc_auc", "average_precision", "precision", "recall", "f1", "log_loss")
RATIO_LIMIT, MILLISECONDS_LIMIT = 5.0, 50.0


def coded(rng: np.random.Generator, n: int, levels: int) -> pa.Array:
    codes = pa.array(rng.integers(0, levels, n, np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array([f"level {i}" for i in range(levels)]))


def make_rows(rng: np.random.Generator, n: int) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for place, name in enumerate(NUMERIC):
        values = rng.lognormal(0, 1, n) if place % 3 == 0 else rng.normal(place, 1 + place, n)
        values = np.round(values, 2) if place % 3 == 1 else values
        columns[name] = pa.array(values, mask=rng.random(n) < 0.02)
    for name, levels in zip(CATEGORICAL, np.linspace(3, 50, len(CATEGORICAL)).astype(int), strict=True):
        columns[name] = coded(rng, n, int(levels)).cast("string")
    for name, levels in SEGMENTS.items():
        columns[name] = coded(rng, n, levels).cast("string")
    score = rng.beta(2, 5, n)
    columns["score"] = pa.array(score)
    columns["actual"] = pa.array((rng.random(n) < score).astype(np.int8), mask=rng.random(n) < 0.3)
    columns[TEN_SEGMENTS] = coded(rng, n, N_SEGMENTS).cast("string")
    for name, levels in PROTECTED.items():
        columns[name] = coded(rng, n, levels).cast("string")
    for name in SHAP.values():
        columns[name] = pa.array(rng.normal(0, 1, n))
    at = 1_364_774_400_000_000 + rng.integers(0, 86_400_000_000, n)
    for name, moments in zip(TIMES, (at, at + rng.integers(0, 40 * 86_400_000_000, n)), strict=True):
        columns[name] = pa.array(moments).cast(pa.timestamp("us", "UTC"))
    return pa.table(columns)


def make_plan(segments: tuple[str, ...]) -> Plan:
    kinds = dict.fromkeys(NUMERIC, "numeric") | dict.fromkeys(CATEGORICAL, "categorical")
    return Plan(kinds=kinds, sources={name: name for name in (*kinds, *SEGMENTS)}, segments=segments, threshold=0.5)


def plans() -> Iterator[tuple[str, Plan, tuple[str, ...]]]:
    """Yield what is counted beside the features, its plan, and the further columns that are read."""
    yield "no segments", make_plan(()), ()
    plan = make_plan(tuple(SEGMENTS))
    yield "20 segments x 20 features", plan, ()
    groups = tuple(GroupPlan(name=name, source=name) for name in PROTECTED)
    yield "the same, 2 protected", replace(plan, groups=groups), ()
    yield "the same, 2 SHAP, lag", replace(plan, groups=groups, shap=SHAP), TIMES


def write_log(folder: Path, n: int) -> list[Path]:
    rng = np.random.default_rng(1)
    paths = []
    for day in range(DAYS):
        paths.append(folder / f"{day:02d}.parquet")
        pq.write_table(make_rows(rng, n // DAYS), paths[-1], compression="zstd", row_group_size=125_000)
    return paths


def scan(paths: list[Path], columns: list[str]) -> None:
    """Read the columns, streamed, and do nothing with them."""
    for path in paths:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches(columns=columns):
                pass


def build(paths: list[Path], binning: Binning, further: tuple[str, ...] = ()) -> list[Profile]:
    """Return the profile of every day, and pack it as the store does."""
    layout = Layout(binning)
    made = []
    for path in paths:
        with pq.ParquetFile(path, read_dictionary=[*CATEGORICAL, *SEGMENTS, TEN_SEGMENTS, *PROTECTED]) as file:
            names = [*binning.columns, *further, "score", "actual"]
            rows = pa.Table.from_batches(list(file.iter_batches(columns=names)))
        made.append(profile(rows, binning, layout=layout))
        pack(made[-1].ints, made[-1].floats)
    return made


@contextmanager
def written_log(n: int) -> Iterator[list[Path]]:
    """Give the files of a log of `n` rows, which are gone afterwards."""
    folder = Path(tempfile.mkdtemp())
    try:
        yield write_log(folder, n)
    finally:
        shutil.rmtree(folder)


def spent_on(paths: list[Path], binning: Binning, repeats: int, further: tuple[str, ...] = ()) -> tuple[float, float]:
    """Return median CPU seconds of the plain read and of the profiles of the same columns, taken in turns."""
    spent: dict[str, list[float]] = {"scan": [], "profile": []}
    for _ in range(repeats):
        start = time.process_time()
        scan(paths, [*binning.columns, *further, "score", "actual"])
        spent["scan"].append(time.process_time() - start)
        start = time.process_time()
        build(paths, binning, further)
        spent["profile"].append(time.process_time() - start)
    return float(np.median(spent["scan"])), float(np.median(spent["profile"]))


def daily(paths: list[Path], n: int, repeats: int) -> None:
    """Print CPU seconds and their ratio for `n` rows, with more and more counted."""
    reference = make_rows(np.random.default_rng(0), REFERENCE_ROWS)
    for said, plan, further in plans():
        plain, ours = spent_on(paths, make_binning(reference, plan), repeats, further)
        print(
            f"daily profile, {n:>10,} rows x 30 features, {said:<26}"
            f" scan {plain:6.2f} s   profile {ours:6.2f} s   ratio {ours / plain:4.2f}",
            flush=True,
        )


def performance(paths: list[Path], n: int, repeats: int) -> None:
    """Print what 6 performance metrics x 30 days x 10 segments cost at intake, and from stored profiles."""
    plan = Plan(kinds={}, sources={TEN_SEGMENTS: TEN_SEGMENTS}, segments=(TEN_SEGMENTS,), threshold=0.5)
    binning = make_binning(make_rows(np.random.default_rng(0), REFERENCE_ROWS), plan)
    plain, ours = spent_on(paths, binning, repeats)
    folder = Path(tempfile.mkdtemp())
    try:
        store, version_id = stored_month(folder / "home", binning, n // DAYS)
        took = []
        for _ in range(15):
            start = time.perf_counter()
            done = performance_cells(store, version_id, binning)
            took.append(1000 * (time.perf_counter() - start))
        store.engine.dispose()
    finally:
        shutil.rmtree(folder)
    print(
        f"{len(METRICS)} performance metrics x {DAYS} days x {N_SEGMENTS} segments from {n:,} rows:"
        f" intake {ours:.2f} s, scan {plain:.2f} s, ratio {ours / plain:.2f} (limit {RATIO_LIMIT:.0f});"
        f" {done:,} values from stored profiles {np.median(took):.1f} ms (limit {MILLISECONDS_LIMIT:.0f})",
        flush=True,
    )


def performance_cells(store: Store, version_id: int, binning: Binning) -> int:
    """Return how many values, each with its interval, were computed by day and segment, from the stored blobs on."""
    with store.read() as session:
        stack = stored.load(session, version_id=version_id, role="served", binning_id=binning.id)
    counts = segment_performance_counts(Layout(binning), stack.ints, stack.floats)
    found = binary_performance(counts)
    return sum(int(np.isfinite(found.estimates[name].value).sum()) for name in METRICS)


def stored_month(home: Path, binning: Binning, n_rows: int = 30_000) -> tuple[Store, int]:
    """Return a store with 30 days of profiles of `n_rows` rows and a reference, and the version's id."""
    store, at = init_store(home), datetime(2014, 1, 1, tzinfo=UTC)
    rng = np.random.default_rng(5)
    with store.write() as session:
        model = stored_models.add_model(session, name="m", owner="o", risk_tier=3, at=at)
        schema, _ = stored_models.add_schema(session, model_id=model.id, document={}, digest="d", at=at)
        version = stored_models.add_version(
            session, model_id=model.id, name="v", schema_id=schema, artifact_sha256=None, at=at
        )
        stored.put_binning(session, binning, at=at)
        for day in range(DAYS + 1):
            made = DayProfile(
                version_id=version.id,
                role="served" if day else "reference",
                day=FIRST + timedelta(days=day),
                profile=profile(make_rows(rng, n_rows), binning),
                n_rows=n_rows,
                n_labelled=0,
                log_version=1,
                batches_hash="",
                provenance_id=f"p{day}",
                built_at=at,
            )
            stored.put(session, made)
    return store, version.id


def drift_cells(store: Store, version_id: int, binning: Binning) -> int:
    """Return how many (feature, day) cells were given KS, PSI and JS, from the stored blobs on."""
    layout = Layout(binning)
    with store.read() as session:
        one = stored.load(session, version_id=version_id, role="reference", binning_id=binning.id)
        many = stored.load(session, version_id=version_id, role="served", binning_id=binning.id)
    reference, current, done = [], [], 0
    for name in binning.features:
        r = feature_counts(layout, one.ints, one.floats, name)
        c = feature_counts(layout, many.ints, many.floats, name)
        if name in NUMERIC:
            ks_statistic(r.fine, c.fine)
        reference.append(cell_counts(binning.features[name], r))
        current.append(cell_counts(binning.features[name], c))
        done += len(many.days) * (name != "score")
    r, c = stacked(reference), stacked(current)
    psi(r, c)
    js_distance(r, c)
    return done


def drift() -> None:
    """Print the time of 900 drift cells, reading of the blobs included."""
    reference = make_rows(np.random.default_rng(0), REFERENCE_ROWS)
    for segments in ((), tuple(SEGMENTS)):
        binning = make_binning(reference, make_plan(segments))
        folder = Path(tempfile.mkdtemp())
        try:
            store, version_id = stored_month(folder / "home", binning)
            spent = []
            for _ in range(15):
                start = time.perf_counter()
                done = drift_cells(store, version_id, binning)
                spent.append(time.perf_counter() - start)
            said = f"{len(binning.segments)} segments" if segments else "no segments"
            took = 1000 * float(np.median(spent))
            print(f"{done} drift cells (KS, PSI, JS) from stored profiles, {said:<12} {took:5.1f} ms")
            store.engine.dispose()
        finally:
            shutil.rmtree(folder)


def size(n_features: int, n_segments: int, n_rows: int) -> None:
    """Print the bytes of one model-day."""
    rng = np.random.default_rng(0)
    names = [f"f_{i:04d}" for i in range(n_features)]
    numeric = names[: n_features * 2 // 3]
    columns = {name: pa.array(rng.normal(size=n_rows)) for name in numeric}
    columns |= {name: coded(rng, n_rows, 3 + i % 48) for i, name in enumerate(names[len(numeric) :])}
    segment_columns = [f"c_{i:04d}" for i in range(-(-n_segments // 50))]
    per_column = n_segments // len(segment_columns) - 2
    columns |= {name: coded(rng, n_rows, per_column) for name in segment_columns}
    score = rng.beta(2, 5, n_rows)
    columns |= {"score": pa.array(score), "actual": pa.array((rng.random(n_rows) < score).astype(np.int8))}
    kinds = {name: "numeric" if name in columns and i < len(numeric) else "categorical" for i, name in enumerate(names)}
    plan = Plan(
        kinds=kinds,
        sources={name: name for name in (*names, *segment_columns)},
        segments=tuple(segment_columns),
        threshold=0.5,
    )
    rows = pa.table(columns)
    binning = make_binning(rows, plan)
    assert all(isinstance(segment, Segment) for segment in binning.segments)
    start = time.process_time()
    made = profile(rows, binning)
    spent = time.process_time() - start
    packed = pack(made.ints, made.floats)
    print(
        f"model-day, {n_features:>5,} features x {len(binning.segments):>3} segments, {n_rows:,} rows:"
        f" {len(packed):>9,} bytes ({made.ints.size:,} counts, {made.floats.size:,} sums; {spent:.2f} s CPU)",
        flush=True,
    )


def imports() -> None:
    """Print what importing the core costs, and that it pulls in nothing heavy."""
    program = (
        "import sys, time; start = time.process_time(); import core, core.profile.kernel, core.store.profiles; "
        "print(f'{1000 * (time.process_time() - start):.0f} ms', "
        "sorted({'pandas', 'sklearn', 'shap', 'polars'} & set(sys.modules)) or 'nothing heavy')"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()
    print(f"import core, kernel, store.profiles: {said}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    for place, n in enumerate(chosen.rows):
        with written_log(n) as paths:
            daily(paths, n, chosen.repeats)
            if place == 0:
                performance(paths, n, chosen.repeats)
    drift()
    size(30, 20, 10_000)
    size(2_000, 200, 10_000)
    imports()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process, making the rows included: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
