"""Verdicts on fairness: gaps between protected groups, and the rule of four fifths against a chosen group.

A verdict names the protected column and never a group: texts of alerts go where the Fairness page, whose reads are
audited, does not. For the same reason its numbers are in whole hundredths, its n is that of everybody, and groups
that may not be shown are not compared: an alert tells nothing exact of a small group.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.evidence import Evidence
from core.checks.limits import Limit, Limits, Rules
from core.checks.quality import share_state
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, short
from core.fairness.gaps import (
    ODDS_DIFFERENCE,
    OPPORTUNITY_DIFFERENCE,
    PARITY_DIFFERENCE,
    RATES_OF,
    Gap,
    group_gaps,
)
from core.fairness.rates import tallies
from core.fairness.reference_group import AgainstReference, against_reference
from core.fairness.suppression import Events, sensitive_counts, too_small
from core.performance.maturity import Maturity
from core.profile.binning import BINARY
from core.profile.group_counts import group_counts
from core.states import State
from core.stats.multiplicity import benjamini_hochberg
from core.windows import Grain, Window

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SELECTION, OPPORTUNITY, ODDS = "selection_rate_gap", "equal_opportunity_gap", "equalized_odds_gap"
FOUR_FIFTHS = "four_fifths"
GAPS: Mapping[str, str] = {
    SELECTION: PARITY_DIFFERENCE,
    OPPORTUNITY: OPPORTUNITY_DIFFERENCE,
    ODDS: ODDS_DIFFERENCE,
}
"""Checks of a gap and what each measures."""

NEED_ACTUALS = (OPPORTUNITY, ODDS)
FINDINGS: Mapping[str, str] = {
    SELECTION: "{feature} groups are selected unequally",
    OPPORTUNITY: "{feature} groups are missed unequally",
    ODDS: "{feature} groups meet unequal errors",
    FOUR_FIFTHS: "a {feature} group is selected below four fifths of the reference group",
}
ROLLING_DAYS = 28
"""Days that a verdict of a daily log is about; coarser units stand for themselves."""

NOT_BINARY = "fairness is judged for decisions between two outcomes"
NO_PROTECTED = "no protected column is declared"
NO_CHOICE = "no reference group is chosen: a person chooses it on the Fairness page"
NO_SUCH_GROUP = "the chosen reference group is not among the groups of this reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEvidence:
    """One protected column in every rolling window of the log.

    Attributes
    ----------
    name : str
    gaps : mapping of metric to Gap, arrays (W,)
    rows : mapping of metric to the rows of everybody that it is about, (W,)
    against : AgainstReference over (W,), or None
    why_none : str
        Why there is nothing to compare with a reference group; empty where there is.
    """

    name: str
    gaps: Mapping[str, Gap]
    rows: Mapping[str, Floats]
    against: AgainstReference | None
    why_none: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessEvidence:
    """What the fairness of every unit of a log is judged with.

    Attributes
    ----------
    why_not : str
        Why nothing can be judged; empty where it can.
    columns : tuple of ColumnEvidence
    starts : tuple of date, length W
        First day of each rolling window.
    limits : Limits
    """

    why_not: str
    columns: tuple[ColumnEvidence, ...]
    starts: tuple[date, ...]
    limits: Limits


def prepare(evidence: Evidence) -> FairnessEvidence:
    """Return the gaps of every protected column in the 28 days up to each unit (coarser units: the unit itself)."""
    layout, log = evidence.layout, evidence.log
    declared = layout.binning.group_columns
    why_not = NOT_BINARY if layout.binning.task != BINARY else "" if declared else NO_PROTECTED
    if why_not:
        return FairnessEvidence(why_not=why_not, columns=(), starts=log.days, limits=evidence.limits)
    counted = {
        one.name: (one.labels, group_counts(layout, log.ints, log.floats, one.name).confusion) for one in declared
    }
    return fairness_evidence(
        log.days,
        counted,
        evidence.limits,
        rolling=evidence.schema.grain is Grain.DAY,
        reference_groups=evidence.outline.reference_groups,
    )


def fairness_evidence(
    days: Sequence[date],
    columns: Mapping[str, tuple[tuple[str, ...], Ints]],
    limits: Limits,
    *,
    rolling: bool,
    reference_groups: Mapping[str, str],
) -> FairnessEvidence:
    """Return the evidence of protected columns from their decisions; see `prepare`.

    Parameters
    ----------
    days : units of the log, ascending, length W
    columns : mapping of column to its groups and its decision × actual by unit, (W, G, 3, 3)
    rolling : bool
        Each unit is a day and is judged with the 27 days before it.
    reference_groups : see `Evidence`
    """
    firsts = _first_rows(days) if rolling else list(range(len(days)))
    starts = [day - timedelta(days=ROLLING_DAYS - 1) for day in days] if rolling else list(days)
    judged = [
        _column(name, labels, rolling_sums(confusion, firsts), reference_groups.get(name))
        for name, (labels, confusion) in columns.items()
    ]
    return FairnessEvidence(why_not="", columns=tuple(judged), starts=tuple(starts), limits=limits)


def _first_rows(days: Sequence[date]) -> list[int]:
    """Return for each day the first row of its 28 days; days may be absent."""
    return [bisect_right(days, day - timedelta(days=ROLLING_DAYS)) for day in days]


def rolling_sums(counts: Ints, firsts: Sequence[int]) -> Ints:
    """Return the sums of the units from `firsts` up to each unit, with the shape of `counts`."""
    running = np.concatenate([np.zeros((1, *counts.shape[1:]), np.int64), np.cumsum(counts, axis=0, dtype=np.int64)])
    return np.asarray(running[1:] - running[np.asarray(firsts, np.int64)], np.int64)


def _column(name: str, labels: tuple[str, ...], confusion: Ints, chosen: str | None) -> ColumnEvidence:
    why_none = NO_CHOICE if chosen is None else "" if chosen in labels else NO_SUCH_GROUP
    hidden = _hidden(confusion)
    everybody = tallies(confusion.sum(1))
    return ColumnEvidence(
        name=name,
        gaps=group_gaps(confusion, hidden=hidden, draws=0),
        rows={metric: np.sum([everybody[rate].n for rate in rates], axis=0) for metric, rates in RATES_OF.items()},
        against=None if why_none or chosen is None else against_reference(confusion, labels, chosen, hidden=hidden),
        why_none=why_none,
    )


def _hidden(confusion: Ints) -> Bools:
    """Return the groups that may not be shown in a window, (W, G); by actual, before any actual by decision."""
    by_actual, by_decision = (too_small(sensitive_counts(confusion, events)) for events in Events)
    labelled = confusion[..., :2].sum((1, 2, 3)) > 0
    return np.where(labelled[:, None], by_actual, by_decision)


def verdicts(
    prepared: FairnessEvidence,
    row: int,
    window: Window,
    mature: Maturity,
    *,
    followed: Collection[str] = (),  # noqa: ARG001 - fairness has no segments that could be followed
) -> tuple[Verdict, ...]:
    """Return the raw verdicts of the unit ``log.days[row]``: each check on each protected column.

    A gap is a breach when both hold: all groups have the same rate with p ≤ .01 (chi-square; Benjamini–Hochberg over
    the protected columns; .001 where a group has fewer than 200 rows of the rate's denominator), and the lower end of
    its interval is at its limit. The rule of four fifths is broken when
    the one-sided 95 % upper bound of a group's ratio lies below the limit. Gaps of error rates wait for a mature
    window.
    """
    limits, start = prepared.limits, prepared.starts[row]
    if prepared.why_not:
        return tuple(
            not_applicable(limits[code], prepared.why_not, n=0, window_start=window.start, window_end=window.end)
            for code in FINDINGS
        )
    rolled = Window(start, window.end)
    found = [one for code in GAPS for one in _gap_verdicts(prepared, code, row, rolled, mature)]
    ruled = [_rule_verdict(limits, column, row, rolled) for column in prepared.columns]
    return (*found, *ruled)


def _gap_verdicts(prepared: FairnessEvidence, code: str, row: int, window: Window, mature: Maturity) -> list[Verdict]:
    limit, rules = prepared.limits[code], prepared.limits.rules
    gaps = [column.gaps[GAPS[code]] for column in prepared.columns]
    reasons = [_why_not(code, gap, row, mature) for gap in gaps]
    plain = [np.nan if why else float(gap.homogeneity.p[row]) for gap, why in zip(gaps, reasons, strict=True)]
    adjusted = benjamini_hochberg(np.array(plain)).tolist()
    found = []
    for column, gap, why, p in zip(prepared.columns, gaps, reasons, adjusted, strict=True):
        if why:
            n = int(gap.estimate.n[row])
            found.append(
                not_applicable(limit, why, n=n, window_start=window.start, window_end=window.end, feature=column.name)
            )
        else:
            found.append(_gap_verdict(limit, column, row, window=window, p=p, rules=rules))
    return found


def _why_not(code: str, gap: Gap, row: int, mature: Maturity) -> str:
    reason = str(gap.estimate.reason[row]).removeprefix("not applicable: ")
    if code in NEED_ACTUALS and not mature.mature:
        return mature.reason
    return reason


def _gap_verdict(limit: Limit, column: ColumnEvidence, row: int, *, window: Window, p: float, rules: Rules) -> Verdict:
    gap = column.gaps[GAPS[limit.code]]
    one = gap.estimate
    value, low, high = (float(numbers[row]) for numbers in (one.value, one.low, one.high))
    level = rules.significance if gap.smallest[row] >= rules.small_n else rules.significance_small
    significant = p <= level
    state = share_state(low, limit) if significant else State.HEALTHY
    groups = f"{int(gap.counted[row].sum())} groups compared"
    ends = f"{short(low)} to {short(high)}"
    if state is not State.HEALTHY:
        words = f"a gap of at least {short(low)}: {short(value)} ({ends})"
    elif significant:
        words = f"groups differ, by less than the limit for certain: {short(value)} ({ends})"
    else:
        words = f"no more than chance: {short(value)} ({ends})"
    return Verdict(
        check=limit.code,
        family=limit.family,
        feature=column.name,
        state=state,
        raw_state=state,
        value=_coarse(value),
        limit=limit_shown(limit, state),
        ci_low=_coarse(low),
        ci_high=_coarse(high),
        n=int(column.rows[gap.estimate.metric][row]),
        window_start=window.start,
        window_end=window.end,
        reason=f"{words}; {groups}, {p_words(p)} adjusted",
        detail=f"a gap of {short(value)}, at least {short(low)}",
        significant=significant,
        adjusted_p=number(p),
        inconclusive=state is State.HEALTHY and limit.warning is not None and low < limit.warning <= value,
    )


def _coarse(value: float) -> float | None:
    """Return a number in whole hundredths: exact ones of many windows together would tell of single rows."""
    return number(round(value, 2))


def _rule_verdict(limits: Limits, column: ColumnEvidence, row: int, window: Window) -> Verdict:
    limit, against = limits[FOUR_FIFTHS], column.against
    why = column.why_none
    if against is not None:
        why = str(against.impact.reason[row]).removeprefix("not applicable: ")
    if why or against is None:
        return not_applicable(limit, why, n=0, window_start=window.start, window_end=window.end, feature=column.name)
    group = _nearest_to_breach(against, row)
    ratios, rule = against.ratios["selection_rate"], against.four_fifths
    ratio, upper, low = (float(numbers[row, group]) for numbers in (rule.ratio, rule.upper, ratios.low))
    state = _ratio_state(upper, limit)
    return Verdict(
        check=limit.code,
        family=limit.family,
        feature=column.name,
        state=state,
        raw_state=state,
        value=_coarse(ratio),
        limit=limit_shown(limit, state),
        ci_low=_coarse(low),
        ci_high=_coarse(upper),
        n=int(column.rows[PARITY_DIFFERENCE][row]),
        window_start=window.start,
        window_end=window.end,
        reason=_ratio_words(ratio, upper, float(rule.detectable[row, group]), state, limit),
        detail=f"ratio {short(ratio)}, at most {short(upper)}",
        significant=state is not State.HEALTHY,
        inconclusive=state is State.HEALTHY and limit.warning is not None and ratio < limit.warning,
    )


def _nearest_to_breach(against: AgainstReference, row: int) -> int:
    """Return the compared group whose upper bound is smallest: if one breaches, it does."""
    usable = against.counted[row] & (against.ratios["selection_rate"].reason[row] == "")
    return int(np.where(usable, against.four_fifths.upper[row], np.inf).argmin())


def _ratio_state(upper: float, limit: Limit) -> State:
    if limit.critical is not None and upper < limit.critical:
        return State.CRITICAL
    return State.WARNING if limit.warning is not None and upper < limit.warning else State.HEALTHY


def _ratio_words(ratio: float, upper: float, detectable: float, state: State, limit: Limit) -> str:
    known = f"ratio {short(ratio)}, at most {short(upper)} with 95 % confidence"
    if state is not State.HEALTHY:
        floor = short(limit.warning or limit.critical or 0)
        return f"selected at less than {floor} of the reference group's rate: {known}"
    if limit.warning is not None and ratio < limit.warning:
        power = "" if np.isnan(detectable) else f"; these sizes would show a ratio of {short(detectable)} or less"
        return f"below {short(limit.warning)}, not conclusive: {known}{power}"
    return f"not below {short(limit.warning or 0)}: {known}"
