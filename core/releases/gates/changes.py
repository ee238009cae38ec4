"""How much worse or better the challenger is than the champion on the same rows, metric by metric."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from core.log.document import ValueDocument
from core.releases.gates.bootstrap import bootstrap_interval
from core.releases.gates.delong import paired_auc
from core.releases.gates.pairs import Pairs
from core.stats.intervals import Z95

Floats = NDArray[np.float64]

CLIP = float(np.finfo(np.float64).eps)
DELONG, MCNEMAR, BOOTSTRAP = "DeLong, paired", "McNemar; interval of Bonett and Price", "paired bootstrap, 1,000 draws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One metric of both versions on the same rows.

    Attributes
    ----------
    harm, low, high : float
        By how much the challenger is worse, in the unit of the metric, with its 95 % interval; below 0 it is better.
    n : int, pairs that have what the metric needs
    sums : mapping
        What the change and its interval can be worked out from without a row; empty for a bootstrap.
    """

    metric: str
    champion: float
    challenger: float
    harm: float
    low: float
    high: float
    n: int
    method: str
    p_value: float | None = None
    sums: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def as_json(self) -> dict[str, Any]:
        """Return the change as the evidence holds it."""
        return {
            "metric": self.metric,
            "champion": self.champion,
            "challenger": self.challenger,
            "worse_by": self.harm,
            "ci_low": self.low,
            "ci_high": self.high,
            "n": self.n,
            "method": self.method,
            "p_value": self.p_value,
            "sums": dict(self.sums),
        }


def changes(pairs: Pairs, *, probability: bool, value: ValueDocument | None) -> tuple[Change, ...]:
    """Return the change of every metric of the task that these pairs can tell.

    Parameters
    ----------
    probability : both scores are declared probabilities: log loss and Brier score mean something
    value : what outcomes are worth, by the champion's declaration; None: no money is declared
    """
    match pairs.task:
        case "regression":
            return _regression(pairs)
        case "multiclass":
            return (*_decisions(pairs), *(_class_losses(pairs) if probability else ()))
        case _:
            losses = _losses(pairs) if probability else ()
            return (_auc(pairs), *losses, *_decisions(pairs), *_confusion(pairs, value))


def _auc(pairs: Pairs) -> Change:
    kept = np.isfinite(pairs.champion.score) & np.isfinite(pairs.challenger.score)
    found = paired_auc(pairs.actual[kept], pairs.champion.score[kept], pairs.challenger.score[kept])
    low, high = found.interval
    return Change(
        metric="roc_auc",
        champion=found.first,
        challenger=found.second,
        harm=-found.difference,
        low=-high,
        high=-low,
        n=int(kept.sum()),
        method=DELONG,
        p_value=found.p_value,
        sums=found.as_json(),
    )


def _decisions(pairs: Pairs) -> tuple[Change, ...]:
    """Return the change of accuracy by discordant pairs, each version's decisions at its own threshold.

    McNemar's exact p; the interval adds one to both discordant counts and two to n (Bonett & Price 2012, adjusted
    Wald for a paired difference of proportions).
    """
    ours, theirs = pairs.champion.decision, pairs.challenger.decision
    kept = ~np.isnan(ours) & ~np.isnan(theirs)
    if not kept.any():
        return ()
    right, right_too = ours[kept] == pairs.actual[kept], theirs[kept] == pairs.actual[kept]
    n, lost, won = int(kept.sum()), int((right & ~right_too).sum()), int((~right & right_too).sum())
    p_lost, p_won = (lost + 1) / (n + 2), (won + 1) / (n + 2)
    half = Z95 * np.sqrt((p_lost + p_won - (p_lost - p_won) ** 2) / (n + 2))
    return (
        Change(
            metric="accuracy",
            champion=float(right.mean()),
            challenger=float(right_too.mean()),
            harm=(lost - won) / n,
            low=float(p_lost - p_won - half),
            high=float(p_lost - p_won + half),
            n=n,
            method=MCNEMAR,
            p_value=mcnemar_p(lost, won),
            sums={"n": n, "only_champion_right": lost, "only_challenger_right": won, "both_right": int(
                (right & right_too).sum()
            )},
        ),
    )  # fmt: skip


def mcnemar_p(lost: int, won: int) -> float:
    """Return the exact two-sided p of McNemar's test: each discordant pair falls to either side with ½.

    References
    ----------
    McNemar 1947.

    >>> round(mcnemar_p(2, 10), 6)
    0.038574
    """
    return float(stats.binomtest(lost, lost + won).pvalue) if lost + won else 1.0


def _losses(pairs: Pairs) -> tuple[Change, ...]:
    kept = np.isfinite(pairs.champion.score) & np.isfinite(pairs.challenger.score)
    y = pairs.actual[kept]
    scores = [side.score[kept] for side in (pairs.champion, pairs.challenger)]
    logs, squares = [log_losses(score, y) for score in scores], [(score - y) ** 2 for score in scores]
    return _mean_change("log_loss", *logs), _mean_change("brier_score", *squares)


def log_losses(score: Floats, actual: Floats) -> Floats:
    """Return the log loss of each row of two classes, scores clipped to [eps, 1 - eps] as the profiles do."""
    clipped = np.clip(score, CLIP, 1 - CLIP)
    return np.where(actual == 1, -np.log(clipped), -np.log1p(-clipped))


