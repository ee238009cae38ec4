"""Figures of estimated performance: CBPE of 30 days from 1,000,000 rows, in CPU against a plain streamed read.

Run with ``python -m benchmarks.estimation [--rows 1000000]``. The log of `benchmarks.profile`: 30 features, score,
actual (30 % unknown), 30 days. All 12 metrics with the 200 draws of their bands, and the lag curve. From stored
profiles, as a page asks for them, and with the profiles made from the rows first.
"""

import argparse
import resource
import time
from datetime import timedelta

import numpy as np

from benchmarks.profile import DAYS, FIRST, REFERENCE_ROWS, TIMES, build, make_plan, make_rows, scan, written_log
from core.estimation.estimated import Estimated, Vectors, estimated
from core.estimation.lag import lag_curve
from core.performance.of_task import performance_of, rows_known
from core.profile.binning import Binning
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.profile import Profile, lag_counts, stack

RATIO_LIMIT = 3.0


def estimate(layout: Layout, reference: Profile, days: list[Profile]) -> Estimated:
    """Return all estimates of the days with their bands, held against what was realised, and draw the lag curve."""
    ints, floats = stack(days)
    known = rows_known(layout, ints)
    lag_curve(
        [FIRST + timedelta(days=day) for day in range(DAYS)],
        lag_counts(layout, ints),
        known[:, 0] - known[:, 1],
        today=FIRST + timedelta(days=DAYS),
    )
    return estimated(
        layout,
        Vectors(ints=reference.ints, floats=reference.floats),
        Vectors(ints=ints, floats=floats),
        realised=performance_of(layout, ints, floats),
        mature=np.ones(DAYS, np.bool_),
    )


def cbpe(n: int, repeats: int) -> None:
    """Print CPU seconds of the read, of the profiles and of the estimates, medians of runs in turn."""
    rows = make_rows(np.random.default_rng(0), REFERENCE_ROWS)
    binning: Binning = make_binning(rows, make_plan(()))
    layout, reference = Layout(binning), profile(rows, binning)
    spent: dict[str, list[float]] = {"scan": [], "profile": [], "estimate": []}
    with written_log(n) as paths:
        for _ in range(repeats):
            start = time.process_time()
            scan(paths, [*binning.columns, *TIMES, "score", "actual"])
            spent["scan"].append(time.process_time() - start)
            start = time.process_time()
            days = build(paths, binning, TIMES)
            spent["profile"].append(time.process_time() - start)
            start = time.process_time()
            found = estimate(layout, reference, days)
            spent["estimate"].append(time.process_time() - start)
    plain, kernel, ours = (float(np.median(spent[name])) for name in ("scan", "profile", "estimate"))
    n_values = sum(int(np.isfinite(one.value).sum()) for one in found.estimates.values())
    print(
        f"CBPE, {n:,} rows, {DAYS} days, {n_values:,} estimates with their bands: scan {plain:.2f} s,"
        f" from stored profiles {ours:.2f} s, ratio {ours / plain:.2f};"
        f" profiles included {kernel + ours:.2f} s, ratio {(kernel + ours) / plain:.2f} (limit {RATIO_LIMIT:.0f})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    cbpe(chosen.rows, chosen.repeats)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process, making the rows included: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
