"""Drift of all inputs together over windows: what a table of single features cannot see, such as a lost correlation.

Two measures. The reconstruction error of a principal component analysis that the reference fixed: rows whose inputs
hang together in another way are rebuilt worse. And how well a domain classifier tells the rows of a window from
those of the reference. Limits come from the reference itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.attribution.domain import domain_auc
from core.errors import NotEnoughDataError

Floats = NDArray[np.float64]
Report = Callable[[float, str], None]

VARIANCE_KEPT = 0.90
FEWEST_ROWS = 200
MOST_ROWS = 2_000
FEWEST_CHUNKS, MOST_CHUNKS = 20, 40
AUC_CHUNKS = 12
SIGMAS = 3.0
TAIL = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Principal components of the reference's first half.

    Attributes
    ----------
    centre, scale : (p,) of the encoded columns
    axes : (k, p) orthonormal
    kept : float
        Share of the variance that the k components hold.
    """

    centre: Floats
    scale: Floats
    axes: Floats
    kept: float

    def errors(self, rows: Floats) -> Floats:
        """Return the distance of each row to its reconstruction, ``(n,)``, in standard deviations."""
        scaled = (rows - self.centre) / self.scale
        rest = scaled - (scaled @ self.axes.T) @ self.axes
        return np.asarray(np.sqrt((rest * rest).sum(1)))


