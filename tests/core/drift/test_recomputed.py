"""Raw rows through kernel and profile, recomputed from the rows with numpy, scipy and the words of the rules."""

import warnings

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from core.drift.feature import feature_drift
from core.profile.bins import NumericBins
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.plan import Plan
from core.profile.profile import cell_counts, feature_counts, segment_cells

LARGEST = np.finfo(np.float64).max
M, N = 8_000, 1_500


def normal(rng, n, shift=0.0):
    return rng.normal(size=n) + shift


CASES = {
    "continuous": lambda r: (normal(r, M), normal(r, N, 0.3)),
    "ties": lambda r: (normal(r, M).round(1), normal(r, N, 0.2).round(1)),
    "constant": lambda r: (np.full(M, 3.14), np.full(N, 3.14)),
    "a constant that moved": lambda r: (np.full(M, 3.14), normal(r, N)),
    "timestamps": lambda r: (1.7e9 + 86_400 * r.random(M), 1.7e9 + 43_200 + 86_400 * r.random(N)),
    "whole numbers beyond 2^53": lambda r: (
        2.0**53 + 2 * r.integers(0, 9_999, M),
        2.0**53 + 2 * r.integers(0, 9_000, N),
    ),
    "subnormal": lambda r: (5e-320 * r.random(M), 4e-320 * r.random(N)),
    "1e300": lambda r: (1e300 * normal(r, M), 1.5e300 * normal(r, N)),
    "the largest floats": lambda r: (r.choice([-LARGEST, LARGEST], M), normal(r, N)),
    "3 values and a new one": lambda r: (r.choice([0.0, 1, 2], M), r.choice([0.0, 1, 1.5, 2], N)),
    "20 values": lambda r: (r.integers(0, 20, M) + 0.0, r.integers(0, 20, N) + 0.0),
    "21 values": lambda r: (r.integers(0, 21, M) + 0.0, r.integers(0, 25, N) + 0.0),
    "200 values": lambda r: (r.integers(0, 200, M) + 0.0, r.integers(10, 211, N) + 0.5),
    "201 values": lambda r: (r.integers(0, 201, M) + 0.0, r.integers(10, 211, N) + 0.0),
    "an atom over three deciles": lambda r: (
        np.append(np.zeros(M // 3), r.random(M)),
        np.append(np.zeros(99), r.random(N)),
    ),
    "neighbouring floats": lambda r: (
        np.concatenate([np.repeat([1.0, np.nextafter(1, 2), np.nextafter(1, 0)], 900), normal(r, M)]),
        np.append(np.repeat(np.nextafter(1, 2), 500), normal(r, N)),
    ),
    "one sentinel": lambda r: (np.append(normal(r, M), 1e9), normal(r, N, 0.5)),
    "infinities": lambda r: (np.append(normal(r, M), [np.inf, -np.inf] * 200), np.append(normal(r, N), [np.inf] * 99)),
    "nothing but infinities": lambda r: (np.full(M, np.inf), normal(r, N)),
    "missing": lambda r: (np.append(normal(r, M), [np.nan] * 500), np.append(normal(r, N), [np.nan] * 99)),
    "nothing in the reference": lambda r: (np.full(M, np.nan), normal(r, N)),
    "nothing in the window": lambda r: (normal(r, M), np.full(N, np.nan)),
    "minus zero": lambda r: (np.append(np.full(500, -0.0), normal(r, M)), np.append(np.zeros(99), normal(r, N))),
    "two rows": lambda r: (np.array([1.0, 2.0]), normal(r, 3)),
}


def counted(reference, current, **plan):
    """Return the bins, and the counts of both sides, of one column."""
    kind = "numeric" if reference.dtype == np.float64 else "categorical"
    asked = Plan(kinds={"x": kind}, sources={"x": "f_0001"}, threshold=0.5, **plan)
    tables = [pa.table({"f_0001": pa.array(side), "score": np.full(len(side), 0.5)}) for side in (reference, current)]
    binning = make_binning(tables[0], asked)
    layout = Layout(binning)
    made = [profile(table, binning, layout=layout) for table in tables]
    return binning.features["x"], [feature_counts(layout, one.ints, one.floats, "x") for one in made], layout, made


def cell_of(values, bins, known):
    """Return display cells as the text of the methodology words them, value by value."""
    finite = np.sort(known[np.isfinite(known)])
    ends = np.where(np.isposinf(values), bins.cell[-1], bins.cell[0])
    if np.unique(finite).size <= 20:
        new = bins.n_cells - 1
        place = {value: cell for cell, value in enumerate(np.unique(finite))}
        cells = np.array([place.get(value, new) for value in values])
    else:
        inside = np.searchsorted(bins.edges, values, side="left")
        cells = bins.cell[np.minimum(inside, bins.n_bins - 1)]
        cells = np.where(values < finite[0], bins.cell[0], np.where(values > finite[-1], bins.cell[-1], cells))
    return np.where(np.isnan(values), bins.n_cells, np.where(np.isinf(values), ends, cells))


@pytest.mark.parametrize("case", CASES)
def test_the_stored_counts_give_what_the_rows_give(case):
    reference, current = CASES[case](np.random.default_rng(5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bins, (before, now), _, _ = counted(reference, current)
        found = feature_drift(bins, before, now)
    assert isinstance(bins, NumericBins)
    assert (int(found.m), int(found.n)) == (len(reference), len(current))
    if np.isfinite(reference).any():
        for side, rows in ((before, reference), (now, current)):
            expected = np.bincount(cell_of(rows, bins, reference), minlength=bins.n_cells + 1)
            assert np.array_equal(cell_counts(bins, side), expected)
        assert before.fine[0] == before.fine[-1] == 0
    check_cells(found)
    check_order(found.ordered, reference, current)


def check_cells(found):
    """Compare with scipy on the display cells that count."""
    r, c = found.reference_cells, found.current_cells
    held = (r + c) > 0
    p, q = r[held] / r.sum(), c[held] / c.sum()
    psi = ((q - p) * np.log((c[held] + 0.5) / (r[held] + 0.5))).sum()
    assert float(found.psi) == pytest.approx(max(psi, 0), abs=1e-12)
    assert float(found.js_distance) == pytest.approx(np.nan_to_num(jensenshannon(p, q, base=2)), abs=1e-9)
    if held.sum() > 1:
        exact = stats.chi2_contingency(np.stack([r[held], c[held]]), correction=False)
        assert float(found.chi2_statistic) == pytest.approx(exact.statistic, rel=1e-9)


def check_order(found, reference, current):
    """Compare with scipy on the rows: within the stated bound, and the Wasserstein distance next to exact."""
    before, now = (side[~np.isnan(side)] for side in (reference, current))
    if not before.size or not now.size:
        assert np.isnan(found.ks_statistic)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy's p-value at such sizes
        exact = stats.ks_2samp(before, now).statistic
    assert -1e-12 <= exact - float(found.ks_statistic) <= float(found.ks_bound) + 1e-12
    assert not np.signbit(found.ks_statistic)
    finite = [side[np.isfinite(side)] for side in (before, now)]
    if not all(side.size for side in finite):
        assert not found.held
    elif np.isfinite(found.wasserstein) and np.abs(np.concatenate(finite)).max() < 1e12:
        gap = stats.wasserstein_distance(*finite) - float(found.wasserstein)
        assert abs(gap) <= 2e-3 * max(1.0, float(found.wasserstein)) or len(np.unique(finite[0])) <= 3


def test_ten_thousand_hostile_levels_are_counted_exactly():
    rng = np.random.default_rng(6)
    names = np.array(
        ["", " ", "ß∂ 😀", "null", "other", "unseen", "a\nb", *(f"level {n}" for n in range(10_000))], object
    )
    weights = 1 / np.arange(1, len(names) + 1)
    reference = rng.choice(names, 60_000, p=weights / weights.sum())
    current = np.append(rng.choice(names[::-1], 2_000, p=weights / weights.sum()), ["never seen"] * 50)
    bins, (before, now), _, _ = counted(reference, current)
    known = set(reference)
    assert int(now.fine[-1]) == sum(level not in known for level in current)
    assert int(before.fine[-1]) == 0
    for place, level in enumerate(bins.levels):
        assert int(now.fine[place]) == int((current == level).sum())
    assert int(before.fine.sum()) == len(reference)
    check_cells(feature_drift(bins, before, now))


def test_segments_add_up_to_the_whole_and_one_row_is_a_segment():
    rng = np.random.default_rng(7)
    reference = rng.choice(np.array(["a", "b", ""], object), 3_000, p=[0.6, 0.3, 0.1])
    current = np.array(["a"] * 400 + [""] + ["new"] * 9, object)
    bins, (_, now), layout, made = counted(reference, current, segments=("x",))
    cells = segment_cells(layout, made[1].ints, "x")
    labels = [segment.label for segment in layout.binning.segments]
    assert np.array_equal(cells.sum(0), cell_counts(bins, now))
    assert cells.sum(-1)[labels.index("")] == 1
    assert cells.sum(-1)[labels.index("other")] == 9
