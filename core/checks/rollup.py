"""From verdicts to the state of families and of the model, with the sentence that says why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.checks import attribution, calibration, drift, fairness, quality, serving
from core.checks.performance_change import FINDINGS as FINDINGS_OF_PERFORMANCE
from core.checks.series import ABSENT
from core.checks.verdicts import Verdict
from core.states import SEVERITY, State, worst
from core.windows import Grain, following, unit_words

FAMILIES = ("service", "quality", "drift", "attribution", "performance", "calibration", "fairness")
"""Families of checks in the order in which they are shown."""

BREACHES = (State.WARNING, State.CRITICAL)
FEATURE_DRIFT = "feature_drift"
FEATURES_ALONE = (FEATURE_DRIFT, "feature_drift_slow", "feature_drift_ewma")
PREDICTION_DRIFT = "prediction_drift"
MISSING_SHARE = "missing_share"
RESERVED = ("score", "actual", "decision")
"""Names of features that are no columns of the model's own."""

FINDINGS: Mapping[str, str] = {
    FEATURE_DRIFT: "{feature} drifted",
    PREDICTION_DRIFT: "the scores drifted",
    MISSING_SHARE: "{feature} {be} missing {more} often",
    "unseen_share": "{feature} {have} unseen levels",
    "out_of_range_share": "{feature} {be} out of range",
    **serving.FINDINGS,
    **quality.FINDINGS,
    **drift.FINDINGS,
    **FINDINGS_OF_PERFORMANCE,
    **calibration.FINDINGS,
    **attribution.FINDINGS,
    **fairness.FINDINGS,
}
"""What happened, by check, for every sentence about a verdict."""

