"""Calibration slope and intercept: the logistic line that would turn the scores into probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.calibration.score_bins import CLIP, ScoreBins

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEPS = 60
HALVINGS = 30
CLOSE = 1e-11
STEEPEST = 100.0
LONGEST_STEP = 2.0
FLAT = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A fitted logit P(y) = intercept + slope · logit(p̄); arrays (...), NaN where there is none.

    Attributes
    ----------
    intercept, slope : (...)
        0 and 1 when the scores are probabilities.
    intercept_error, slope_error : (...) standard errors
    log_likelihood : (...) at the fit
    """

    intercept: Floats
    slope: Floats
    intercept_error: Floats
    slope_error: Floats
    log_likelihood: Floats

    def at(self, index: int | tuple[int, ...] | NDArray[np.int64]) -> "Line":
        """Return the line of one element, or of several along the first, of the leading axes."""
        return Line(
            intercept=self.intercept[index],
            slope=self.slope[index],
            intercept_error=self.intercept_error[index],
            slope_error=self.slope_error[index],
            log_likelihood=self.log_likelihood[index],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Calibration in the large: the intercept with the slope held at 1; arrays (...)."""

    value: Floats
    error: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Logit of the mean score, rows and events of the bins that hold any row, (..., B)."""

    x: Floats
    n: Floats
    y: Floats

    def likelihood(self, a: Floats, b: Floats) -> Floats:
        eta = a[..., None] + b[..., None] * self.x
        parts = self.y * special.log_expit(eta) + (self.n - self.y) * special.log_expit(-eta)
        return np.asarray(parts.sum(-1), np.float64)

    def information(self, a: Floats, b: Floats) -> tuple[Floats, Floats, Floats, Floats, Bools]:
        """Return the Fisher information (aa, ab, bb), its determinant, and where it is singular."""
        mean = special.expit(a[..., None] + b[..., None] * self.x)
        weight = self.n * mean * (1 - mean)
        aa, ab, bb = weight.sum(-1), (weight * self.x).sum(-1), (weight * self.x**2).sum(-1)
        determinant = aa * bb - ab * ab
        flat = ~(determinant > FLAT * aa * bb)
        return aa, ab, bb, np.where(flat, 1.0, determinant), flat

    def newton_step(self, a: Floats, b: Floats) -> tuple[Floats, Floats, Bools]:
        """Return Newton's step of both, and where there is none."""
        aa, ab, bb, determinant, flat = self.information(a, b)
        residual = self.y - self.n * special.expit(a[..., None] + b[..., None] * self.x)
        ga, gb = residual.sum(-1), (residual * self.x).sum(-1)
        step_a = np.where(flat, 0.0, (bb * ga - ab * gb) / determinant)
        return step_a, np.where(flat, 0.0, (aa * gb - ab * ga) / determinant), flat


def fitted_line(bins: ScoreBins) -> Line:
    """Return calibration intercept and slope: the binomial logistic regression of the actual on the logit.

    Newton's method over score bins, p̄ of a bin kept within [1e-6, 1 - 1e-6]. Standard errors from the Fisher
    information. NaN where the rows are of one class, have one score only, or are separated perfectly.

    References
    ----------
    Cox 1958; Van Calster et al. 2019.
    """
    rows = _rows(bins)
    a, b = np.zeros(rows.n.shape[:-1]), np.ones(rows.n.shape[:-1])
    likelihood = rows.likelihood(a, b)
    usable = (rows.y.sum(-1) > 0) & (rows.y.sum(-1) < rows.n.sum(-1))
    done = ~usable
    for _ in range(STEPS):
        step_a, step_b, flat = rows.newton_step(a, b)
        usable, done = usable & ~flat, done | flat
        a, b, likelihood, size = _moved(rows, (a, b), (step_a, step_b), likelihood, still=done)
        done = done | (size <= CLOSE * (1 + np.abs(a) + np.abs(b))) | (np.abs(b) > STEEPEST)
        if done.all():
            break
    return _line(rows, a, b, usable & done & (np.abs(b) <= STEEPEST))


def _rows(bins: ScoreBins) -> _Rows:
    kept = np.flatnonzero((bins.n > 0).reshape(-1, bins.n.shape[-1]).any(0))
    x = special.logit(np.clip(bins.mean_score[..., kept], CLIP, 1 - CLIP))
    return _Rows(x=x, n=bins.n[..., kept], y=bins.events[..., kept])


def _moved(
    rows: _Rows, place: tuple[Floats, Floats], step: tuple[Floats, Floats], likelihood: Floats, *, still: Bools
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the new place, its likelihood and the size of the step, halved until the likelihood does not fall."""
    scale = np.where(still, 0.0, 1.0)
    slack = 1e-12 * (1 + np.abs(likelihood))
    for _ in range(HALVINGS):
        a, b = place[0] + scale * step[0], place[1] + scale * step[1]
        found = rows.likelihood(a, b)
        worse = found < likelihood - slack
        if not worse.any():
            break
        scale = np.where(worse, scale / 2, scale)
    return a, b, found, scale * np.maximum(np.abs(step[0]), np.abs(step[1]))


def _line(rows: _Rows, a: Floats, b: Floats, known: Bools) -> Line:
    aa, _, bb, determinant, flat = rows.information(a, b)

    def kept(values: Floats) -> Floats:
        return np.asarray(np.where(known & ~flat, values, np.nan), np.float64)

    return Line(
        intercept=kept(a),
        slope=kept(b),
        intercept_error=kept(np.sqrt(bb / determinant)),
        slope_error=kept(np.sqrt(aa / determinant)),
        log_likelihood=kept(rows.likelihood(a, b)),
    )


def likelihood_of_scores(bins: ScoreBins) -> Floats:
    """Return the log-likelihood of the actuals when the scores are taken as they are, (...)."""
    rows = _rows(bins)
    zero = np.zeros(rows.n.shape[:-1])
    return rows.likelihood(zero, zero + 1.0)


def in_the_large(bins: ScoreBins) -> Shift:
    """Return calibration in the large: how much the logits must be raised so that the mean score fits.

    Above 0 the scores are too low. NaN where the rows are of one class.
    """
    rows = _rows(bins)
    x, n, events = rows.x, rows.n, rows.y.sum(-1)
    usable = (events > 0) & (events < n.sum(-1))
    a = np.zeros(events.shape)
    for _ in range(STEPS):
        mean = special.expit(a[..., None] + x)
        information = (n * mean * (1 - mean)).sum(-1)
        gap = events - (n * mean).sum(-1)
        step = np.divide(gap, information, out=np.zeros(gap.shape), where=usable & (information > 0))
        a = a + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max(initial=0.0) <= CLOSE:
            break
    mean = special.expit(a[..., None] + x)
    information = (n * mean * (1 - mean)).sum(-1)
    error = np.divide(1.0, np.sqrt(information), out=np.full(a.shape, np.nan), where=usable & (information > 0))
    return Shift(value=np.where(usable, a, np.nan), error=error)
