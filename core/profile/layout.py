"""Where each count stands: everything countable of a window is one integer and one float vector."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.profile.binning import SCORE, Binning
from core.profile.bins import Floats, Ints, NumericBins

EXTRA_COUNTERS = 5
"""After the fine bins of a feature: null, NaN, -inf, +inf, violations."""

TAIL_BINS = 24
"""Fine bins (12 lowest and 12 highest) whose sums are kept for the Wasserstein distance."""


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
        ``feature:<name>``, ``cells:<name>``, ``tails:<name>`` and the blocks named in `core.profile.profile`.
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
    yield "confusion", (3, 3)
    yield "score_counts", (3, len(binning.score_edges) + 1)
    n_segments = len(binning.segments)
    for name in counted_by_segment(binning):
        yield f"cells:{name}", (n_segments, binning.features[name].n_cells + 1)
    yield "segment_confusion", (n_segments, 3, 3)
    yield "segment_score_counts", (n_segments, 3, len(binning.segment_score_edges) + 1)


def _float_shapes(binning: Binning) -> Shapes:
    for name, bins in binning.features.items():
        if isinstance(bins, NumericBins):
            yield f"tails:{name}", (min(TAIL_BINS, bins.n_bins),)
    n_bins, n_segments = len(binning.score_edges) + 1, len(binning.segments)
    yield "score_sums", (2, n_bins)
    yield "score_squares", (2, n_bins)
    yield "losses", (2, 4)
    yield "segment_losses", (n_segments, 2, 4)
    if not binning.weighted:
        return
    yield "weighted_confusion", (3, 3)
    yield "squared_weights", (3, 3)
    yield "weighted_score_counts", (3, n_bins)
    yield "weighted_score_sums", (2, n_bins)
    yield "weighted_score_squares", (2, n_bins)
    yield "weighted_losses", (2, 4)
    yield "segment_weighted_confusion", (n_segments, 3, 3)
    yield "segment_squared_weights", (n_segments, 3, 3)
    yield "segment_weighted_score_counts", (n_segments, 3, len(binning.segment_score_edges) + 1)
    yield "segment_weighted_losses", (n_segments, 2, 4)


def counted_by_segment(binning: Binning) -> tuple[str, ...]:
    """Return the features whose display cells are counted per segment: the chosen ones and the score."""
    return (*binning.segment_features, SCORE) if binning.segments else ()
