"""Bins of one column from its reference values: fine bins, display cells, their names."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.profile.bins import CategoricalBins, Floats, Ints, NumericBins
from core.profile.labels import short_number, short_numbers
from core.profile.profile import MAX_LEVEL_CELLS

FINE_BINS = 512
TAIL_PARTS = (1024, 2048, 4096, 8192)
MAX_DISCRETE = 200
"""Up to so many distinct values (for 512 bins), every value has a bin of its own."""

MAX_VALUE_CELLS = 20
"""Up to so many distinct values, every value has a display cell of its own."""

ATOM_CELL_PARTS = 20
"""A single value with at least one part in so many of the reference is a display cell of its own."""

LARGE = 1e150
"""Values from here on are squared as a part of the largest one."""

MAX_LEVELS = 200
MAX_REST = 10_000


def numeric_bins(values: Floats, *, n_bins: int = FINE_BINS) -> NumericBins:
    """Return the fine bins and display cells of reference `values`.

    Edges are the reference's quantiles ``x[ceil(k m / n_bins) - 1]``, four further quantiles in each tail, and a
    bin of its own for every value that holds several quantiles (an atom); with at most 200 distinct values every
    value is an atom. The two end bins hold no reference row. Display cells: deciles made of fine bins, atoms with
    a share of at least 0.05, below the minimum, above the maximum; with at most 20 distinct values one cell
    per value and one for everything between and beside them.

    Parameters
    ----------
    values : (m,) float64
        NaN and infinities are ignored. No finite value at all gives one bin and one cell, or three where there are
        infinities: below, any finite value, above.
    n_bins : int
        Quantiles; 64 for models with more than 500 features.

    References
    ----------
    docs/method/drift.md.

    Examples
    --------
    >>> bins = numeric_bins(np.array([1.0, 1.0, 2.0]))
    >>> bins.cell_names
    ('= 1', '= 2', 'new value')
    >>> bins.n_bins
    5
    """
    with np.errstate(over="ignore", invalid="ignore"):  # values near the largest float
        return _numeric_bins(values, n_bins)


def _numeric_bins(values: Floats, n_bins: int) -> NumericBins:
    finite = np.sort(values[np.isfinite(values)] + 0.0)
    if finite.size == 0:
        return _no_values(infinite=bool(np.isinf(values).any()))
    distinct = finite[np.flatnonzero(np.diff(finite, prepend=-np.inf))]
    edges = _edges(finite, distinct, n_bins)
    cumulated = np.searchsorted(finite, edges, side="right")
    counts = np.diff(cumulated, prepend=0, append=finite.size)
    single = np.zeros(edges.size + 1, np.bool_)
    single[1:-1] = np.nextafter(edges[1:], -np.inf) == edges[:-1]
    keys = _value_keys(counts) if distinct.size <= MAX_VALUE_CELLS else _decile_keys(counts, single)
    cell, names, is_new = _named_cells(keys, edges, counts, single)
    centre = float(finite[-(-finite.size // 2) - 1])
    scale = _winsorised_scale(finite)
    floor = 1e-12 * max(1.0, abs(centre))
    return NumericBins(
        edges=edges,
        is_atom=single,
        cell=cell,
        n_cells=len(names),
        cell_names=names,
        is_new_cell=is_new,
        centre=centre,
        reference_mean=_bin_means(finite, cumulated, edges, centre),
        scale=max(scale, floor),
        constant=bool(distinct.size == 1 or scale <= floor),
    )


def _no_values(*, infinite: bool) -> NumericBins:
    """Bins of a column without any finite reference value: one bin that takes whatever comes.

    Where the reference holds infinities, the finite values stand in a bin between them.
    """
    largest = float(np.finfo(np.float64).max)
    names = ("−∞", "new value", "∞") if infinite else ("any value",)
    return NumericBins(
        edges=np.array([np.nextafter(-largest, 0), np.nextafter(largest, 0)]) if infinite else np.empty(0),
        is_atom=np.zeros(len(names), np.bool_),
        cell=np.arange(len(names), dtype=np.int16),
        n_cells=len(names),
        cell_names=names,
        is_new_cell=np.array([name not in ("−∞", "∞") for name in names]),
        centre=0.0,
        reference_mean=np.zeros(len(names)),
        scale=1e-12,
        constant=False,
    )


def quantiles(ordered: Floats, parts: int) -> Floats:
    """Return the ``parts - 1`` inner quantiles ``x[ceil(k m / parts) - 1]`` of sorted values.

    >>> quantiles(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    array([2.])
    """
    return _at_parts(ordered, np.arange(1, parts), parts)


def _at_parts(ordered: Floats, numerators: Ints, parts: int) -> Floats:
    return ordered[-(-numerators * ordered.size // parts) - 1]


def _edges(ordered: Floats, distinct: Floats, n_bins: int) -> Floats:
    ends = np.array([np.nextafter(ordered[0], -np.inf), ordered[-1]])
    if distinct.size * FINE_BINS <= MAX_DISCRETE * n_bins:
        return np.unique(np.concatenate([distinct, np.nextafter(distinct, -np.inf), ends]))
    inner = quantiles(ordered, n_bins)
    repeated = np.flatnonzero(inner[1:] == inner[:-1])
    atoms = np.unique(inner[repeated])
    tails = [_at_parts(ordered, np.array([1, parts - 1]), parts) for parts in TAIL_PARTS]
    return np.unique(np.concatenate([inner, *tails, atoms, np.nextafter(atoms, -np.inf), ends]))


def _value_keys(counts: Ints) -> Ints:
    """One cell per bin with reference rows, in order; everything else is one cell after them."""
    filled = counts > 0
    return np.where(filled, np.cumsum(filled) - 1, np.count_nonzero(filled))


def _decile_keys(counts: Ints, single: NDArray[np.bool_]) -> Ints:
    """Return the cell of each bin: below, deciles and heavy values in order, values between them, above.

    The decile of a bin is that of the middle of its cumulated share, in whole numbers so that no
    rounding moves a bin across a border. A decile left without any reference row (only gaps between
    heavy values fall in it) is dropped: its gaps together form one *new value* cell.
    """
    total = int(counts.sum())
    doubled_middle = 2 * (np.cumsum(counts) - counts) + counts
    keys = np.minimum(9, 10 * doubled_middle // (2 * total))
    heavy = np.flatnonzero(single & (ATOM_CELL_PARTS * counts >= total))
    keys[heavy] = 10 + np.arange(heavy.size)
    empty = np.bincount(keys, weights=counts)[keys] == 0
    keys[empty] = counts.size + 10
    keys[0], keys[-1] = -1, counts.size + 11
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    first[keys[first] == counts.size + 10] = counts.size - 1  # the gaps stand before "above"
    first[inverse[-1]] = counts.size
    return np.argsort(np.argsort(first))[inverse]


def _named_cells(
    keys: Ints, edges: Floats, counts: Ints, single: NDArray[np.bool_]
) -> tuple[NDArray[np.int16], tuple[str, ...], NDArray[np.bool_]]:
    n_cells = int(keys.max()) + 1
    mass = np.bincount(keys, weights=counts, minlength=n_cells)
    members = [np.flatnonzero(keys == cell) for cell in range(n_cells)]
    # A border one step below a single value is that value for a person.
    shown = np.where(np.append(single[1:-1], False), np.append(edges[1:], 0.0), edges)
    shown[0] = np.nextafter(edges[0], np.inf)
    borders = np.array([[shown[max(bins[0] - 1, 0)], shown[min(bins[-1], edges.size - 1)]] for bins in members])
    texts = short_numbers(borders.ravel())
    names = []
    for cell, bins in enumerate(members):
        if bins.size == 1 and single[bins[0]]:
            names.append(f"= {short_number(float(edges[bins[0]]))}")
        else:
            names.append(_interval_name(bins, counts, texts[2 * cell], texts[2 * cell + 1]))
    return keys.astype(np.int16), tuple(names), mass == 0


def _interval_name(bins: Ints, counts: Ints, low: str, high: str) -> str:
    if bins.size == 1 and bins[0] == 0:
        return f"below {high}"
    if bins.size == 1 and bins[0] == counts.size - 1:
        return f"above {low}"
    if not counts[bins].any():
        return "new value"
    return f"≤ {high}" if bins[0] == 1 else f"{low} – {high}"


def _bin_means(ordered: Floats, cumulated: Ints, edges: Floats, centre: float) -> Floats:
    """Mean of (x - centre) inside each bin; the middle of its edges where no reference row is."""
    stops = np.append(cumulated, ordered.size)
    starts = np.concatenate([[0], cumulated])
    means = np.concatenate([edges[:1], edges[:-1] / 2 + edges[1:] / 2, edges[-1:]]) - centre
    filled = np.flatnonzero(stops > starts)
    sums = np.add.reduceat(ordered - centre, starts[filled])
    means[filled] = sums / (stops - starts)[filled]
    return means


def _winsorised_scale(ordered: Floats) -> float:
    """Standard deviation (divisor m) after pulling values in to the 1/512 and 511/512 quantiles."""
    low, high = _at_parts(ordered, np.array([1, FINE_BINS - 1]), FINE_BINS)
    size = max(abs(float(low)), abs(float(high)))
    if size < LARGE:
        return float(np.std(np.clip(ordered, low, high)))
    return float(np.std(np.clip(ordered, low, high) / size)) * size  # squares would exceed the largest float


def categorical_bins(counted: Mapping[str, int]) -> CategoricalBins:
    """Return the levels of a categorical column, most frequent first, ties by name.

    The top 200 levels are counted one by one, the first 50 have display cells; the names of up to 10,000
    further levels are kept, so that ``unseen`` means "not in the reference". Nulls are no level.

    Parameters
    ----------
    counted : mapping of level to number of reference rows; see `core.profile.columns.level_counts`

    Examples
    --------
    >>> categorical_bins({"a": 1, "b": 2}).cell_names
    ('b', 'a', 'other', 'unseen')
    """
    ranked = sorted(counted, key=lambda level: (-counted[level], level))
    levels, rest = tuple(ranked[:MAX_LEVELS]), frozenset(ranked[MAX_LEVELS : MAX_LEVELS + MAX_REST])
    shown = levels[:MAX_LEVEL_CELLS]
    reserved = tuple(word if word not in shown else f"{word} levels" for word in ("other", "unseen"))
    is_new = np.zeros(len(shown) + 2, np.bool_)
    is_new[-2], is_new[-1] = len(ranked) <= len(shown), True
    return CategoricalBins(
        levels=levels, rest=rest, n_cells=len(shown) + 2, cell_names=(*shown, *reserved), is_new_cell=is_new
    )