def fit_components(rows: Floats) -> Components:
    """Return the fewest components that hold 90 % of the variance of standardised columns, at least one.

    Parameters
    ----------
    rows : (n, p) encoded inputs; constant columns keep their scale

    References
    ----------
    Jolliffe 2002.
    """
    centre, spread = rows.mean(0), rows.std(0)
    scale = np.where(spread > 0, spread, 1.0)
    scaled = (rows - centre) / scale
    values, vectors = np.linalg.eigh(scaled.T @ scaled / len(rows))
    reached = np.cumsum(values[::-1]) / max(float(values.sum()), 1e-300)
    k = min(int(np.searchsorted(reached, VARIANCE_KEPT - 1e-12)) + 1, max(rows.shape[1] - 1, 1))
    return Components(centre=centre, scale=scale, axes=vectors[:, ::-1][:, :k].T, kept=float(reached[k - 1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a measure lies in chunks of the reference.

    Attributes
    ----------
    mean : float
    low, high : float
        The wider of mean ± 3 sd and of the .5 % and 99.5 % quantiles, so that both are passed beyond them.
    rule : str
        Which of the two is the wider one above.
    chunks : int
    """

    mean: float
    low: float
    high: float
    rule: str
    chunks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MultivariatePoint:
    """Both measures in one window; None with the reason where there are too few rows.

    Attributes
    ----------
    start, end : str
        Unit labels of the model's calendar, half-open.
    n : int
        Rows of the sample.
    """

    start: str
    end: str
    n: int
    error: float | None
    auc: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultivariateDrift:
    """Drift of all inputs together over windows, oldest first.

    Attributes
    ----------
    error_limits, auc_limits : Limits
    n_components, n_columns : int
    kept : float
        Share of the variance that the components hold.
    n_reference : int
    chunk_rows : int
        Rows of a chunk of the reference.
    """

    points: tuple[MultivariatePoint, ...]
    error_limits: Limits
    auc_limits: Limits
    n_components: int
    n_columns: int
    kept: float
    n_reference: int
    chunk_rows: int
    left_out: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the result as plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the result of a stored document."""
        fixed = {
            "points": tuple(MultivariatePoint(**one) for one in document["points"]),
            "error_limits": Limits(**document["error_limits"]),
            "auc_limits": Limits(**document["auc_limits"]),
            "left_out": tuple(document["left_out"]),
        }
        return cls(**{**document, **fixed})


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowInputs:
    """Encoded inputs of a sample of one window."""

    start: str
    end: str
    rows: Floats


def multivariate_drift(
    reference: Floats,
    windows: Sequence[WindowInputs],
    *,
    left_out: tuple[str, ...] = (),
    seed: int = 0,
    report: Report | None = None,
) -> MultivariateDrift:
    """Return both measures for each window, with limits from the reference.

    The reference is cut at random into two halves. Half A fixes the components and stands for the reference in the
    domain classifier; chunks of half B, in the order of its rows (so that dated ones hold neighbouring days), give
    the limits. Where a chunk has fewer rows than a window, the sampling part of its spread is scaled down to it.

    Parameters
    ----------
    reference : (n, p) encoded inputs in order of time
    windows : oldest first, at most 2,000 rows each
    seed : of the halves and of the classifiers

    Raises
    ------
    NotEnoughDataError
        When the reference has fewer than 4,000 rows (20 chunks of 100 in a half), or no window has 200.

    References
    ----------
    statistics.md §9; Jolliffe 2002.
    """
    if len(reference) < 2 * FEWEST_CHUNKS * 100:
        wanted = 2 * FEWEST_CHUNKS * 100
        raise NotEnoughDataError(f"the reference has {len(reference):,} rows; {wanted:,} are needed for limits")
    usual = [len(one.rows) for one in windows if len(one.rows) >= FEWEST_ROWS]
    if not usual:
        raise NotEnoughDataError(f"no window has the {FEWEST_ROWS} rows that are needed")
    half_a, half_b = _halves(reference, seed)
    components = fit_components(half_a)
    size = int(np.median(usual))
    error_limits, chunk = _error_limits(components.errors(half_b), size)
    stand_in = half_a[np.random.default_rng(seed).permutation(len(half_a))[:MOST_ROWS]]
    auc_limits = _auc_limits(half_b, stand_in, size, seed=seed)
    points = []
    for number, one in enumerate(windows):
        if report is not None:
            report(0.3 + 0.7 * number / len(windows), f"window {number + 1} of {len(windows)}")
        points.append(_point(one, components, stand_in, seed=seed))
    return MultivariateDrift(
        points=tuple(points),
        error_limits=error_limits,
        auc_limits=auc_limits,
        n_components=len(components.axes),
        n_columns=reference.shape[1],
        kept=components.kept,
        n_reference=len(reference),
        chunk_rows=chunk,
        left_out=left_out,
    )


def _halves(reference: Floats, seed: int) -> tuple[Floats, Floats]:
    """Return two random halves, each in the order of the rows."""
    first = np.zeros(len(reference), bool)
    first[np.random.default_rng(seed).permutation(len(reference))[: len(reference) // 2]] = True
    return reference[first], reference[~first]


def _point(one: WindowInputs, components: Components, stand_in: Floats, *, seed: int) -> MultivariatePoint:
    if len(one.rows) < FEWEST_ROWS:
        why = f"not applicable: {len(one.rows):,} rows, fewer than {FEWEST_ROWS}"
        return MultivariatePoint(start=one.start, end=one.end, n=len(one.rows), error=None, auc=None, reason=why)
    return MultivariatePoint(
        start=one.start,
        end=one.end,
        n=len(one.rows),
        error=float(components.errors(one.rows).mean()),
        auc=domain_auc(stand_in, one.rows, seed=seed),
    )


def _error_limits(errors: Floats, size: int) -> tuple[Limits, int]:
    """Return the limits of the mean error of a window of `size` rows, and the rows of a chunk."""
    chunk = min(size, len(errors) // FEWEST_CHUNKS)
    means = np.array([errors[at : at + chunk].mean() for at in range(0, len(errors) - chunk + 1, chunk)])[:MOST_CHUNKS]
    per_row = float(errors.var())
    own = max(float(means.var(ddof=1)), 1e-300)
    wanted = max(own - per_row / chunk, 0.0) + per_row / size
    stretched = means.mean() + (means - means.mean()) * np.sqrt(min(wanted / own, 1.0))
    return _limits(stretched), chunk


def _auc_limits(half_b: Floats, stand_in: Floats, size: int, *, seed: int) -> Limits:
    """Return the limits of the domain classifier's AUC: chunks of half B against rows of half A."""
    size = min(size, len(half_b))
    starts = np.linspace(0, len(half_b) - size, AUC_CHUNKS).astype(int)
    found = _limits(np.array([domain_auc(stand_in, half_b[at : at + size], seed=seed) for at in starts]))
    return replace(found, high=min(found.high, 1.0))


def _limits(values: Floats) -> Limits:
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    low, high = (float(np.quantile(values, share)) for share in (TAIL, 1 - TAIL))
    by_sd = mean + SIGMAS * sd >= high
    return Limits(
        mean=mean,
        low=min(mean - SIGMAS * sd, low),
        high=max(mean + SIGMAS * sd, high),
        rule="mean ± 3 sd" if by_sd else "99.5 % quantile",
        chunks=len(values),
    )
