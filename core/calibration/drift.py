"""Calibration drift: whether the relation of score to outcome is still that of the reference."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.calibration.miscalibration import SignificanceTest
from core.calibration.recalibration import Line, fitted_line
from core.calibration.score_bins import ScoreBins

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationChange:
    """Intercept and slope of windows less those of the reference; arrays (...), NaN where either has none.

    Attributes
    ----------
    intercept, slope : (...) differences, window - reference
    intercept_error, slope_error : (...) standard errors
    test : SignificanceTest of equal intercepts and slopes, df 2
    reference : Line of the reference
    """

    intercept: Floats
    slope: Floats
    intercept_error: Floats
    slope_error: Floats
    test: SignificanceTest
    reference: Line

    def at(self, index: int | tuple[int, ...]) -> "CalibrationChange":
        """Return the change of one element of the leading axes."""
        return CalibrationChange(
            intercept=self.intercept[index],
            slope=self.slope[index],
            intercept_error=self.intercept_error[index],
            slope_error=self.slope_error[index],
            test=self.test.at(index),
            reference=self.reference.at(index),
        )


def calibration_change(
    reference: ScoreBins, current: ScoreBins, *, line: Line | None = None, before: Line | None = None
) -> CalibrationChange:
    """Return how intercept and slope moved, with the likelihood-ratio test of no change (df 2).

    One logistic model of reference and window together, with and without terms of the window. That with them is
    two lines of their own, so that the statistic is 2(l_reference + l_window - l_together).

    Parameters
    ----------
    reference : ScoreBins, leading axes that broadcast to those of `current`
    current : ScoreBins on the same edges
    line, before : Line
        `fitted_line` of `current`, and of `reference`, where they are known already.
    """
    then, now = before or fitted_line(reference), line or fitted_line(current)
    both = fitted_line(_together(reference, current))
    statistic = np.maximum(2 * (then.log_likelihood + now.log_likelihood - both.log_likelihood), 0.0)
    test = SignificanceTest(
        statistic=statistic, df=np.full(statistic.shape, 2.0), p=np.asarray(special.chdtrc(2, statistic))
    )
    return CalibrationChange(
        intercept=now.intercept - then.intercept,
        slope=now.slope - then.slope,
        intercept_error=np.hypot(now.intercept_error, then.intercept_error),
        slope_error=np.hypot(now.slope_error, then.slope_error),
        test=test,
        reference=Line(**{one.name: np.broadcast_to(getattr(then, one.name), statistic.shape) for one in fields(Line)}),
    )


def less(whole: ScoreBins, parts: ScoreBins) -> ScoreBins:
    """Return what remains of `whole` without each of its parts: leading axes of `parts`."""
    return ScoreBins(
        upper=whole.upper,
        n=whole.n - parts.n,
        events=whole.events - parts.events,
        sum_p=whole.sum_p - parts.sum_p,
        sum_pp=whole.sum_pp - parts.sum_pp,
        sum_py=whole.sum_py - parts.sum_py,
        error=np.broadcast_to(whole.error, parts.n.shape),
    )


def _together(first: ScoreBins, second: ScoreBins) -> ScoreBins:
    """Return the bins of both side by side, so that each keeps the mean of its own scores."""
    shape = np.broadcast_shapes(first.n.shape[:-1], second.n.shape[:-1])

    def side_by_side(name: str) -> Floats:
        parts = [getattr(one, name) for one in (first, second)]
        return np.concatenate([np.broadcast_to(part, (*shape, part.shape[-1])) for part in parts], axis=-1)

    named = {one.name: side_by_side(one.name) for one in fields(ScoreBins) if one.name != "upper"}
    return ScoreBins(upper=np.concatenate([first.upper, second.upper]), **named)