def class_log_losses(classes: Floats, actual: Floats) -> Floats:
    """Return the log loss of each row of several classes: -ln of the score of the actual class."""
    own = np.take_along_axis(classes, actual.astype(np.int64)[:, None], axis=1)[:, 0]
    return np.asarray(-np.log(np.clip(own, CLIP, 1.0)), np.float64)


def _class_losses(pairs: Pairs) -> tuple[Change, ...]:
    sides = (pairs.champion.classes, pairs.challenger.classes)
    if not all(side.shape[1] for side in sides):
        return ()
    kept = np.isfinite(sides[0]).all(axis=1) & np.isfinite(sides[1]).all(axis=1)
    if not kept.any():
        return ()
    return (_mean_change("log_loss", *(class_log_losses(side[kept], pairs.actual[kept]) for side in sides)),)


def _regression(pairs: Pairs) -> tuple[Change, ...]:
    kept = np.isfinite(pairs.champion.score) & np.isfinite(pairs.challenger.score)
    errors = [side.score[kept] - pairs.actual[kept] for side in (pairs.champion, pairs.challenger)]
    mae = _mean_change("mae", *(np.abs(error) for error in errors))
    squares = [error**2 for error in errors]

    def rmse(sums: Floats) -> Floats:
        return np.asarray(np.sqrt(sums[:, 2] / sums[:, 0]) - np.sqrt(sums[:, 1] / sums[:, 0]))

    columns = np.column_stack([np.ones(len(squares[0])), *squares])
    values = [float(np.sqrt(one.mean())) for one in squares]
    return mae, _drawn("rmse", values[0], values[1], columns, rmse, less_is_better=True)


def _mean_change(metric: str, first: Floats, second: Floats) -> Change:
    """Return the change of a mean loss by the paired t interval of the differences of the rows, as sums tell it.

    The bootstrap interval of the same mean stands beside it, as a check of a skew that t would not see; the wider
    end on each side counts.
    """
    apart = second - first
    n, mean = len(apart), float(apart.mean())
    half = float(stats.t.ppf(0.975, n - 1) * apart.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan

    def change_of(sums: Floats) -> Floats:
        return np.asarray(sums[:, 1] / sums[:, 0])

    low, high = bootstrap_interval(np.column_stack([np.ones(n), apart]), change_of)
    return Change(
        metric=metric,
        champion=float(first.mean()),
        challenger=float(second.mean()),
        harm=mean,
        low=min(mean - half, low),
        high=max(mean + half, high),
        n=n,
        method=f"paired t and {BOOTSTRAP}: the wider",
        sums={"n": n, "sum": float(apart.sum()), "sum_of_squares": float((apart**2).sum()), "bootstrap": [low, high]},
    )


def _drawn(
    metric: str,
    champion: float,
    challenger: float,
    columns: Floats,
    change_of: Callable[[Floats], Floats],
    *,
    less_is_better: bool,
) -> Change:
    low, high = bootstrap_interval(columns, change_of)
    ends = (low, high) if less_is_better else (-high, -low)
    apart = challenger - champion
    return Change(
        metric=metric,
        champion=champion,
        challenger=challenger,
        harm=apart if less_is_better else -apart,
        low=ends[0],
        high=ends[1],
        n=len(columns),
        method=BOOTSTRAP,
    )


def _confusion(pairs: Pairs, value: ValueDocument | None) -> tuple[Change, ...]:
    """Return what is summed over decisions: F1, and the net value of a decision where money is declared."""
    sides = (pairs.champion.decision, pairs.challenger.decision)
    kept = ~np.isnan(sides[0]) & ~np.isnan(sides[1])
    if not kept.any():
        return ()
    y = pairs.actual[kept] == 1
    called = [side[kept] == 1 for side in sides]
    parts = [np.column_stack([d & y, d & ~y, ~d & y]).astype(np.float64) for d in called]
    values = [f1_of_sums(part.sum(axis=0)[None]).item() for part in parts]

    def f1_change(sums: Floats) -> Floats:
        return np.asarray(f1_of_sums(sums[:, 3:]) - f1_of_sums(sums[:, :3]))

    f1 = _drawn("f1", values[0], values[1], np.column_stack(parts), f1_change, less_is_better=False)
    return (f1, *_net_value(called, y, pairs.amount[kept], value))


def f1_of_sums(sums: Floats) -> Floats:
    """Return F1 = 2TP/(2TP + FP + FN) from sums (..., 3) of TP, FP, FN; NaN where all are 0.

    >>> f1_of_sums(np.array([[6.0, 2.0, 4.0]])).tolist()
    [0.6666666666666666]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(2 * sums[:, 0] / (2 * sums[:, 0] + sums[:, 1] + sums[:, 2]))


def _net_value(
    called: list[NDArray[np.bool_]], y: NDArray[np.bool_], amount: Floats, value: ValueDocument | None
) -> tuple[Change, ...]:
    if value is None or value.kind == "error":
        return ()
    worth = np.array([[value.tn, value.fn], [value.fp, value.tp]], np.float64)
    each = [worth[d.astype(int), y.astype(int)] for d in called]
    if value.kind == "per_amount":
        known = np.isfinite(amount)
        if not known.any():
            return ()
        each = [one[known] * amount[known] for one in each]
    ours, theirs = each

    def change_of(sums: Floats) -> Floats:
        return np.asarray((sums[:, 2] - sums[:, 1]) / sums[:, 0])

    columns = np.column_stack([np.ones(len(ours)), ours, theirs])
    means = float(ours.mean()), float(theirs.mean())
    return (_drawn("net_value", *means, columns, change_of, less_is_better=False),)
