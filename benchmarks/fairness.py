"""Figures of fairness: every rate, gap and interval with its 2,000 null draws, against a plain read of the rows.

Run with ``python -m benchmarks.fairness [--rows 1000000]``. CPU seconds of the process, median of runs in turn. Three
protected columns of 2, 5 and 9 values, a control column of 8, a score, and an actual that 30 % do not have yet.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.profile import coded, scan
from core.fairness.chance import DRAWS
from core.fairness.conditional import CONDITIONED, conditional_gaps
from core.fairness.frontier import CONSTRAINTS, frontier
from core.fairness.gaps import group_gaps
from core.fairness.impossibility import impossibility
from core.fairness.rates import SELECTION_RATE, group_rates, intersection_rates, tallies
from core.fairness.reference_group import against_reference
from core.fairness.reweighing import reweighing
from core.fairness.shrinkage import shrunk_rates
from core.profile.binning import Binning
from core.profile.group_columns import kept_pairs
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.plan import GroupPlan, Plan
from core.profile.profile import Profile, control_confusion, group_counts, merge, pair_confusion

DAYS, REFERENCE_ROWS = 30, 200_000
PROTECTED = {"c_0001": 2, "c_0002": 5, "c_0003": 9}
CONTROL, N_CONTROL = "c_0004", 8
COLUMNS = [*PROTECTED, CONTROL, "score", "actual"]
RATIO_LIMIT = 3.0


def make_rows(rng: np.random.Generator, n: int) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for name, levels in (PROTECTED | {CONTROL: N_CONTROL}).items():
        columns[name] = coded(rng, n, levels).cast("string")
    score = rng.beta(2, 3, n)
    columns["score"] = pa.array(score)
    columns["actual"] = pa.array((rng.random(n) < score).astype(np.int8), mask=rng.random(n) < 0.3)
    return pa.table(columns)


def make_plan() -> Plan:
    return Plan(
        kinds={},
        sources={CONTROL: CONTROL},
        segments=(CONTROL,),
        threshold=0.5,
        groups=tuple(GroupPlan(name=name, source=name) for name in PROTECTED),
    )


def write_log(folder: Path, n: int) -> list[Path]:
    rng = np.random.default_rng(1)
    paths = []
    for day in range(DAYS):
        paths.append(folder / f"{day:02d}.parquet")
        pq.write_table(make_rows(rng, n // DAYS), paths[-1], compression="zstd", row_group_size=125_000)
    return paths


def count(paths: list[Path], binning: Binning) -> list[Profile]:
    """Return the profile of every day: what intake does once, protected columns and control column only."""
    layout = Layout(binning)
    made = []
    for path in paths:
        with pq.ParquetFile(path, read_dictionary=[*PROTECTED, CONTROL]) as file:
            rows = pa.Table.from_batches(list(file.iter_batches(columns=COLUMNS)))
        made.append(profile(rows, binning, layout=layout))
    return made


def judge(days: list[Profile], binning: Binning) -> int:
    """Return how many figures were computed of all days together, from their counts on."""
    layout, whole = Layout(binning), merge(*days)
    done = 0
    for column in binning.group_columns:
        counts = group_counts(layout, whole.ints, whole.floats, column.name)
        done += sum(one.value.size for one in group_rates(counts).estimates.values())
        done += len(group_gaps(counts.confusion)) + len(column.labels)
        against_reference(counts.confusion, counts.labels, counts.labels[0])
        shrunk_rates(tallies(counts.confusion)[SELECTION_RATE])
        impossibility(counts.confusion, counts.labels)
        for rate in CONDITIONED:
            done += conditional_gaps(control_confusion(layout, whole.ints, column.name), rate, against=0).pooled.n.size
    columns = binning.group_columns
    for first, second in kept_pairs(columns):
        pairs = pair_confusion(layout, whole.ints, columns[first].name, columns[second].name)
        found = intersection_rates(columns[first].labels, columns[second].labels, pairs)
        done += sum(one.value.size for one in found.estimates.values())
        done += len(group_gaps(pairs.reshape(-1, 3, 3)))
    return done


def mitigate(days: list[Profile], binning: Binning) -> int:
    """Return how many points of frontiers and of reweighing were computed, for every column and constraint."""
    layout, whole = Layout(binning), merge(*days)
    done = 0
    for column in binning.group_columns:
        counts = group_counts(layout, whole.ints, whole.floats, column.name)
        for constraint in CONSTRAINTS:
            done += len(frontier(counts, constraint).points)
            done += len(reweighing(counts, constraint, threshold=0.5).points)
    return done


def measured(paths: list[Path], binning: Binning, repeats: int) -> dict[str, float]:
    """Return median CPU seconds of the plain read, of counting, of judging and of the frontiers, taken in turns."""
    spent: dict[str, list[float]] = {"scan": [], "count": [], "judge": [], "mitigate": []}
    for _ in range(repeats):
        start = time.process_time()
        scan(paths, COLUMNS)
        spent["scan"].append(time.process_time() - start)
        start = time.process_time()
        days = count(paths, binning)
        spent["count"].append(time.process_time() - start)
        for name, work in (("judge", judge), ("mitigate", mitigate)):
            start = time.process_time()
            work(days, binning)
            spent[name].append(time.process_time() - start)
    return {name: float(np.median(seconds)) for name, seconds in spent.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    binning = make_binning(make_rows(np.random.default_rng(0), REFERENCE_ROWS), make_plan())
    folder = Path(tempfile.mkdtemp())
    try:
        paths = write_log(folder, chosen.rows)
        took = measured(paths, binning, chosen.repeats)
        days = count(paths, binning)
        figures, points = judge(days, binning), mitigate(days, binning)
    finally:
        shutil.rmtree(folder)
    plain = took["scan"]
    print(
        f"fairness of {chosen.rows:,} rows, {len(PROTECTED)} protected columns: {figures:,} figures with intervals and"
        f" {DRAWS:,} null draws a gap {took['judge']:.2f} s, scan {plain:.2f} s, ratio {took['judge'] / plain:.2f};"
        f" with counting at intake {took['count'] + took['judge']:.2f} s,"
        f" ratio {(took['count'] + took['judge']) / plain:.2f} (limit {RATIO_LIMIT:.0f})",
        flush=True,
    )
    print(f"mitigation: {points:,} points of 9 frontiers and 9 reweighing paths {1000 * took['mitigate']:.0f} ms")


if __name__ == "__main__":
    main()
