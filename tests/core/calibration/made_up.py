"""Made-up rows and their counts by score."""

import numpy as np

from core.profile.counts import PerformanceCounts

EDGES = np.arange(1, 100) / 100
FINE = np.unique(np.concatenate([EDGES, np.linspace(0.001, 0.999, 333)]))


def counted(y, p, *, edges=FINE, weight=None, sums=True):
    w = np.ones(len(y)) if weight is None else weight
    place = np.searchsorted(edges, p, side="left")
    counts = np.zeros((3, len(edges) + 1))
    first, second = np.zeros((2, len(edges) + 1)), np.zeros((2, len(edges) + 1))
    np.add.at(counts, (y, place), w)
    known = y < 2
    np.add.at(first, (y[known], place[known]), (w * p)[known])
    np.add.at(second, (y[known], place[known]), (w * p**2)[known])
    confusion = np.zeros((3, 3))
    np.add.at(confusion, ((p >= 0.5).astype(int), y), w)
    part = [(p - y) ** 2, (p - y) ** 4, p * 0, p * 0]
    losses = np.array([[(w * one)[y == actual].sum() for one in part] for actual in (0, 1)])
    share = 1.0 if weight is None else w[known].sum() / (w[known] ** 2).sum()
    return PerformanceCounts(
        edges=edges,
        score_counts=counts,
        score_sums=first if sums else None,
        score_squares=second if sums else None,
        confusion=confusion,
        losses=losses,
        n_eff_share=np.asarray(share),
    )


def rows(n=4_000, seed=3):
    rng = np.random.default_rng(seed)
    p = rng.beta(1.2, 4, n)
    return (rng.random(n) < p).astype(int), p


def stacked(parts):
    return PerformanceCounts(
        edges=parts[0].edges,
        score_counts=np.stack([one.score_counts for one in parts]),
        score_sums=None,
        score_squares=None,
        confusion=np.stack([one.confusion for one in parts]),
        losses=np.stack([one.losses for one in parts]),
        n_eff_share=np.stack([one.n_eff_share for one in parts]),
    )
