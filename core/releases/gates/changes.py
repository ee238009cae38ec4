"""How much worse or better the challenger is than the champion on the same rows, metric by metric."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from core.log.document import ValueDocument
from core.releases.gates.bootstrap import bootstrap_interval
from core.releases.gates.cells import cells_interval, f1_influence, f1_of_cells, worth_of_cells
from core.releases.gates.change import Change
from core.releases.gates.delong import auc_influence, paired_auc
from core.releases.gates.pairs import Pairs
from core.releases.gates.units import widened, widening
from core.stats.intervals import Z95

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLIP = float(np.finfo(np.float64).eps)
DELONG, MCNEMAR, BOOTSTRAP = "DeLong, paired", "McNemar; interval of Bonett and Price", "paired bootstrap, 1,000 draws"
OF_CELLS = "paired bootstrap of the eight counts, 10,000 draws"


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
    rows = pairs.actual, pairs.champion.score, pairs.challenger.score
    found, factor = paired_auc(*rows), widening(auc_influence(*rows), pairs.unit)
    low, high = widened(found.difference, *found.interval, factor)
    return Change(
        metric="roc_auc",
        champion=found.first,
        challenger=found.second,
        harm=-found.difference,
        low=-high,
        high=-low,
        n=pairs.n,
        method=DELONG,
        p_value=wider_p(found.p_value, factor),
        widened=factor,
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
    harm, factor = (lost - won) / n, widening(_centred(right.astype(np.float64) - right_too), pairs.unit[kept])
    low, high = widened(harm, float(p_lost - p_won - half), float(p_lost - p_won + half), factor)
    return (
        Change(
            metric="accuracy",
            champion=float(right.mean()),
            challenger=float(right_too.mean()),
            harm=harm,
            low=low,
            high=high,
            n=n,
            method=MCNEMAR,
            p_value=wider_p(mcnemar_p(lost, won), factor),
            widened=factor,
            sums={"n": n, "only_champion_right": lost, "only_challenger_right": won, "both_right": int(
                (right & right_too).sum()
            )},
        ),
    )  # fmt: skip


def _centred(values: Floats) -> Floats:
    return np.asarray(values - values.mean())


def wider_p(p: float, factor: float) -> float:
    """Return a two-sided p whose z is that of independent rows over the factor of the interval.

    >>> round(wider_p(0.0455, 2.0), 3)
    0.317
    """
    return float(2 * stats.norm.sf(stats.norm.isf(p / 2) / factor)) if factor > 1 else p


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
    y, scores = pairs.actual, (pairs.champion.score, pairs.challenger.score)
    logs, squares = [log_losses(score, y) for score in scores], [(score - y) ** 2 for score in scores]
    return _mean_change("log_loss", *logs, unit=pairs.unit), _mean_change("brier_score", *squares, unit=pairs.unit)


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
    losses = (class_log_losses(side[kept], pairs.actual[kept]) for side in sides)
    return (_mean_change("log_loss", *losses, unit=pairs.unit[kept]),)


def _regression(pairs: Pairs) -> tuple[Change, ...]:
    errors = [side.score - pairs.actual for side in (pairs.champion, pairs.challenger)]
    mae = _mean_change("mae", *(np.abs(error) for error in errors), unit=pairs.unit)
    squares = [error**2 for error in errors]

    def rmse(sums: Floats) -> Floats:
        return np.asarray(np.sqrt(sums[:, 2] / sums[:, 0]) - np.sqrt(sums[:, 1] / sums[:, 0]))

    columns = np.column_stack([np.ones(len(squares[0])), *squares])
    values = [float(np.sqrt(one.mean())) for one in squares]
    parts = [_centred(square) / max(value, CLIP) for square, value in zip(squares, values, strict=True)]
    factor = widening(parts[1] - parts[0], pairs.unit)
    return mae, _drawn("rmse", values, columns, rmse, harm=values[1] - values[0], factor=factor)


def _mean_change(metric: str, first: Floats, second: Floats, *, unit: Ints) -> Change:
    """Return the change of a mean loss by the paired t interval of the differences of the rows, as sums tell it.

    The bootstrap interval of the same mean stands beside it, as a check of a skew that t would not see; the wider
    end on each side counts.
    """
    apart = second - first
    n, mean = len(apart), float(apart.mean())
    half = float(stats.t.ppf(0.975, n - 1) * apart.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan

    def change_of(sums: Floats) -> Floats:
        return np.asarray(sums[:, 1] / sums[:, 0])

    drawn = bootstrap_interval(np.column_stack([np.ones(n), apart]), change_of)
    factor = widening(_centred(apart), unit)
    low, high = widened(mean, min(mean - half, drawn[0]), max(mean + half, drawn[1]), factor)
    return Change(
        metric=metric,
        champion=float(first.mean()),
        challenger=float(second.mean()),
        harm=mean,
        low=low,
        high=high,
        n=n,
        method=f"paired t and {BOOTSTRAP}: the wider",
        widened=factor,
        sums={"n": n, "sum": float(apart.sum()), "sum_of_squares": float((apart**2).sum()), "bootstrap": [*drawn]},
    )


def _drawn(
    metric: str,
    values: Sequence[float],
    columns: Floats,
    harm_of: Callable[[Floats], Floats],
    *,
    harm: float,
    factor: float,
) -> Change:
    low, high = widened(harm, *bootstrap_interval(columns, harm_of), factor)
    return Change(
        metric=metric,
        champion=values[0],
        challenger=values[1],
        harm=harm,
        low=low,
        high=high,
        n=len(columns),
        method=BOOTSTRAP,
        widened=factor,
    )


def _confusion(pairs: Pairs, value: ValueDocument | None) -> tuple[Change, ...]:
    """Return what is summed over decisions: F1, and the net value of a decision where money is declared."""
    sides = (pairs.champion.decision, pairs.challenger.decision)
    kept = ~np.isnan(sides[0]) & ~np.isnan(sides[1])
    if not kept.any():
        return ()
    y, ours, theirs = (one[kept].astype(np.int64) for one in (pairs.actual, *sides))
    place, unit = 4 * y + 2 * ours + theirs, pairs.unit[kept]
    cells = np.bincount(place, minlength=8)
    f1 = _of_cells("f1", cells, f1_of_cells, widening(f1_influence(cells.astype(np.float64))[place], unit), {})
    if value is None or value.kind == "error":
        return (f1,)
    worth = np.array([[value.tn, value.fp], [value.fn, value.tp]], np.float64)
    each = worth[y, ours], worth[y, theirs]
    if value.kind == "per_amount":
        return (f1, *_value_by_amount(*(one * pairs.amount[kept] for one in each), unit=unit))
    factor = widening(_centred(each[0] - each[1]), unit)
    return f1, _of_cells("net_value", cells, partial(worth_of_cells, worth=worth), factor, {"worth": worth.tolist()})


def _of_cells(
    metric: str, cells: Ints, value_of: Callable[[Floats, int], Floats], factor: float, given: Mapping[str, Any]
) -> Change:
    ours, theirs = (value_of(cells.astype(np.float64), side).item() for side in (0, 1))
    drawn = cells_interval(cells, lambda counts: value_of(counts, 0) - value_of(counts, 1))
    low, high = widened(ours - theirs, *drawn, factor)
    return Change(
        metric=metric,
        champion=ours,
        challenger=theirs,
        harm=ours - theirs,
        low=low,
        high=high,
        n=int(cells.sum()),
        method=OF_CELLS,
        widened=factor,
        sums={"cells": cells.reshape(2, 2, 2).tolist(), **given},
    )


def _value_by_amount(ours: Floats, theirs: Floats, *, unit: Ints) -> tuple[Change, ...]:
    known = np.isfinite(ours) & np.isfinite(theirs)
    if not known.any():
        return ()

    def lost(sums: Floats) -> Floats:
        return np.asarray((sums[:, 1] - sums[:, 2]) / sums[:, 0])

    columns = np.column_stack([np.ones(len(ours)), ours, theirs])[known]
    means = columns[:, 1:].mean(axis=0).tolist()
    factor = widening(_centred((ours - theirs)[known]), unit[known])
    return (_drawn("net_value", means, columns, lost, harm=means[0] - means[1], factor=factor),)
