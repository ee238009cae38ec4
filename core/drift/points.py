"""From the study of a window to the points that `watchroom metrics` prints."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.checks.drift_judgement import LEVELS
from core.checks.series import Series
from core.checks.verdicts import PROVISIONAL
from core.drift.chi_square import chi_square, cramers_v, cramers_v_balanced
from core.drift.divergence import js_distance, kl_divergence
from core.drift.feature import OrderedDrift
from core.drift.psi import psi_standard_error
from core.drift.study import WindowStudy
from core.performance.maturity import Maturity
from core.points import MetricPoint, finite
from core.profile.binning import ACTUAL
from core.states import State
from core.stats.intervals import Z95
from core.windows import Grain, label, variation_words

Floats = NDArray[np.float64]

CELL_METRICS = (
    "psi",
    "psi_excess",
    "js_distance",
    "kl_divergence",
    "chi2_statistic",
    "chi2_p_value",
    "cramers_v",
    "cramers_v_balanced",
)
ORDERED_METRICS = ("ks_statistic", "wasserstein", "wasserstein_scaled")
METRICS = CELL_METRICS + ORDERED_METRICS
NO_ORDER = "not applicable: categories have no order"
NO_FINE_BINS = "not applicable: only display cells are kept by segment"


def window_points(
    one: WindowStudy,
    compared: Sequence[Series],
    ordered: Mapping[str, OrderedDrift],
    *,
    row: int,
    grain: Grain,
    mature: Maturity,
    provisional: bool,
    provenance_id: str,
) -> Iterator[MetricPoint]:
    """Yield every drift metric of every series of one window.

    Parameters
    ----------
    ordered : by feature, over (n_windows,); of the whole population
    row : place of the window
    mature : of the window's actuals; without it their drift is told, never judged
    provisional : the reference is made of the first rows of the log
    """
    values = _cell_values(one)
    judged = one.judgement
    for place, who in enumerate(compared):
        reason = str(one.comparison.reason[place])
        for metric in METRICS:
            value, low, high, note = _value(metric, values, place, ordered.get(who.feature), row)
            if metric in ORDERED_METRICS and who.feature not in ordered:
                note = NO_FINE_BINS if who.segment else NO_ORDER
            shown = None if reason else value
            yield MetricPoint(
                metric=metric,
                window_start=label(one.window.start, grain),
                window_end=label(one.window.end, grain),
                segment=dict(who.segment),
                feature=who.feature,
                value=shown,
                ci_low=None if shown is None else low,
                ci_high=None if shown is None else high,
                n=int(judged.n[place]),
                status=State.NOT_APPLICABLE
                if shown is None
                else _status(who, LEVELS[int(judged.level[place])], mature),
                reason=f"not applicable: {reason}"
                if reason
                else "; ".join(
                    _notes(who, note, one, place, grain=grain, waiting=_waiting(who, mature), provisional=provisional)
                ),
                provenance_id=provenance_id,
            )


def _status(who: Series, level: State, mature: Maturity) -> State:
    """A seasonal feature's distance from a fixed sample, and actuals still arriving, are information, not a verdict."""
    return State.HEALTHY if who.seasonal or _waiting(who, mature) else level


def _waiting(who: Series, mature: Maturity) -> str:
    """Return why the actuals of the window cannot be judged yet; empty for everything else."""
    return "" if who.feature != ACTUAL or mature.mature else mature.reason


def _notes(
    who: Series, note: str, one: WindowStudy, place: int, *, grain: Grain, waiting: str, provisional: bool
) -> Iterator[str]:
    """Yield what a reader must know of a point, the reason why it is withheld first."""
    if note:
        yield note
    if provisional:
        yield PROVISIONAL
    if waiting:
        yield f"no verdict: {waiting}"
    if who.seasonal:
        yield "seasonal feature: information without a verdict"
    if not one.comparison.variation.known[place]:
        yield f"{variation_words(grain)} unknown"


def _cell_values(one: WindowStudy) -> dict[str, tuple[Floats, Floats | None, Floats | None]]:
    r, c = one.comparison.reference, one.comparison.current
    judged = one.judgement
    half = Z95 * psi_standard_error(r, c, phi=judged.phi)
    plain = chi_square(r, c)
    return {
        "psi": (judged.psi, np.maximum(judged.psi - half, 0.0), judged.psi + half),
        "psi_excess": (judged.excess, judged.low, judged.high),
        "js_distance": (js_distance(r, c), None, None),
        "kl_divergence": (kl_divergence(r, c), None, None),
        "chi2_statistic": (plain.statistic, None, None),
        "chi2_p_value": (judged.p, None, None),
        "cramers_v": (cramers_v(r, c), None, None),
        "cramers_v_balanced": (cramers_v_balanced(r, c), None, None),
    }


def _value(
    metric: str,
    values: dict[str, tuple[Floats, Floats | None, Floats | None]],
    place: int,
    ordered: OrderedDrift | None,
    row: int,
) -> tuple[float | None, float | None, float | None, str]:
    """Return value, interval and note of one metric of one series; None where it is not defined."""
    if metric in values:
        found, low, high = values[metric]
        ends = (
            None if low is None else finite(float(low[place])),
            None if high is None else finite(float(high[place])),
        )
        return finite(float(found[place])), *ends, ""
    if ordered is None:
        return None, None, None, ""
    value = finite(float(getattr(ordered, metric)[row]))
    return value, None, None, ordered.note(metric, row)
