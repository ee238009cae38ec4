"""Every figure of calibration from score bins, for many windows, segments or classes at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.calibration.brier import BrierParts, brier_parts
from core.calibration.calibration_error import CalibrationError, calibration_error, maximum_error
from core.calibration.groups import Groups, equal_mass, equal_width, merged
from core.calibration.miscalibration import (
    SignificanceTest,
    calibration_chi_square,
    likelihood_ratio,
    spiegelhalter,
)
from core.calibration.recalibration import Line, fitted_line, in_the_large
from core.calibration.score_bins import ScoreBins
from core.performance.estimates import NO_ACTUALS, Estimate, Words, estimate, first_reason
from core.profile.counts import PerformanceCounts
from core.stats.intervals import Z95, Interval, mean_interval, mean_standard_error

Floats = NDArray[np.float64]

METRICS = (
    "ece",
    "mce",
    "brier_score",
    "calibration_slope",
    "calibration_intercept",
    "ece_debiased",
    "ece_perfect",
    "ece_equal_width",
    "calibration_in_the_large",
    "brier_reliability",
    "brier_resolution",
    "brier_uncertainty",
    "brier_within_variance",
    "brier_within_covariance",
    "miscalibration_p",
)
"""Names of the figures of calibration, in the order in which they are shown."""

SMALLEST_CLASS = 5
FEW_EVENTS = 20
RANKING_SCORE = "the score is not declared a probability"
REGRESSION = "a regression has no probability"
FEW_OF_A_CLASS = f"not applicable: fewer than {SMALLEST_CLASS} rows of a class"
ONE_SCORE = "not applicable: all rows have the same score"
SEPARATED = "not applicable: the scores separate the classes perfectly, no line fits"
NO_GROUP = "not applicable: no group has 30 rows"
BY_BIN_ONLY = "not applicable: segments keep no sums of scores, which the parts of the Brier score need"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """All figures of calibration; arrays share the leading axes (...) of the score bins.

    Attributes
    ----------
    estimates : mapping of metric name to Estimate, in the order of `METRICS`
    groups : Groups of equal mass, (..., 10): the headline's
    widths : Groups of equal width, (..., 10)
    error : CalibrationError of `groups`
    line : Line
    likelihood_ratio, chi_square, spiegelhalter : SignificanceTest of perfect calibration
    n, events : (...) labelled rows, and those of them whose actual is 1; effective rows when weighted
    """

    estimates: Mapping[str, Estimate]
    groups: Groups
    widths: Groups
    error: CalibrationError
    line: Line
    likelihood_ratio: SignificanceTest
    chi_square: SignificanceTest
    spiegelhalter: SignificanceTest
    n: Floats
    events: Floats

    def at(self, index: int | tuple[int, ...]) -> "Calibration":
        """Return the calibration of one element of the leading axes."""
        return replace(
            self,
            estimates={name: one.at(index) for name, one in self.estimates.items()},
            groups=self.groups.at(index),
            widths=self.widths.at(index),
            error=self.error.at(index),
            line=self.line.at(index),
            likelihood_ratio=self.likelihood_ratio.at(index),
            chi_square=self.chi_square.at(index),
            spiegelhalter=self.spiegelhalter.at(index),
            n=self.n[index],
            events=self.events[index],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Essentials:
    """What calibration is judged by; arrays share the leading axes (...) of the score bins.

    The same numbers as in `Calibration`, without the figures that only a page shows: judging every unit and segment
    of a log costs a third.

    Attributes
    ----------
    error : CalibrationError of ten groups of equal mass
    ends : Interval of the debiased error
    line : Line
    no_line : words, why there is none; empty where there is one
    likelihood_ratio : SignificanceTest of perfect calibration
    n : (...) labelled rows; effective rows when weighted
    """

    error: CalibrationError
    ends: Interval
    line: Line
    no_line: Words
    likelihood_ratio: SignificanceTest
    n: Floats

    def at(self, index: int | tuple[int, ...]) -> "Essentials":
        """Return what is judged of one element of the leading axes."""
        return Essentials(
            error=self.error.at(index),
            ends=Interval(low=self.ends.low[index], high=self.ends.high[index]),
            line=self.line.at(index),
            no_line=self.no_line[index],
            likelihood_ratio=self.likelihood_ratio.at(index),
            n=self.n[index],
        )


def essentials(bins: ScoreBins) -> Essentials:
    """Return what calibration is judged by: its error with interval, its line, and the test of both."""
    groups, line = equal_mass(bins), fitted_line(bins)
    error = calibration_error(groups)
    return Essentials(
        error=error,
        ends=error.interval(calibration_chi_square(merged(groups)).p),
        line=line,
        no_line=_no_line(bins, line),
        likelihood_ratio=likelihood_ratio(bins, line),
        n=bins.n.sum(-1),
    )


def calibration(bins: ScoreBins, brier: Estimate) -> Calibration:
    """Return every figure of calibration with its 95 % interval.

    Ten groups of equal mass carry the calibration error, its interval and the Brier decomposition; ten of equal
    width stand beside them for comparison with other tools. The verdict's test is the likelihood ratio.

    Withheld, with the reason: everything without actuals; slope, intercepts and the tests with fewer than 5 rows
    of either class; the parts of the Brier score where only counts by bin are known.

    Parameters
    ----------
    bins : ScoreBins
    brier : Estimate of the same leading axes, see `brier_estimate`
    """
    groups, widths = equal_mass(bins), equal_width(bins)
    error, line = calibration_error(groups), fitted_line(bins)
    chi_square, ratio = calibration_chi_square(merged(groups)), likelihood_ratio(bins, line)
    n, events = bins.n.sum(-1), bins.events.sum(-1)
    no_actuals = np.where(n > 0, "", NO_ACTUALS)
    found = (
        *_errors(groups, widths, error, chi_square, no_actuals),
        *_lines(bins, line, ratio),
        *_parts(brier_parts(groups), no_actuals, n=n, exact=bins.exact),
        brier,
    )
    named = {one.metric: one for one in found}
    return Calibration(
        estimates={name: named[name] for name in METRICS},
        groups=groups,
        widths=widths,
        error=error,
        line=line,
        likelihood_ratio=ratio,
        chi_square=chi_square,
        spiegelhalter=spiegelhalter(bins),
        n=n,
        events=events,
    )


def brier_estimate(total: ArrayLike, squares: ArrayLike, n: ArrayLike, *, fewest: ArrayLike | None = None) -> Estimate:
    """Return the Brier score from the exact sums of its losses and of their squares, with a t interval.

    Parameters
    ----------
    total, squares, n : (...) Σ loss, Σ loss², rows
    fewest : (...) rows of the rarer class; below 20 the interval is called approximate
    """
    total, squares, n = (np.asarray(values, np.float64) for values in (total, squares, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = total / n
    return estimate(
        "brier_score",
        value,
        mean_interval(total, squares, n),
        n=n,
        reason=np.where(n > 0, "", NO_ACTUALS),
        error=mean_standard_error(total, squares, n),
        approximate=None if fewest is None else np.asarray(fewest, np.float64) < FEW_EVENTS,
    )


def binary_brier(counts: PerformanceCounts) -> Estimate:
    """Return the Brier score of a binary model, from the losses that are summed for every row."""
    share = np.asarray(counts.n_eff_share, np.float64)
    known = np.asarray(counts.score_counts[..., :2, :], np.float64).sum(-1) * share[..., None]
    losses = counts.losses.sum(-2) * share[..., None]
    return brier_estimate(losses[..., 0], losses[..., 1], known.sum(-1), fewest=known.min(-1))


def _errors(
    groups: Groups, widths: Groups, error: CalibrationError, chi_square: SignificanceTest, reason: Words
) -> tuple[Estimate, ...]:
    n = groups.n.sum(-1)
    fewest = np.minimum(groups.events.sum(-1), n - groups.events.sum(-1))
    approximate = (fewest < FEW_EVENTS) & (n > 0)
    interval = error.interval(chi_square.p)
    largest, largest_interval = maximum_error(groups)
    wide = calibration_error(widths)
    none = Interval(low=np.full(n.shape, np.nan), high=np.full(n.shape, np.nan))

    def named(name: str, value: Floats, ends: Interval) -> Estimate:
        return estimate(
            name, value, ends, n=n, reason=reason, error=error.error, bound=error.bound, approximate=approximate
        )

    return (
        named("ece", error.raw, interval),
        named("ece_debiased", error.debiased, interval),
        estimate("ece_perfect", error.perfect, none, n=n, reason=reason, bound=error.bound),
        estimate(
            "ece_equal_width",
            wide.raw,
            wide.interval(calibration_chi_square(merged(widths)).p),
            n=n,
            reason=reason,
            error=wide.error,
            bound=wide.bound,
            approximate=approximate,
        ),
        estimate(
            "mce",
            largest,
            largest_interval,
            n=n,
            reason=first_reason(reason, np.where(np.isnan(largest), NO_GROUP, "")),
            bound=groups.error.max(-1),
        ),
    )


def _too_few(bins: ScoreBins) -> Words:
    """Return why there are too few actuals, or too few of a class; empty where there are enough."""
    n, events = bins.n.sum(-1), bins.events.sum(-1)
    no_actuals = np.where(n > 0, "", NO_ACTUALS)
    return first_reason(no_actuals, np.where(np.minimum(events, n - events) >= SMALLEST_CLASS, "", FEW_OF_A_CLASS))


def _no_line(bins: ScoreBins, line: Line) -> Words:
    """Return why no line can be told; empty where it can."""
    one_score = (bins.n > 0).sum(-1) < 2
    unfitted = np.where(np.isnan(line.slope), np.where(one_score, ONE_SCORE, SEPARATED), "")
    return first_reason(_too_few(bins), unfitted)


def _lines(bins: ScoreBins, line: Line, ratio: SignificanceTest) -> tuple[Estimate, ...]:
    n, events = bins.n.sum(-1), bins.events.sum(-1)
    fewest = np.minimum(events, n - events)
    few, no_line = _too_few(bins), _no_line(bins, line)
    large = in_the_large(bins)
    approximate = fewest < FEW_EVENTS

    def named(name: str, value: Floats, error: Floats, reason: Words) -> Estimate:
        ends = Interval(low=value - Z95 * error, high=value + Z95 * error)
        return estimate(name, value, ends, n=n, reason=reason, error=error, approximate=approximate)

    unknown = np.full(n.shape, np.nan)
    return (
        named("calibration_slope", line.slope, line.slope_error, no_line),
        named("calibration_intercept", line.intercept, line.intercept_error, no_line),
        named("calibration_in_the_large", large.value, large.error, few),
        estimate("miscalibration_p", ratio.p, Interval(low=unknown, high=unknown), n=n, reason=no_line),
    )


def _parts(parts: BrierParts, no_actuals: Words, *, n: Floats, exact: bool) -> tuple[Estimate, ...]:
    reason = no_actuals if exact else first_reason(no_actuals, np.full(n.shape, BY_BIN_ONLY))
    unknown = np.full(n.shape, np.nan)
    named = {
        "brier_reliability": parts.reliability,
        "brier_resolution": parts.resolution,
        "brier_uncertainty": parts.uncertainty,
        "brier_within_variance": parts.within_variance,
        "brier_within_covariance": parts.within_covariance,
    }
    none = Interval(low=unknown, high=unknown)
    return tuple(estimate(name, value, none, n=n, reason=reason) for name, value in named.items())