NAMED = 3
"""Features that a sentence names; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyState:
    """State of one family of checks.

    Attributes
    ----------
    state : State
        Worst applicable check.
    checks : mapping of check code to its worst applicable state
    n_judged, n_not_applicable : int
        Verdicts with and without a judgement; the second stands beside the state, never as green.
    why : str
        The worst finding in words; why nothing could be judged; or empty.
    cause : str
        The feature that `why` is about, the most important one of several; or empty.
    leads : bool
        Its finding is the one that the model shows.
    judged_on, judged_as : date and State, or None
        The last unit in which the family could be judged, this one included, and its state then.
    """

    state: State
    checks: Mapping[str, State]
    n_judged: int
    n_not_applicable: int
    why: str
    cause: str = ""
    leads: bool = False
    judged_on: date | None = None
    judged_as: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """State of a model in one window: worst family after the roll-up rule, and why."""

    state: State
    families: Mapping[str, FamilyState]
    n_not_applicable: int
    why: str


def roll_up(verdicts: Sequence[Verdict], *, importance: Mapping[str, float] | None = None) -> ModelState:
    """Return the states of checks, families and model.

    The model shows its worst applicable check, except that drift of features alone counts as a warning
    at most: it is critical only when the score or the performance moved too. Not applicable is never
    green and never hides a worse state.

    Parameters
    ----------
    importance : mapping of feature to its importance, to name the one that matters most of several
    """
    absent = without_values(verdicts)
    first = first_finding(verdicts)
    families = {}
    for name in _present(verdicts):
        mine = [one for one in verdicts if one.family == name]
        families[name] = replace(
            family_state(mine, absent=absent),
            cause=_cause(first_finding(mine, absent=absent), importance or {}),
            leads=bool(first) and first[0].family == name,
        )
    return ModelState(
        state=worst(_counted(families)),
        families=families,
        n_not_applicable=sum(family.n_not_applicable for family in families.values()),
        why=why(verdicts),
    )


def _cause(finding: Sequence[Verdict], importance: Mapping[str, float]) -> str:
    """Return the feature of a finding that matters most to the model, or empty."""
    named = [one.feature for one in finding if one.feature and one.feature not in RESERVED]
    return max(named, key=lambda name: importance.get(name, 0.0), default="")


def with_last_judged(
    families: Mapping[str, FamilyState], earlier: Mapping[str, FamilyState], day: date
) -> dict[str, FamilyState]:
    """Return the families of a unit, each with the last unit in which it could be judged.

    Parameters
    ----------
    earlier : families of the unit before, empty for the first
    """
    found = {}
    for name, family in families.items():
        before = earlier.get(name)
        if family.state is not State.NOT_APPLICABLE:
            found[name] = replace(family, judged_on=day, judged_as=family.state)
        elif before is not None:
            found[name] = replace(family, judged_on=before.judged_on, judged_as=before.judged_as)
        else:
            found[name] = family
    return found


def _present(verdicts: Iterable[Verdict]) -> list[str]:
    present = {verdict.family for verdict in verdicts}
    return [name for name in FAMILIES if name in present] + sorted(present - set(FAMILIES))


def _counted(families: Mapping[str, FamilyState]) -> list[State]:
    """Return what each check counts for the model."""
    checks = {code: state for family in families.values() for code, state in family.checks.items()}
    performance = families["performance"].state if "performance" in families else State.NOT_APPLICABLE
    moved = performance in BREACHES or checks.get(PREDICTION_DRIFT) in BREACHES
    for code in FEATURES_ALONE:
        if checks.get(code) is State.CRITICAL and not moved:
            checks[code] = State.WARNING
    return list(checks.values())


def family_state(verdicts: Sequence[Verdict], *, absent: Sequence[str] = ()) -> FamilyState:
    """Return the state of the verdicts of one family, given the features without values (`without_values`)."""
    judged = [one for one in verdicts if one.state is not State.NOT_APPLICABLE]
    checks: dict[str, State] = {}
    for one in verdicts:
        checks[one.check] = worst((checks.get(one.check, State.NOT_APPLICABLE), one.state))
    return FamilyState(
        state=worst(checks.values()),
        checks=checks,
        n_judged=len(judged),
        n_not_applicable=len(verdicts) - len(judged),
        why=why(verdicts, absent=absent),
    )


def why(verdicts: Sequence[Verdict], *, absent: Sequence[str] = ()) -> str:
    """Return the finding that comes first as a sentence made from its numbers, and how many more there are.

    Without a breach: why nothing could be judged, or an empty sentence when all is well.

    Parameters
    ----------
    absent : features of which the window holds no values, where `verdicts` are of one family only
    """
    first = first_finding(verdicts, absent=absent)
    if first:
        others = other_findings(verdicts, first)
        more = f"; {others} more finding{'' if others == 1 else 's'}" if others else ""
        return together(first, absent=absent or without_values(verdicts)) + more
    if any(one.state is State.HEALTHY for one in verdicts):
        return ""
    reasons = [one.reason for one in verdicts if one.reason]
    return max(set(reasons), key=lambda reason: (reasons.count(reason), reason)) if reasons else "nothing was judged"


def other_findings(verdicts: Sequence[Verdict], told: Sequence[Verdict]) -> int:
    """Return how many findings there are beside those told; what a check says of a feature in many segments is one."""
    known = {(one.check, one.feature) for one in told}
    return len({(one.check, one.feature) for one in verdicts if one.state in BREACHES} - known)


def without_values(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """Return the features of which the window holds no values at all, in the order of their names."""
    return tuple(sorted(one.feature or "" for one in verdicts if ABSENT in one.reason and not one.segment))


def first_finding(verdicts: Sequence[Verdict], *, absent: Sequence[str] = ()) -> list[Verdict]:
    """Return the breaches that come first, worst first: those that say the same of several features together.

    Inputs without values lead the others of their state, since they move whatever is computed from them; then
    the whole population before segments, then the distance beyond the limit.
    """
    gone = frozenset(absent or without_values(verdicts))
    breaches = [one for one in verdicts if one.state in BREACHES]
    ranked = sorted(breaches, key=lambda one: _rank(one, gone))
    return [one for one in ranked if _kind(one, gone) == _kind(ranked[0], gone)]


def _kind(verdict: Verdict, gone: frozenset[str]) -> tuple[str, bool, bool, tuple[tuple[str, str], ...]]:
    """Return what a verdict says, whatever the feature."""
    segment = tuple(sorted(verdict.segment.items()))
    return verdict.check, _is_gone(verdict, gone), (verdict.value or 0.0) < 0, segment


def _is_gone(verdict: Verdict, gone: frozenset[str]) -> bool:
    return verdict.check == MISSING_SHARE and not verdict.segment and verdict.feature in gone


def _rank(verdict: Verdict, gone: frozenset[str]) -> tuple[int, bool, int, float, str]:
    """Return the sort key, worst first."""
    beyond = 0.0
    if verdict.value is not None and verdict.limit:
        beyond = abs(verdict.value / verdict.limit)
    return -SEVERITY[verdict.state], not _is_gone(verdict, gone), len(verdict.segment), -beyond, verdict.key


def together(verdicts: Sequence[Verdict], *, absent: Sequence[str] = ()) -> str:
    """Return one finding of one or several features: ``2 features hold no values on 31 Dec: dewp and humid``."""
    first = verdicts[0]
    if _is_gone(first, frozenset(absent)):
        return _no_values(verdicts, absent)
    if len(verdicts) == 1:
        return sentence(first)
    led = replace(first, feature=f"{len(verdicts)} features", since=None)
    since = _since([one.since for one in verdicts], first.grain)
    return f"{sentence(led, many=True)}{since}: {_names([one.feature or '' for one in verdicts])}"


def _no_values(verdicts: Sequence[Verdict], absent: Sequence[str]) -> str:
    first = verdicts[0]
    one_unit = first.window_end == following(first.window_start, first.grain)
    on = "on" if first.grain is Grain.DAY else "in"
    when = f"{on if one_unit else 'since'} {unit_words(first.window_start, first.grain, year=False)}"
    earlier = [one.since for one in verdicts if one.since and one.since < first.window_start]
    more = f", more missing{_since(earlier, first.grain)}" if earlier else ""
    if len(absent) == 1:
        return f"{absent[0]} holds no values {when}{more}"
    return f"{len(absent)} features hold no values {when}{more}: {_names(absent)}"


def _since(days: Sequence[date | None], grain: Grain) -> str:
    known = [day for day in days if day]
    return f" since {unit_words(min(known), grain, year=False)}" if known else ""


def _names(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def sentence(verdict: Verdict, *, many: bool = False) -> str:
    """Return one breach in a person's words: ``temp drifted (PSI 0.34) since 4 Nov``.

    Parameters
    ----------
    many : the feature's name stands for several features, and the number is that of the first of them
    """
    where = "".join(f" in {column} = {value}" for column, value in sorted(verdict.segment.items()))
    numbers = f" ({'up to ' if many else ''}{verdict.detail})" if verdict.detail else ""
    since = _since([verdict.since], verdict.grain)
    return f"{_finding(verdict, many=many)}{numbers}{where}{since}"


def _finding(verdict: Verdict, *, many: bool) -> str:
    """Return what happened, without numbers."""
    less = verdict.check == MISSING_SHARE and (verdict.value or 0.0) < 0
    told = FINDINGS.get(verdict.check, f"{verdict.check.replace('_', ' ')} is beyond its limit")
    return told.format(
        feature=verdict.feature or "",
        be="are" if many else "is",
        have="have" if many else "has",
        more="less" if less else "more",
    )
