"""The main reasons for one row's score in plain words, from the numbers only."""

from collections.abc import Mapping, Sequence

from core.explain.usual import Usual
from core.explain.waterfall import Step
from core.explain.wording import NO_VALUE, PREDICTION, effect, quantity
from core.log.schema import Feature

MOST_REASONS = 3
SMALLEST = 0.005
"""Share of all movement below which a step is no reason."""


def reasons(
    steps: Sequence[Step], features: Mapping[str, Feature], usual: Mapping[str, Usual], *, unit: str
) -> tuple[str, ...]:
    """Return at most three sentences, the largest movement first.

    A sentence names the feature, its value, the direction, the size, and what is usual in the reference. It says
    what moved this model's score, not what caused anything: no "because".

    Parameters
    ----------
    steps : of a waterfall
    unit : of the margin: ``log-odds``, or that of the target
    """
    total = sum(abs(one.phi) for one in steps)
    ranked = sorted((one for one in steps if one.kind != "rest"), key=lambda one: -abs(one.phi))
    told = [one for one in ranked if total and abs(one.phi) >= SMALLEST * total][:MOST_REASONS]
    return tuple(sentence(one, features, usual, unit=unit) for one in told)


def sentence(step: Step, features: Mapping[str, Feature], usual: Mapping[str, Usual], *, unit: str) -> str:
    """Return one reason: ``income of 21,000 USD raised the score by 0.62 log-odds (usual: 52,000 USD)``."""
    moved = f"{'raised' if step.phi > 0 else 'lowered'} the {target_of(unit)} by {effect(step.phi, unit)}"
    if step.kind == "withheld":
        return f"features that are withheld together {moved}"
    name = step.features[0]
    declared = features.get(name)
    shown = quantity(step.value, None if declared is None else declared.unit)
    subject = f"{name} without a value" if shown == NO_VALUE else f"{name} of {shown}"
    before = usual_words(name, declared, usual)
    return f"{subject} {moved}{f' (usual: {before})' if before else ''}"


def target_of(unit: str) -> str:
    """Return what is moved: the score of a classifier, the prediction of a regression."""
    return "prediction" if unit == PREDICTION else "score"


def usual_words(name: str, declared: Feature | None, usual: Mapping[str, Usual]) -> str:
    """Return what is usual of a feature: its median, or its most frequent level with its share; empty if unknown."""
    known = usual.get(name)
    if known is None or known.centre is None:
        return ""
    shown = quantity(known.centre, None if declared is None else declared.unit)
    return shown if known.numeric else f"{shown}, {100 * known.levels[0][1]:.0f} % of rows"
