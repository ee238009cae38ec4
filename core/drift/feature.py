"""All drift metrics of one feature between a reference and one or many windows."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.drift.cells import unseen_in_other
from core.drift.chi_square import chi_square, cramers_v, cramers_v_balanced, pooled_chi_square
from core.drift.divergence import js_distance, js_null_quantile, kl_divergence
from core.drift.ks import ks_bound, ks_p_value, ks_statistic
from core.drift.psi import counted_cells, psi, psi_bias, psi_null_quantile, psi_standard_error
from core.drift.wasserstein import feature_wasserstein, scaled
from core.errors import BadInputError, NotEnoughDataError
from core.profile.bins import Bins, FeatureCounts, NumericBins
from core.profile.profile import cell_counts
from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedDrift:
    """The metrics that need an order: numeric features and scores only; missing values are excluded.

    Attributes
    ----------
    n, m : (...) int64
        Rows of the window and of the reference that have a value (infinities included).
    ks_bound : (...)
        The distance of the rows lies in ``[ks_statistic, ks_statistic + ks_bound]``.
    wasserstein : (...) in the feature's unit; `wasserstein_scaled` in reference standard deviations.
        NaN without a finite value on both sides, and where sums exceed what a float can hold.
    held : (...) bool
        Both sides have a finite value.
    infinite_share : (...) share of the window's rows left out of `wasserstein`.
    constant : bool
        The reference has one value only: the scaled distance has no meaning.
    """

    n: Ints
    m: Ints
    ks_statistic: Floats
    ks_bound: Floats
    ks_p_value: Floats
    wasserstein: Floats
    wasserstein_scaled: Floats
    held: NDArray[np.bool_]
    infinite_share: Floats
    constant: bool

    def note(self, metric: str, window: int) -> str:
        """Return why a metric of one of ``(n_windows,)`` windows is withheld, or what a reader must know of it."""
        if metric == "ks_statistic":
            return f"binning error at most {float(self.ks_bound[window]):.2g}"
        if not self.held[window]:
            return "not applicable: a side holds no finite value"
        if not np.isfinite(getattr(self, metric)[window]):
            return "not applicable: the sums exceed what a number can hold"
        notes = []
        if self.infinite_share[window] > 0:
            notes.append(f"{100 * float(self.infinite_share[window]):.1f} % of the rows are infinite and left out")
        if metric == "wasserstein_scaled" and self.constant:
            notes.append("the reference is constant, or next to it: its scale has no meaning")
        return "; ".join(notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDrift:
    """Drift of one feature: every metric, its interval, and the cells to redraw or dispute it.

    All arrays share the leading axes ``(...)`` of the window's counts. A window without rows has NaN.

    Attributes
    ----------
    cell_names : tuple of str, length n_cells + 1; ``"missing"`` is last
    reference_cells, current_cells : (..., n_cells + 1) counts; ``unseen`` is in ``other`` where the rule says so
    n, m : (...) rows of the window and of the reference, missing included
    n_counted : (...) B, cells with a row on either side
    phi : (...) design factor used
    psi_ci, psi_excess_ci : Interval, 95 %, clipped at 0
    psi_null, js_null : (...) what a window of this size without drift exceeds in 1 of 100
    ordered : OrderedDrift or None
        None for a categorical feature: it has no order, so KS and Wasserstein are not applicable.
    """

    cell_names: tuple[str, ...]
    reference_cells: Ints
    current_cells: Ints
    n: Ints
    m: Ints
    n_counted: Ints
    phi: Floats
    psi: Floats
    psi_ci: Interval
    psi_excess: Floats
    psi_excess_ci: Interval
    psi_null: Floats
    kl_divergence: Floats
    js_distance: Floats
    js_null: Floats
    chi2_statistic: Floats
    chi2_df: Ints
    chi2_p_value: Floats
    cramers_v: Floats
    cramers_v_balanced: Floats
    ordered: OrderedDrift | None

    @property
    def reference_share(self) -> Floats:
        """Shares of the reference by cell, (..., n_cells + 1); NaN without rows."""
        return _shares(self.reference_cells)

    @property
    def current_share(self) -> Floats:
        """Shares of the window by cell, (..., n_cells + 1); NaN without rows."""
        return _shares(self.current_cells)


def feature_drift(
    bins: Bins, reference: FeatureCounts, current: FeatureCounts, *, phi: ArrayLike = 1.0
) -> FeatureDrift:
    """Return all drift metrics of one feature.

    Cells are the display cells (ten deciles, below and above the reference's range, missing; or one a
    value or level). KS and Wasserstein use the fine bins and exclude missing values. The chi-square
    statistic is the plain one of all cells; its p-value is of the pooled cells divided by `phi`.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
    reference, current : FeatureCounts
        Leading axes broadcast: usually one reference against ``(n_windows,)``.
    phi : (...) >= 1, see `design_factor`

    Raises
    ------
    BadInputError
        When the counts were made with other bins.
    NotEnoughDataError
        When the reference has no row at all.
    """
    _check(bins, reference, current)
    drift = cell_drift(bins, cell_counts(bins, reference), cell_counts(bins, current), phi=phi)
    if not isinstance(bins, NumericBins):
        return drift
    return replace(drift, ordered=ordered_drift(bins, reference, current))


def cell_drift(bins: Bins, reference_cells: Ints, current_cells: Ints, *, phi: ArrayLike = 1.0) -> FeatureDrift:
    """Return the drift metrics that need display cells only: all but KS and Wasserstein (`ordered` is None).

    Parameters
    ----------
    reference_cells, current_cells : (..., n_cells + 1) counts, the missing cell last; leading axes broadcast
    phi : (...) >= 1, see `design_factor`
    """
    r = unseen_in_other(bins, reference_cells, reference_cells)
    c = unseen_in_other(bins, reference_cells, current_cells)
    return counted_drift((*bins.cell_names, "missing"), r, c, phi=phi)


def counted_drift(
    cell_names: tuple[str, ...], reference_cells: Ints, current_cells: Ints, *, phi: ArrayLike = 1.0
) -> FeatureDrift:
    """Return the drift metrics of plain counts by named cell, e.g. of decisions or actuals; `ordered` is None.

    Parameters
    ----------
    cell_names : length n_cells + 1, the missing cell last
    reference_cells, current_cells : (..., n_cells + 1) counts; leading axes broadcast
    """
    r, c = np.broadcast_arrays(reference_cells, current_cells)
    n, m = np.asarray(c.sum(-1)), np.asarray(r.sum(-1))
    factor = np.broadcast_to(np.asarray(phi, np.float64), n.shape)
    value, bias = psi(r, c), psi_bias(r, c, phi=factor)
    half = Z95 * psi_standard_error(r, c, phi=factor)
    plain = chi_square(r, c)
    return FeatureDrift(
        cell_names=cell_names,
        reference_cells=r,
        current_cells=c,
        n=n,
        m=m,
        n_counted=counted_cells(r, c),
        phi=factor,
        psi=value,
        psi_ci=_clipped(value, half),
        psi_excess=value - bias,
        psi_excess_ci=_clipped(value - bias, half),
        psi_null=psi_null_quantile(n, m, counted_cells(r, c), phi=factor),
        kl_divergence=kl_divergence(r, c),
        js_distance=js_distance(r, c),
        js_null=js_null_quantile(r, c, phi=factor),
        chi2_statistic=plain.statistic,
        chi2_df=plain.df,
        chi2_p_value=pooled_chi_square(r, c).p_value(phi=factor),
        cramers_v=cramers_v(r, c),
        cramers_v_balanced=cramers_v_balanced(r, c),
        ordered=None,
    )


def with_infinities(counts: FeatureCounts) -> Ints:
    """Return the fine counts with the infinities in the two open end bins."""
    fine = counts.fine.copy()
    fine[..., 0] += counts.neg_inf
    fine[..., -1] += counts.pos_inf
    return fine


def window(drift: FeatureDrift, index: int) -> FeatureDrift:
    """Return the drift of one window out of a stack of windows, with one leading axis less."""
    chosen: dict[str, Any] = {field.name: _at(getattr(drift, field.name), index) for field in fields(drift)}
    return replace(drift, **chosen)


def _at(value: object, index: int) -> object:
    """Return the part of a field that belongs to one window."""
    if isinstance(value, np.ndarray):
        return value[index]
    if isinstance(value, Interval | OrderedDrift):
        parts: dict[str, Any] = {field.name: _at(getattr(value, field.name), index) for field in fields(value)}
        return replace(value, **parts)
    return value


def ordered_drift(bins: NumericBins, reference: FeatureCounts, current: FeatureCounts) -> OrderedDrift:
    """Return the drift metrics of a numeric feature that need the order of its values.

    Parameters
    ----------
    reference, current : FeatureCounts with tail sums; leading axes broadcast
    """
    r, c = np.broadcast_arrays(with_infinities(reference), with_infinities(current))
    n, m = np.asarray(c.sum(-1)), np.asarray(r.sum(-1))
    distance = feature_wasserstein(bins, reference, current)
    statistic = ks_statistic(r, c)
    infinite = np.asarray(current.neg_inf + current.pos_inf, np.float64)
    return OrderedDrift(
        n=n,
        m=m,
        ks_statistic=statistic,
        ks_bound=ks_bound(r, c, bins.is_atom),
        ks_p_value=ks_p_value(statistic, n, m),
        wasserstein=distance,
        wasserstein_scaled=scaled(bins, distance),
        held=np.asarray((reference.fine.sum(-1) > 0) & (current.fine.sum(-1) > 0)),
        infinite_share=np.divide(infinite, n, out=np.zeros_like(infinite), where=n > 0),
        constant=bins.constant,
    )


def _check(bins: Bins, reference: FeatureCounts, current: FeatureCounts) -> None:
    for side, counts in (("reference", reference), ("window", current)):
        if counts.fine.shape[-1] != bins.n_bins:
            raise BadInputError(
                f"The {side} has {counts.fine.shape[-1]} bins and the binning {bins.n_bins}: profile it again."
            )
    if not np.any(reference.fine.sum(-1) + reference.null + reference.nan + reference.neg_inf + reference.pos_inf):
        raise NotEnoughDataError("The reference has no rows.")


def _clipped(centre: Floats, half: Floats) -> Interval:
    return Interval(low=np.maximum(centre - half, 0.0), high=np.maximum(centre + half, 0.0))


def _shares(cells: Ints) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(cells / cells.sum(-1, keepdims=True))
