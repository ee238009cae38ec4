"""A metric by segment as a dot plot: worst first, small groups left out by name."""

from app.performance.views import SegmentDots
from core.performance.display import Dot
from core.performance.of_task import LESS_IS_BETTER
from core.performance.service import PerformanceDetail
from core.points import finite
from core.profile.binning import Segment

FEWEST_SHOWN = 10
"""Rows below which a segment is not shown: a number of so few rows tells of persons, not of the model."""

FEWEST_JUDGED = 30


def segment_dots(detail: PerformanceDetail, metric: str) -> SegmentDots:
    """Return a metric in every segment of the selected window, worst first.

    Segments without a row in the window are left out; those with fewer than 10 rows are named only.
    """
    now, before = detail.by_segment.estimates[metric], detail.reference_by_segment.estimates[metric]
    dots, suppressed, withheld = [], [], []
    for place, segment in enumerate(detail.segments):
        n_rows, one = int(detail.by_segment.n_rows[place]), now.at(place)
        value, compared = finite(float(one.value)), before.at(place)
        if not n_rows:
            continue
        if n_rows < FEWEST_SHOWN or (value is not None and float(one.n) < FEWEST_SHOWN):
            suppressed.append(named(segment))
        elif value is None:
            withheld.append((named(segment), one.note.removeprefix("not applicable: ")))
        else:
            dots.append(
                Dot(
                    name=named(segment),
                    value=value,
                    low=finite(float(one.low)),
                    high=finite(float(one.high)),
                    n=int(one.n),
                    reference=finite(float(compared.value)) if float(compared.n) >= FEWEST_SHOWN else None,
                    judged=float(one.n) >= FEWEST_JUDGED,
                )
            )
    return SegmentDots(
        dots=tuple(sorted(dots, key=lambda dot: badness(metric, dot.value), reverse=True)),
        suppressed=tuple(suppressed),
        withheld=tuple(withheld),
    )


def named(segment: Segment) -> str:
    """Return a segment as a person reads it: ``carrier = EV``."""
    return f"{segment.column} = {segment.label}"


def badness(metric: str, value: float) -> float:
    """Return a number that is larger the worse a value of the metric is.

    >>> badness("recall", 0.4) > badness("recall", 0.6), badness("bias", -3.0) > badness("bias", 2.0)
    (True, True)
    """
    if metric == "bias":
        return abs(value)
    return value if metric in LESS_IS_BETTER else -value
