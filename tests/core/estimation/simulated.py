"""Made-up rows of a binary model whose chances are known, and their counts as the kernel makes them."""

import numpy as np
from scipy.special import expit

from core.profile.counts import PerformanceCounts
from core.profile.score_grid import score_edges
from core.profile.scored import row_losses


def rows(rng, n, *, shift=0.0, changed=False, slope=1.0, base=-0.5):
    """Return score and outcome of n rows; `changed` weakens the relation of the same inputs to the outcome."""
    x, z = rng.normal(shift, 1, n), rng.normal(0, 1, n)
    line = base + 1.2 * x + 0.8 * z
    chance = expit(base + 0.7 * x + 0.3 * z) if changed else expit(line)
    return expit(slope * line), (rng.random(n) < chance).astype(np.int64)


def edges_of(score, outcome, *, threshold=0.5):
    return score_edges(score, score[outcome == 1], kind="probability", thresholds=[threshold])


def counts_of(windows, edges, *, threshold=0.5):
    """Return the counts of (score, outcome) of each window; an outcome of 2 is not known. Leading axis (W,)."""
    bins = len(edges) + 1
    found = {name: [] for name in ("score_counts", "score_sums", "score_squares", "confusion", "losses")}
    for score, outcome in windows:
        place, called = np.searchsorted(edges, score, side="left"), score >= threshold
        each = [outcome == actual for actual in (0, 1, 2)]
        found["score_counts"].append([np.bincount(place[one], minlength=bins) for one in each])
        found["score_sums"].append([np.bincount(place[one], score[one], bins) for one in each[:2]])
        found["score_squares"].append([np.bincount(place[one], score[one] ** 2, bins) for one in each[:2]])
        decided = [[int((one & (called == side)).sum()) for one in each] for side in (False, True)]
        found["confusion"].append([*decided, [0, 0, 0]])
        found["losses"].append([row_losses(score[one], outcome[one], "probability").sum(0) for one in each[:2]])
    return PerformanceCounts(
        edges=edges,
        **{name: np.array(parts) for name, parts in found.items()},
        n_eff_share=np.ones(len(windows)),
    )


def single(counts):
    """Return the counts of a single window without its leading axis."""
    names = ("score_counts", "score_sums", "score_squares", "confusion", "losses", "n_eff_share")
    return PerformanceCounts(edges=counts.edges, **{name: getattr(counts, name)[0] for name in names})
