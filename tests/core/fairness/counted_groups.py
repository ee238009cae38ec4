"""Made-up rows of groups, and their counts as the kernel makes them."""

import numpy as np

from core.profile.group_counts import GroupCounts

EDGES = np.unique(np.concatenate([np.arange(1, 100) / 100, [np.nextafter(0.5, -np.inf)]]))


def confusion_of(y, decided, group, n_groups):
    """Return decision × actual by group; actual 2 is unknown, decision 2 is none."""
    cells = np.zeros((n_groups, 3, 3), np.int64)
    np.add.at(cells, (np.asarray(group), np.asarray(decided), np.asarray(y)), 1)
    return cells


def group_counts_of(y, score, group, labels, *, decided=None, edges=EDGES):
    y, score, group = np.asarray(y), np.asarray(score, np.float64), np.asarray(group)
    decided = (score >= 0.5).astype(int) if decided is None else np.asarray(decided)
    place = np.searchsorted(edges, score, side="left")
    counts = np.zeros((len(labels), 3, len(edges) + 1), np.int64)
    np.add.at(counts, (group, y, place), 1)
    sums = np.zeros((len(labels), 2, len(edges) + 1))
    known = y < 2
    np.add.at(sums, (group[known], y[known], place[known]), score[known])
    return GroupCounts(
        labels=tuple(labels),
        edges=edges,
        confusion=confusion_of(y, decided, group, len(labels)),
        score_counts=counts,
        score_sums=sums,
    )


def rows(n=6_000, seed=3, *, lift=(0.0, 0.8)):
    """Return actual, calibrated score and group of two groups whose logits differ by `lift`."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, len(lift), n)
    logit = rng.normal(-0.3, 1.4, n) + np.asarray(lift)[group]
    score = 1 / (1 + np.exp(-logit))
    return (rng.random(n) < score).astype(int), score, group


def made(labels=("a", "b"), **options):
    y, score, group = rows(**options)
    return group_counts_of(y, score, group, labels)
