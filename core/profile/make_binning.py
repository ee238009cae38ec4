"""Making a binning from a reference, once; and naming it by its content."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from core.profile.binning import Binning, Segment
from core.profile.binning_format import content
from core.profile.bins import Bins, CategoricalBins
from core.profile.build_bins import FINE_BINS, MAX_LEVELS, MAX_REST, categorical_bins, numeric_bins
from core.profile.columns import level_counts, numeric_column
from core.profile.make_groups import made_groups
from core.profile.outcome_grids import outcome_grids
from core.profile.plan import Plan, chosen_segment_features

MANY_FEATURES, COARSE_BINS = 500, 64
LEVELS_PER_COLUMN, MAX_SEGMENTS, AUTOMATIC_LEVELS = 50, 200, 10


def make_binning(reference: pa.Table, plan: Plan) -> Binning:
    """Return the binning of a reference: bins of every feature and of the score, grids of the outcome, segments.

    Parameters
    ----------
    reference : pa.Table
        Columns by internal id, with ``score``, ``decision`` and ``actual`` where known: 0, 1 and null, codes
        of classes, or numbers, by the task. A column that is absent or without values gets a single bin.
    plan : Plan

    Notes
    -----
    The result depends on the rows, not on their order. Limits: 64 fine bins over 500 features; 50 values a
    segment column and 200 segments in all; what they leave out is said in `Binning.left_out`.
    """
    segments, left_segments = _segments(reference, plan)
    features = {name: _bins(reference, plan, name) for name in plan.kinds}
    grids = outcome_grids(reference, plan)
    features |= grids.features
    chosen, left_features = chosen_segment_features(plan)
    groups, left_groups = made_groups(reference, plan, len(segments))
    unnamed = Binning(
        id="",
        features=features,
        sources=dict(plan.sources),
        score_edges=grids.score_edges,
        segment_score_edges=grids.segment_score_edges,
        segments=segments,
        segment_features=chosen,
        score_kind=plan.score_kind,
        threshold=plan.threshold,
        weight=plan.weight,
        provisional=plan.provisional,
        ranges=dict(plan.ranges),
        categories=dict(plan.categories),
        left_out=(*left_segments, *(left_features if segments else ()), *left_groups, *_left_levels(features)),
        task=plan.task,
        classes=plan.classes,
        class_sources=plan.class_sources,
        class_edges=grids.class_edges,
        error_edges=grids.error_edges,
        actual_centre=grids.actual_centre,
        latency=plan.latency,
        error=plan.error,
        amount=plan.amount,
        group_columns=groups,
        shap=tuple(plan.shap),
        shap_sources=tuple(plan.shap.values()),
    )
    return named(unnamed)


def named(binning: Binning) -> Binning:
    """Return the binning with the id that its content and the kernel version give it."""
    return replace(binning, id=hashlib.sha256(content(binning)).hexdigest())


def _bins(reference: pa.Table, plan: Plan, name: str) -> Bins:
    column = plan.sources[name]
    if plan.kinds[name] == "numeric":
        values, _ = numeric_column(reference, column)
        return numeric_bins(values, n_bins=COARSE_BINS if len(plan.kinds) > MANY_FEATURES else FINE_BINS)
    return categorical_bins(level_counts(reference, column))


def _left_levels(features: Mapping[str, Bins]) -> tuple[str, ...]:
    full = [name for name, bins in features.items() if isinstance(bins, CategoricalBins) and len(bins.rest) >= MAX_REST]
    limit = f"{MAX_LEVELS + MAX_REST:,}"
    return tuple(f"'{name}' has more than {limit} reference levels; the rarest count as unseen." for name in full)


def _segments(reference: pa.Table, plan: Plan) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
    found: list[Segment] = []
    left_out: list[str] = []
    for column, automatic in _segment_columns(plan):
        ranked = _ranked_levels(reference, plan.sources[column])
        if automatic and len(ranked) > AUTOMATIC_LEVELS:
            continue
        room = min(LEVELS_PER_COLUMN, MAX_SEGMENTS - len(found) - 2)
        if room < 1:
            left_out.append(f"'{column}' is not counted by segment: a model has at most {MAX_SEGMENTS} segments.")
            continue
        if len(ranked) > room:
            said = f"'{column}' has {len(ranked):,} values; the {room} most frequent are segments, the rest is other."
            left_out.append(said)
        found += [Segment(column, level) for level in ranked[:room]]
        found += [Segment(column, None), Segment(column, None, missing=True)]
    return tuple(found), tuple(left_out)


def _segment_columns(plan: Plan) -> tuple[tuple[str, bool], ...]:
    automatic = (column for column in plan.automatic_segments if column not in plan.segments)
    return (*((column, False) for column in plan.segments), *((column, True) for column in automatic))


def _ranked_levels(reference: pa.Table, column: str) -> list[str]:
    counted = level_counts(reference, column)
    return sorted(counted, key=lambda level: (-counted[level], level))
