"""Verdicts on the kind of the values: changed unit, changed type, changed rounding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.limits import Limits
from core.checks.quality_shares import share_state
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, percent, short
from core.profile.bins import NumericBins
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, decimal_counts, feature_counts
from core.quality.skew import (
    ScaleRatio,
    beyond_days,
    decimals_distance,
    factor_words,
    integer_share,
    magnitude,
    rounding_sentence,
    scale_ratio,
    type_sentence,
    unit_sentence,
)
from core.states import State
from core.windows import Window

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """What the verdicts of all units need, of the numeric features; mappings by feature.

    Attributes
    ----------
    scale : ScaleRatio over (n_days,)
    decimals, reference_decimals : (n_days, 4) int64, of the log's and of the reference's days
    beyond, distance : (n_days,) float64
        `core.quality.skew.beyond_days` and `decimals_distance` of the log's days.
    """

    features: tuple[str, ...]
    scale: Mapping[str, ScaleRatio]
    decimals: Mapping[str, Ints]
    reference_decimals: Mapping[str, Ints]
    beyond: Mapping[str, Floats]
    distance: Mapping[str, Floats]
    limits: Limits


def skew(layout: Layout, log: ProfileStack, reference: ProfileStack, limits: Limits) -> Skew:
    """Return the sizes and decimals of every numeric feature of the log's units beside those of the reference."""
    declared = {name: layout.binning.features[name] for name in layout.binning.declared}
    numeric = {name: bins for name, bins in declared.items() if isinstance(bins, NumericBins)}
    now = {name: decimal_counts(layout, log.ints, name) for name in numeric}
    before = {name: decimal_counts(layout, reference.ints, name) for name in numeric}
    return Skew(
        features=tuple(numeric),
        scale={name: _scale(layout, log, reference, name, bins) for name, bins in numeric.items()},
        decimals=now,
        reference_decimals=before,
        beyond={name: beyond_days(before[name], now[name]) for name in numeric},
        distance={name: decimals_distance(before[name], now[name]) for name in numeric},
        limits=limits,
    )


def _scale(layout: Layout, log: ProfileStack, reference: ProfileStack, name: str, bins: NumericBins) -> ScaleRatio:
    total = feature_counts(layout, reference.ints.sum(axis=0), reference.floats.sum(axis=0), name)
    return scale_ratio(magnitude(bins, total), magnitude(bins, feature_counts(layout, log.ints, log.floats, name)))


def skew_verdicts(found: Skew, row: int, window: Window) -> tuple[Verdict, ...]:
    """Return the raw verdicts of ``unit_change``, ``integer_share`` and ``decimals_change`` of one unit."""
    return (
        *(_unit_change(found, name, row, window) for name in found.features),
        *(_type_change(found, name, row, window) for name in found.features),
        *(_decimals_change(found, name, row, window) for name in found.features),
    )


def _unit_change(found: Skew, feature: str, row: int, window: Window) -> Verdict:
    """Return whether the values of a feature are 10 times as large, or as small, as in the reference."""
    limit, scale = found.limits["unit_change"], found.scale[feature]
    n, ratio = int(scale.n[row]), float(scale.ratio[row])
    why = f"fewer than {limit.minimum_n} values that are not 0" if n < limit.minimum_n else ""
    if not why and not (np.isfinite(ratio) and ratio > 0):
        why = "the reference holds no value that is not 0"
    if why:
        return not_applicable(limit, why, n=n, window_start=window.start, window_end=window.end, feature=feature)
    factor = max(ratio, 1 / ratio)
    state = share_state(factor, limit)
    ends = sorted((float(scale.low[row]), float(scale.high[row])))
    low, high = ends if ratio >= 1 else (1 / ends[1], 1 / ends[0])
    beyond = state is not State.HEALTHY
    return Verdict(
        check=limit.code,
        family=limit.family,
        feature=feature,
        state=state,
        raw_state=state,
        value=number(factor),
        limit=limit_shown(limit, state),
        ci_low=number(low),
        ci_high=number(high),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=unit_sentence(feature, ratio) if beyond else f"typical size {short(ratio)} times that of the reference",
        detail=factor_words(ratio) if beyond else f"{short(ratio)} times",
    )


def _type_change(found: Skew, feature: str, row: int, window: Window) -> Verdict:
    """Return whether the share of whole numbers lies outside what the reference's days have."""
    limit = found.limits["integer_share"]
    now, reference = found.decimals[feature][row], found.reference_decimals[feature]
    n, m = int(now.sum()), int(reference.sum())
    why = _too_few(min(n, m), limit.minimum_n, "values")
    if why:
        return not_applicable(limit, why, n=n, window_start=window.start, window_end=window.end, feature=feature)
    beyond = float(found.beyond[feature][row])
    state = share_state(abs(beyond), limit)
    whole, before = integer_share(now), float(integer_share(reference.sum(axis=0)).value)
    inside = "as in the reference's days" if not beyond else f"{short(abs(beyond))} outside the reference's days"
    changed = state is not State.HEALTHY
    return Verdict(
        check=limit.code,
        family=limit.family,
        feature=feature,
        state=state,
        raw_state=state,
        value=number(beyond),
        limit=limit_shown(limit, state),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=type_sentence(feature, before, float(whole.value))
        if changed
        else f"{percent(float(whole.value))} % of its values are whole numbers, {inside}",
        detail=f"{percent(before)} → {percent(float(whole.value))} %",
    )


def _decimals_change(found: Skew, feature: str, row: int, window: Window) -> Verdict:
    """Return whether the values that are not whole numbers have as many decimals as on some day of the reference."""
    limit = found.limits["decimals_change"]
    before, now = found.reference_decimals[feature], found.decimals[feature][row]
    n, m = int(now[1:].sum()), int(before[:, 1:].sum())
    why = _too_few(min(n, m), limit.minimum_n, "values that are not whole numbers")
    if why:
        return not_applicable(limit, why, n=n, window_start=window.start, window_end=window.end, feature=feature)
    distance = float(found.distance[feature][row])
    state = share_state(distance, limit)
    beyond = state is not State.HEALTHY
    return Verdict(
        check=limit.code,
        family=limit.family,
        feature=feature,
        state=state,
        raw_state=state,
        value=number(distance),
        limit=limit_shown(limit, state),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=rounding_sentence(feature, before.sum(axis=0), now)
        if beyond
        else "as many decimals as on days of the reference",
        detail=f"{100 * distance:.0f} % otherwise",
    )


def _too_few(n: int, least: int, what: str) -> str:
    return f"fewer than {least} {what}" if n < least else ""


def sentences(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return the findings of skew among verdicts, each as one sentence, worst first."""
    codes = ("unit_change", "integer_share", "decimals_change")
    found = [one for one in verdicts if one.check in codes and one.raw_state in (State.WARNING, State.CRITICAL)]
    ranked = sorted(found, key=lambda one: (codes.index(one.check), -(abs(one.value or 0.0)), one.feature or ""))
    return tuple(one.reason for one in ranked)
