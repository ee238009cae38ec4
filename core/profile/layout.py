"""Where each count stands: everything countable of a window is one integer and one float vector."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.profile.binning import BINARY, MULTICLASS, REGRESSION, SCORE, Binning
from core.profile.bins import Floats, Ints, NumericBins
from core.profile.counts import N_TOTALS, RESIDUAL_SUMS
from core.profile.group_columns import (
    confusion_block,
    control_block,
    kept_controls,
    kept_pairs,
    pair_block,
    score_sums_block,
    scores_block,
)
from core.profile.lag_grid import LAG_DAYS
from core.profile.latency_grid import ARRIVAL_HOURS, LATENCY_EDGES_MS

EXTRA_COUNTERS = 5
"""After the fine bins of a feature: null, NaN, -inf, +inf, violations."""

TAIL_BINS = 24
"""Fine bins (12 lowest and 12 highest) whose sums are kept for the Wasserstein distance."""

N_DECIMALS = 4
"""Values with no, one, two and more decimals."""

N_LOSSES = 4
"""Σ squared loss, Σ of its square, Σ log loss, Σ of its square."""


@dataclass(frozen=True, slots=True)
class Block:
    """One named array inside a vector."""

    start: int
    stop: int
    shape: tuple[int, ...]

    def of(self, vector: Ints) -> Ints:
        """Return the block of `vector` ``(..., N)`` as a view of shape ``(..., *shape)``."""
        return vector[..., self.start : self.stop].reshape(*vector.shape[:-1], *self.shape)

    def of_floats(self, vector: Floats) -> Floats:
        """Return the block of a float vector, as `of`."""
        return vector[..., self.start : self.stop].reshape(*vector.shape[:-1], *self.shape)


@dataclass(frozen=True, slots=True)
class Layout:
    """Names, places and shapes of all blocks of a binning's profiles.

    Parameters
    ----------
    binning : Binning

    Attributes
    ----------
    ints, floats : mapping of str to Block
        ``feature:<name>``, ``cells:<name>``, ``tails:<name>``, ``decimals:<name>`` and the blocks that the
        accessors of `core.profile.profile` and the fields of `core.profile.counts` are named after.
    n_ints, n_floats : int
        Lengths of the two vectors.
    """

    binning: Binning
    ints: Mapping[str, Block] = field(init=False, repr=False, compare=False)
    floats: Mapping[str, Block] = field(init=False, repr=False, compare=False)
    n_ints: int = field(init=False, compare=False)
    n_floats: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        for kind, shapes in (("ints", _int_shapes(self.binning)), ("floats", _float_shapes(self.binning))):
            blocks = _placed(shapes)
            object.__setattr__(self, kind, blocks)
            object.__setattr__(self, f"n_{kind}", max((block.stop for block in blocks.values()), default=0))


Shapes = Iterator[tuple[str, tuple[int, ...]]]


def _placed(shapes: Shapes) -> dict[str, Block]:
    blocks: dict[str, Block] = {}
    start = 0
    for name, shape in shapes:
        size = 1
        for length in shape:
            size *= length
        blocks[name] = Block(start, start + size, shape)
        start += size
    return blocks


def _int_shapes(binning: Binning) -> Shapes:
    for name, bins in binning.features.items():
        yield f"feature:{name}", (bins.n_bins + EXTRA_COUNTERS,)
    for name in binning.declared:
        if isinstance(binning.features[name], NumericBins):
            yield f"decimals:{name}", (N_DECIMALS,)
    n_segments = len(binning.segments)
    for name in counted_by_segment(binning):
        yield f"cells:{name}", (n_segments, binning.features[name].n_cells + 1)
    yield "totals", (N_TOTALS,)
    yield "segment_totals", (n_segments, N_TOTALS)
    yield "arrival", (len(ARRIVAL_HOURS) + 1,)
    yield "lag", (len(LAG_DAYS) + 1,)
    if binning.shap:
        yield "shap_n", (len(binning.shap),)
    if binning.latency is not None:
        yield "latency", (len(LATENCY_EDGES_MS) + 2,)
    yield from _OUTCOME_INTS[binning.task](binning)


def _binary_ints(binning: Binning) -> Shapes:
    yield "confusion", (3, 3)
    yield "segment_confusion", (len(binning.segments), 3, 3)
    yield from _score_ints(binning)
    if binning.amount is not None:
        yield "amount_counts", (3, 3)
    yield from _group_ints(binning)


def _group_ints(binning: Binning) -> Shapes:
    columns, n_segments = binning.group_columns, len(binning.segments)
    for one in columns:
        yield confusion_block(one.name), (one.n, 3, 3)
        yield scores_block(one.name), (one.n, 3, len(binning.segment_score_edges) + 1)
    for a, b in kept_pairs(columns):
        yield pair_block(columns[a].name, columns[b].name), (columns[a].n, columns[b].n, 3, 3)
    for place in kept_controls(columns, n_segments):
        yield control_block(columns[place].name), (columns[place].n, n_segments, 3, 3)


def _multiclass_ints(binning: Binning) -> Shapes:
    n_classes = len(binning.classes)
    yield "confusion", (n_classes + 1, n_classes + 1)
    yield "segment_classes", (len(binning.segments), n_classes, 4)
    yield from _score_ints(binning)
    yield "class_score_counts", (n_classes, 3, len(binning.class_edges) + 1)


def _regression_ints(binning: Binning) -> Shapes:
    n_bins, n_segments = len(binning.error_edges) + 1, len(binning.segments)
    yield "residual_n", (2,)
    yield "error_counts", (n_bins,)
    yield "segment_residual_n", (n_segments, 2)
    yield "segment_error_counts", (n_segments, n_bins)


def _score_ints(binning: Binning) -> Shapes:
    yield "score_counts", (3, len(binning.score_edges) + 1)
    yield "segment_score_counts", (len(binning.segments), 3, len(binning.segment_score_edges) + 1)


def _float_shapes(binning: Binning) -> Shapes:
    for name, bins in binning.features.items():
        if isinstance(bins, NumericBins):
            yield f"tails:{name}", (min(TAIL_BINS, bins.n_bins),)
    if binning.shap:
        yield "shap_sums", (len(binning.shap), 2)
    yield from _OUTCOME_FLOATS[binning.task](binning)


def _binary_floats(binning: Binning) -> Shapes:
    yield from _score_floats(binning)
    if binning.amount is not None:
        yield "amounts", (3, 3, 2)
    for one in binning.group_columns:
        yield score_sums_block(one.name), (one.n, 2, len(binning.segment_score_edges) + 1)
    if binning.weighted:
        yield from _weighted_floats(binning)


def _multiclass_floats(binning: Binning) -> Shapes:
    yield from _score_floats(binning)
    yield "class_score_sums", (len(binning.classes), 2, len(binning.class_edges) + 1)
    yield "class_losses", (N_LOSSES,)
    yield "segment_class_losses", (len(binning.segments), N_LOSSES)


def _regression_floats(binning: Binning) -> Shapes:
    yield "residual_sums", (len(RESIDUAL_SUMS),)
    yield "segment_residual_sums", (len(binning.segments), len(RESIDUAL_SUMS))


def _score_floats(binning: Binning) -> Shapes:
    n_bins = len(binning.score_edges) + 1
    yield "score_sums", (2, n_bins)
    yield "score_squares", (2, n_bins)
    yield "losses", (2, N_LOSSES)
    yield "segment_losses", (len(binning.segments), 2, N_LOSSES)


def _weighted_floats(binning: Binning) -> Shapes:
    n_bins, n_segments = len(binning.score_edges) + 1, len(binning.segments)
    yield "weighted_confusion", (3, 3)
    yield "squared_weights", (3, 3)
    yield "weighted_score_counts", (3, n_bins)
    yield "weighted_score_sums", (2, n_bins)
    yield "weighted_score_squares", (2, n_bins)
    yield "weighted_losses", (2, N_LOSSES)
    yield "segment_weighted_confusion", (n_segments, 3, 3)
    yield "segment_squared_weights", (n_segments, 3, 3)
    yield "segment_weighted_score_counts", (n_segments, 3, len(binning.segment_score_edges) + 1)
    yield "segment_weighted_losses", (n_segments, 2, N_LOSSES)


_OUTCOME_INTS = {BINARY: _binary_ints, MULTICLASS: _multiclass_ints, REGRESSION: _regression_ints}
_OUTCOME_FLOATS = {BINARY: _binary_floats, MULTICLASS: _multiclass_floats, REGRESSION: _regression_floats}


def counted_by_segment(binning: Binning) -> tuple[str, ...]:
    """Return the features whose display cells are counted per segment: the chosen ones and the score."""
    return (*binning.segment_features, SCORE) if binning.segments else ()
