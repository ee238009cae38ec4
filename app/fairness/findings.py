"""Title and sentences of the Fairness page: findings in words, made from the numbers of the view."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app import words
from app.fairness.views import Alike, FairnessView, WhatIf
from core.errors import CoreError
from core.fairness.gaps import (
    ODDS_DIFFERENCE,
    ODDS_RATIO,
    OPPORTUNITY_DIFFERENCE,
    PARITY_DIFFERENCE,
    PARITY_RATIO,
    Gap,
)
from core.performance.estimates import Estimate
from core.points import finite
from core.windows import unit_noun

NAMES: Mapping[str, str] = {
    "selection_rate": "selected",
    "recall": "true positive rate",
    "false_positive_rate": "false positive rate",
    "false_negative_rate": "false negative rate",
    "precision": "precision",
    "negative_predictive_value": "negative predictive value",
    "accuracy": "accuracy",
    "base_rate": "base rate",
    "roc_auc": "ROC AUC",
    "mean_score": "mean score",
    "ece_debiased": "calibration error",
    "calibration_intercept": "calibration intercept",
    "calibration_slope": "calibration slope",
    "calibration_in_the_large": "calibration in the large",
    PARITY_DIFFERENCE: "gap in selection rates",
    PARITY_RATIO: "ratio of selection rates",
    ODDS_DIFFERENCE: "gap in error rates (equalized odds)",
    ODDS_RATIO: "ratio of error rates",
    OPPORTUNITY_DIFFERENCE: "gap in true positive rates (equal opportunity)",
}
SIGNIFICANT = 0.01
LONGEST_MEANING = 28


def title(view: FairnessView) -> str:
    """Return the largest gap between groups in words, or that nothing can be said."""
    gap = view.gap(PARITY_DIFFERENCE)
    value = number(gap.estimate)
    column = words.plain(view.column)
    if view.answer.all_withheld:
        return f"{capital(column)}: withheld by group, too few people in a group"
    if value is None:
        return f"{capital(column)}: no two groups are large enough to be compared"
    high, low = (words.plain(view.answer.rates.labels[int(place)]) for place in (gap.highest, gap.lowest))
    shares = [words.percent(share_of(view, "selection_rate", int(place))) for place in (gap.highest, gap.lowest)]
    chance = number_of(gap.chance.limit)
    if chance is not None and value <= chance:
        return f"{capital(column)}: selection rates differ by {points(value)}, no more than chance would show"
    return f"{capital(high)} {words.plain(view.decided)} in {shares[0]}, {low} in {shares[1]}: {points(value)} apart"


def surely_apart(view: FairnessView) -> float:
    """Return the largest gap that groups of the column have for certain: the lower end of its interval; else 0."""
    gaps = (view.gap(name).estimate for name in (PARITY_DIFFERENCE, OPPORTUNITY_DIFFERENCE, ODDS_DIFFERENCE))
    return max((finite(float(one.low)) or 0.0 for one in gaps), default=0.0)


def sentence(view: FairnessView) -> str:
    """Return why it matters and what to do next."""
    worst = view.gap(ODDS_DIFFERENCE)
    value = number(worst.estimate)
    if value is None:
        return f"Errors by group cannot be compared: {words.plain(told(worst.estimate.note))}."
    chance = number_of(worst.chance.limit)
    more = chance is not None and value > chance
    which = NAMES[str(worst.decided_by)]
    said = f"Errors: the {which} differs by {points(value)}"
    if not more:
        return f"{said}, no more than chance would show at these sizes. Look at the trend before you act."
    high, low = (words.plain(view.answer.rates.labels[int(place)]) for place in (worst.highest, worst.lowest))
    return (
        f"{said} ({high} highest, {low} lowest), more than chance would show: look among rows that are alike whether "
        "it remains, then decide with the owner what is acceptable."
    )


def shown_words(view: FairnessView) -> str:
    """Return which blocks the numbers are of."""
    window = words.window(view.answer.window, view.grain)
    unit = words.plural(view.unit_count, unit_noun(view.grain))
    if not view.inside:
        return f"Shown: {window}, the last whole release block (of {unit}) before the end of the chosen window."
    cut = "" if view.answer.window == view.asked else ", whole release blocks only"
    return f"Shown: {window}{cut} (release blocks of {unit})."


def withheld_words(view: FairnessView) -> str:
    """Return which groups are withheld, and why; empty when none is."""
    found = view.withheld()
    return " ".join(f"**{words.plain(group)}**: {words.plain(reason)}." for group, reason in found)


def share_of(view: FairnessView, rate: str, place: int) -> float | None:
    """Return a rate of a group."""
    return finite(float(view.answer.rates.estimates[rate].value[place]))


def number(found: Estimate) -> float | None:
    """Return the value of a single estimate, None where it is withheld."""
    return finite(float(found.value))


def number_of(found: NDArray[np.float64]) -> float | None:
    """Return a single number of an array without axes, None where there is none."""
    return finite(float(found))


def points(value: float | None) -> str:
    """Return a difference of shares in percentage points.

    >>> points(0.1234)
    '12.3 points'
    """
    return words.NONE if value is None else f"{words.signed(f'{100 * value:.1f}')} points"


def between(found: Estimate, place: int | None = None) -> str:
    """Return the interval of an estimate of a share, or of one of its groups."""
    at = found if place is None else found.at((place,))
    low, high = finite(float(at.low)), finite(float(at.high))
    return (
        ""
        if low is None or high is None
        else f"{words.signed(f'{100 * low:.1f}')} to {words.signed(f'{100 * high:.1f}')}"
    )


def chance_words(gap: Gap) -> str:
    """Return what no difference would show at these sizes."""
    mean, limit = number_of(gap.chance.mean), number_of(gap.chance.limit)
    if mean is None or limit is None:
        return ""
    return f"no difference would show {100 * mean:.1f} on average, over {100 * limit:.1f} in one case of twenty"


def alike_words(alike: Alike) -> str:
    """Return what remains of the largest gap among rows that are alike."""
    gaps = alike.gaps
    whole, kept = ([finite(float(value)) for value in found.value] for found in (alike.whole, gaps.pooled))
    others = [n for place, n in enumerate(alike.n_levels) if place != gaps.against]
    enough = [2 * n >= max(others, default=0) for n in alike.n_levels]
    known = [
        (abs(value), place)
        for place, value in enumerate(whole)
        if value is not None and kept[place] is not None and enough[place]
    ]
    if not known:
        return f"Too many groups are withheld by {words.plain(alike.control)}: nothing can be compared among alike"
    _, place = max(known)
    group, against = (words.plain(alike.table.first_labels[one]) for one in (place, gaps.against))
    return (
        f"{capital(group)} against {against}: {points(whole[place])} over all rows, {points(kept[place])} among rows "
        f"of the same {words.plain(alike.control)}"
    )


def frontier_words(found: WhatIf) -> str:
    """Return what the smallest reachable gap would cost."""
    curve = found.frontier
    if curve is None or not curve.points:
        return "No frontier can be drawn"
    first, now = curve.points[0], curve.present
    cost = 100 * (now.accuracy - first.accuracy)
    price = "no accuracy" if abs(cost) < 0.05 else f"{abs(cost):.1f} points of accuracy"
    verb = "gain" if cost < -0.05 else "cost"
    return f"A gap of {points(first.gap)} instead of {points(now.gap)} would {verb} {price}"


SHORT: Mapping[str, str] = {"selection_rate": "selected", "recall": "TP rate", "false_positive_rate": "FP rate"}
"""Names of rates on the axes of the dots."""

WHAT_TO_DO = (
    "Fairness needs a binary model with protected columns declared under columns.protected of model.yaml, their "
    "values in the log, and at least one closed release block with its labels."
)


def axis_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Return names short enough for the axis of a narrow screen, where they stay apart.

    >>> axis_names(["White", "Native Hawaiian or Pacific Islander"])
    ('White', 'Native Hawaiian or P…')
    """
    short = tuple(f"{one[:20]}…" if len(one) > 22 else one for one in labels)
    return short if len(set(short)) == len(short) else tuple(labels)


def column_words(name: str, meaning: str) -> str:
    """Return a protected column with what it means, where that is short and says more than its name.

    >>> column_words("RAC1P", "race as recorded"), column_words("SEX", "sex"), column_words("AGEP", "")
    ('RAC1P · race as recorded', 'SEX', 'AGEP')
    """
    says_more = meaning and len(meaning) <= LONGEST_MEANING and meaning.casefold() != name.casefold()
    return f"{name} · {meaning}" if says_more else name


def told(reason: str) -> str:
    """Return a reason without its first words, which a sentence says already."""
    return reason.removeprefix("not applicable: ")


def sentence_of(error: CoreError) -> str:
    """Return why something is not shown as a sentence, whether or not the core wrote one."""
    return f"{capital(str(error)).rstrip('.')}."


def capital(text: str) -> str:
    """Return `text` with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"
