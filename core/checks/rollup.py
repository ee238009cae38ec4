"""From verdicts to the state of families and of the model, with the sentence that says why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.checks.verdicts import Verdict
from core.states import SEVERITY, State, worst

FAMILIES = ("quality", "drift", "performance")
"""Families of checks in the order in which they are shown."""

BREACHES = (State.WARNING, State.CRITICAL)
FEATURE_DRIFT = "feature_drift"
PREDICTION_DRIFT = "prediction_drift"


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
    """

    state: State
    checks: Mapping[str, State]
    n_judged: int
    n_not_applicable: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """State of a model in one window: worst family after the roll-up rule, and why."""

    state: State
    families: Mapping[str, FamilyState]
    n_not_applicable: int
    why: str


def roll_up(verdicts: Sequence[Verdict]) -> ModelState:
    """Return the states of checks, families and model.

    The model shows its worst applicable check, except that drift of features alone counts as a warning
    at most: it is critical only when the score or the performance moved too. Not applicable is never
    green and never hides a worse state.
    """
    families = {name: family_state([one for one in verdicts if one.family == name]) for name in _names(verdicts)}
    return ModelState(
        state=worst(_counted(families)),
        families=families,
        n_not_applicable=sum(family.n_not_applicable for family in families.values()),
        why=why(verdicts),
    )


def _names(verdicts: Iterable[Verdict]) -> list[str]:
    present = {verdict.family for verdict in verdicts}
    return [name for name in FAMILIES if name in present] + sorted(present - set(FAMILIES))


def _counted(families: Mapping[str, FamilyState]) -> list[State]:
    """Return what each check counts for the model."""
    checks = {code: state for family in families.values() for code, state in family.checks.items()}
    performance = families["performance"].state if "performance" in families else State.NOT_APPLICABLE
    moved = performance in BREACHES or checks.get(PREDICTION_DRIFT) in BREACHES
    if checks.get(FEATURE_DRIFT) is State.CRITICAL and not moved:
        checks[FEATURE_DRIFT] = State.WARNING
    return list(checks.values())


def family_state(verdicts: Sequence[Verdict]) -> FamilyState:
    """Return the state of the verdicts of one family."""
    judged = [one for one in verdicts if one.state is not State.NOT_APPLICABLE]
    checks: dict[str, State] = {}
    for one in verdicts:
        checks[one.check] = worst((checks.get(one.check, State.NOT_APPLICABLE), one.state))
    return FamilyState(
        state=worst(checks.values()),
        checks=checks,
        n_judged=len(judged),
        n_not_applicable=len(verdicts) - len(judged),
        why=why(verdicts),
    )


def why(verdicts: Sequence[Verdict]) -> str:
    """Return the worst finding as a sentence made from its numbers, and how many more there are.

    Without a breach: why nothing could be judged, or an empty sentence when all is well.
    """
    breaches = leading(verdicts)
    if breaches:
        more = f" and {len(breaches) - 1} more" if len(breaches) > 1 else ""
        return sentence(breaches[0]) + more
    if any(one.state is State.HEALTHY for one in verdicts):
        return ""
    reasons = [one.reason for one in verdicts if one.reason]
    return max(set(reasons), key=lambda reason: (reasons.count(reason), reason)) if reasons else "nothing was judged"


def leading(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the breaches, worst first: the first one is what `why` is about."""
    return sorted((one for one in verdicts if one.state in BREACHES), key=_rank)


def _rank(verdict: Verdict) -> tuple[int, int, float, str]:
    """Return the sort key, worst first: state, whole population before segments, distance beyond the limit."""
    beyond = 0.0
    if verdict.value is not None and verdict.limit:
        beyond = abs(verdict.value / verdict.limit)
    return -SEVERITY[verdict.state], len(verdict.segment), -beyond, verdict.key


def sentence(verdict: Verdict) -> str:
    """Return one breach in a person's words: ``temp drifted (PSI .34) since 4 Nov``."""
    where = "".join(f" in {column} = {value}" for column, value in sorted(verdict.segment.items()))
    numbers = f" ({verdict.detail})" if verdict.detail else ""
    since = f" since {day_words(verdict.since)}" if verdict.since else ""
    return f"{_finding(verdict)}{numbers}{where}{since}"


def _finding(verdict: Verdict) -> str:
    """Return what happened, without numbers."""
    words = {
        FEATURE_DRIFT: "{feature} drifted",
        PREDICTION_DRIFT: "the scores drifted",
        "missing_share": "{feature} is missing more often",
        "unseen_share": "{feature} has unseen levels",
        "out_of_range_share": "{feature} is out of its range",
        "roc_auc_change": "ROC AUC fell",
        "recall_change": "recall fell",
        "precision_change": "precision fell",
        "log_loss_change": "log loss rose",
    }
    if verdict.check == "missing_share" and (verdict.value or 0.0) < 0:
        return f"{verdict.feature} is missing less often"
    template = words.get(verdict.check, f"{verdict.check.replace('_', ' ')} is beyond its limit")
    return template.replace("{feature}", verdict.feature or "")


def day_words(day: date) -> str:
    """Return a day as people write it.

    >>> day_words(date(2013, 11, 4))
    '4 Nov'
    """
    return f"{day.day} {day:%b}"
