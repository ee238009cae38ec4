"""How often the 95 % intervals hold the truth, simulated, beside the table of the methodology."""

import numpy as np
import pytest
from scipy import special, stats

from core.performance.binary import binary_performance
from core.profile.counts import PerformanceCounts
from core.profile.scored import row_losses

REPEATS = 1_200
N_BINS = 800


class Truth:
    """A calibrated score of two shifted normals: negatives N(0, 1), positives N(d, 1), at a given prevalence."""

    def __init__(self, *, auc, prevalence, cut):
        self.d = np.sqrt(2) * stats.norm.ppf(auc)
        self.prevalence, self.cut = prevalence, cut
        self.grid = np.linspace(-6, 6 + self.d, N_BINS - 1)
        fine = np.linspace(-9, 9 + self.d, 40_001)
        step = fine[1] - fine[0]
        positive = prevalence * stats.norm.pdf(fine - self.d) * step
        negative = (1 - prevalence) * stats.norm.pdf(fine) * step
        score = self.score(fine)
        tp, fp = prevalence * stats.norm.sf(cut - self.d), (1 - prevalence) * stats.norm.sf(cut)
        fn, tn = prevalence - tp, 1 - prevalence - fp
        caught = stats.norm.sf(fine - self.d) * prevalence
        self.values = {
            "roc_auc": auc,
            "average_precision": float(
                (positive * caught / (caught + stats.norm.sf(fine) * (1 - prevalence))).sum() / prevalence
            ),
            "accuracy": tp + tn,
            "recall": tp / prevalence,
            "f1": 2 * tp / (2 * tp + fp + fn),
            "mcc": (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
            "log_loss": float(-(positive * np.log(score) + negative * np.log1p(-score)).sum()),
            "brier_score": float((positive * (1 - score) ** 2 + negative * score**2).sum()),
        }

    def score(self, x):
        return special.expit(special.logit(self.prevalence) + self.d * x - self.d**2 / 2)

    def drawn(self, rng, n):
        """Return the counts of `REPEATS` windows of n rows."""
        actual = rng.random((REPEATS, n)) < self.prevalence
        x = rng.normal(size=(REPEATS, n)) + self.d * actual
        cell = actual * N_BINS + np.searchsorted(self.grid, x, side="left")
        row = np.arange(REPEATS)[:, None]
        counts = np.bincount((row * 3 * N_BINS + cell).ravel(), minlength=REPEATS * 3 * N_BINS)
        judged = (x >= self.cut) * 3 + actual
        confusion = np.bincount((row * 9 + judged).ravel(), minlength=REPEATS * 9).reshape(REPEATS, 3, 3)
        losses = row_losses(self.score(x).ravel(), actual.ravel().astype(int), "probability").reshape(REPEATS, n, 4)
        by_actual = np.stack([(losses * (actual == y)[..., None]).sum(1) for y in (False, True)], 1)
        return PerformanceCounts(
            edges=self.grid,
            score_counts=counts.reshape(REPEATS, 3, N_BINS),
            score_sums=None,
            score_squares=None,
            confusion=confusion,
            losses=by_actual,
            n_eff_share=np.ones(REPEATS),
        )


def coverage(metric, *, n, auc=0.86, prevalence=0.3, cut=1.0, seed=0):
    """Return the share of the given intervals that hold the truth, and how many were given."""
    truth = Truth(auc=auc, prevalence=prevalence, cut=cut)
    found = binary_performance(truth.drawn(np.random.default_rng(seed), n)).estimates[metric]
    given = found.reason == ""
    held = (found.low <= truth.values[metric]) & (truth.values[metric] <= found.high)
    return float(held[given].mean()), int(given.sum())


@pytest.mark.parametrize(
    ("metric", "n", "auc", "prevalence", "low", "high"),
    [
        ("accuracy", 100, 0.86, 0.3, 0.93, 0.975),
        ("accuracy", 1_000, 0.86, 0.05, 0.935, 0.965),
        ("recall", 300, 0.86, 0.1, 0.93, 0.985),
        ("f1", 300, 0.86, 0.05, 0.93, 0.985),
        ("f1", 1_000, 0.86, 0.05, 0.93, 0.965),
        ("mcc", 300, 0.86, 0.05, 0.925, 0.975),
        ("mcc", 1_000, 0.86, 0.05, 0.93, 0.97),
        ("roc_auc", 100, 0.64, 0.5, 0.93, 0.97),
        ("roc_auc", 300, 0.64, 0.1, 0.925, 0.965),
        ("roc_auc", 300, 0.86, 0.1, 0.935, 0.985),
        ("roc_auc", 1_000, 0.86, 0.1, 0.935, 0.975),
        ("roc_auc", 300, 0.98, 0.5, 0.91, 0.96),
        ("roc_auc", 1_000, 0.98, 0.1, 0.895, 0.955),
        ("average_precision", 1_000, 0.86, 0.1, 0.905, 0.97),
        ("log_loss", 100, 0.86, 0.3, 0.92, 0.965),
        ("log_loss", 1_000, 0.86, 0.05, 0.92, 0.965),
        ("brier_score", 100, 0.86, 0.3, 0.925, 0.965),
        ("brier_score", 1_000, 0.86, 0.05, 0.92, 0.965),
    ],
)
def test_the_intervals_hold_the_truth_as_often_as_the_table_says(metric, n, auc, prevalence, low, high):
    held, given = coverage(metric, n=n, auc=auc, prevalence=prevalence)
    assert given > 0.5 * REPEATS
    assert low <= held <= high


def test_rare_events_make_the_intervals_of_losses_short_and_the_estimate_says_approximate():
    held, _ = coverage("log_loss", n=300, prevalence=0.01, seed=1)
    assert held < 0.93
    truth = Truth(auc=0.86, prevalence=0.01, cut=1.0)
    found = binary_performance(truth.drawn(np.random.default_rng(1), 300)).estimates["log_loss"]
    assert found.approximate.all()
