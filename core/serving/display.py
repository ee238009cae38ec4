"""What the pages draw of the service over windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.points import finite
from core.serving.serving import Serving
from core.states import State
from core.windows import Grain, Window, label


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLimit:
    """A limit drawn as a line: its name, where it lies, and the state beyond it."""

    name: str
    value: float
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service metric over windows; `low` and `high` are its 95 % interval, None where there is none."""

    metric: str
    value: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    n: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSeries:
    """Service over consecutive windows, oldest first.

    Attributes
    ----------
    starts : tuple of date, length W
    labels : tuple of str
        First unit of each window as people write it.
    grain : Grain
        Of the calendar in which the axis is labelled.
    requests : tuple of int
    lines : tuple of ServiceLine
        Those metrics that were asked for.
    limits : tuple of ServiceLimit
    """

    starts: tuple[date, ...]
    labels: tuple[str, ...]
    grain: Grain
    requests: tuple[int, ...]
    lines: tuple[ServiceLine, ...]
    limits: tuple[ServiceLimit, ...] = ()


def service_series(
    found: Serving,
    windows: Sequence[Window],
    grain: Grain,
    metrics: Sequence[str],
    *,
    limits: Sequence[ServiceLimit] = (),
) -> ServiceSeries:
    """Return some metrics of a service with leading axes (W,) for drawing."""
    return ServiceSeries(
        starts=tuple(one.start for one in windows),
        labels=tuple(label(one.start, grain) for one in windows),
        grain=grain,
        requests=tuple(int(n) for n in found.n_requests),
        lines=tuple(_line(found, name) for name in metrics),
        limits=tuple(limits),
    )


def _line(found: Serving, metric: str) -> ServiceLine:
    one = found.estimates[metric]
    return ServiceLine(
        metric=metric,
        value=_plain(one.value),
        low=_plain(one.low),
        high=_plain(one.high),
        n=tuple(int(n) for n in one.n),
    )


def _plain(numbers: np.ndarray) -> tuple[float | None, ...]:
    return tuple(finite(float(number)) for number in numbers)
