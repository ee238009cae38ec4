"""Title and sentences of the Explain page: findings in words, made from the numbers of the view."""

from collections.abc import Mapping, Sequence

from app import words
from app.explanation.views import ExplainView
from core.explain.attribution_drift import AttributionDrift
from core.explain.counterfactuals import Counterfactual, Counterfactuals
from core.explain.explanation import Explanation
from core.explain.figures import Shift
from core.explain.global_importance import shares
from core.explain.row_explanation import RowExplanation
from core.explain.wording import CLASS_SCORE, LOG_ODDS, PREDICTION, number, probability, quantity
from core.states import State

LEADING, MOST_OF_IT = 3, 0.5
TINY = 1e-6
LIMITS = {
    "importance": "The mean of |SHAP| says how much a feature moves this model's scores, not what it causes. Of "
    "features that carry the same information, the model's choice between them decides which one gets the credit.",
    "beeswarm": "One dot a row, at most 500 rows. The height within a line only shows how many dots lie there; grey "
    "dots have no value, are categories, or may not be told.",
    "dependence": "The colour is the feature that seems to interact most, found as shap's approximate_interactions "
    "does: correlation within blocks of similar rows. A sign, no measure; correlated features look the same.",
    "row": "The steps add up to this row's score, checked {error}. They explain the model, not the world: "
    "changing a feature in reality need not move the outcome.",
    "what-if": "The model's answer to another row, within the contract's ranges. Features that would move along in "
    "reality stay where they are.",
    "counterfactuals": "A search, no proof: a nearer row may exist. At most three features change, to values the "
    "reference holds; immutable, protected and proxy features never do. Not advice: feasibility is not checked.",
    "drift": "Each unit rests on a sample of its rows. NDCG sees a changed order of what mattered, not that all "
    "features gained or lost together; ranks of features that matter alike are chance, so they are not judged.",
}


def title(view: ExplainView) -> str:
    """Return which features move the scores, or that the model rests on other features than before."""
    if _alarming(view):
        moved = _moved(view.drift)
        return f"The model rests on other features than in training{f': {words.plain(moved)}' if moved else ''}"
    found = view.explanation
    if found is None:
        return f"Why {words.plain(view.model)} scores as it does"
    part = shares(found.importance)
    leading = _leading(part)
    if not leading:
        return "No feature moves the scores of these rows"
    total = sum(part[name] for name in leading)
    names = words.plain(words.enumerate_names(leading))
    verb = "moves" if len(leading) == 1 else "move"
    return f"{names} {verb} the scores most: {words.plain(words.percent(total))} of all movement"


def _leading(part: Mapping[str, float]) -> list[str]:
    """Return the fewest features, at most three, that make up most of the movement; part is largest first."""
    found: list[str] = []
    for name, share in part.items():
        if share <= 0 or len(found) == LEADING or sum(part[one] for one in found) > MOST_OF_IT:
            break
        found.append(name)
    return found


def _alarming(view: ExplainView) -> bool:
    return view.verdict is not None and view.verdict.state in (State.WARNING, State.CRITICAL)


def _moved(drift: AttributionDrift | None) -> str:
    if drift is None:
        return ""
    first = max(shifts(drift, most=len(drift.features)), key=lambda one: abs(one.now - one.before))
    return f"{first.feature} {words.percent(first.before)} → {words.percent(first.now)}"


def sentence(view: ExplainView) -> str:
    """Return why it matters and what to do next, in one sentence."""
    rows = words.plain(view.rows)
    if _alarming(view):
        return (
            f"Scores of {rows} are made of other inputs than those that were tested: look at the drift of the "
            "features that moved before anything is retrained."
        )
    if view.explanation is None:
        return f"Of {rows}: which features move the scores, how, and why a single row got its own."
    return (
        f"Of {rows}: drift or bad data in what leads does most harm; look at one row below before a score is "
        "explained to anybody."
    )


def shifts(drift: AttributionDrift, *, most: int) -> tuple[Shift, ...]:
    """Return the shares of importance in reference and window, largest first."""
    before = drift.reference / (drift.reference.sum() or 1.0)
    now = drift.importance / (drift.importance.sum() or 1.0)
    order = sorted(range(len(drift.features)), key=lambda place: -max(before[place], now[place]))[:most]
    return tuple(Shift(feature=drift.features[place], before=before[place], now=now[place]) for place in order)


def sample_caption(found: Explanation, rows: str) -> str:
    """Return what the sample is, who explained it and how well it adds up."""
    origin = found.origin
    whole = origin.n_rows <= found.n
    drawn = f"all {found.n:,} {rows}" if whole else f"{found.n:,} of {origin.n_rows:,} {rows}, seed {origin.seed}"
    by = "logged SHAP values" if origin.source == "logged" else f"the model file, {found.explainer}"
    approximate = ", approximate" if found.approximate else ""
    adds = f"every row adds up {within(found.additivity_error)}"
    gap = ""
    if found.score_gap is not None and found.score_gap > 1e-3:
        gap = f" · ▲ the model file and the logged scores differ by up to {number(found.score_gap)}"
    return f"{drawn} · {by}{approximate}, in {found.unit} · {adds}{gap}"


def capital(text: str) -> str:
    """Return text with its first letter large."""
    return text[:1].upper() + text[1:]


def within(error: float) -> str:
    """Return how well rows add up.

    >>> within(3e-15), within(0.00004)
    ('within 0.000001', 'within 0.00004')
    """
    return f"within {number(float(f'{max(error, TINY):.1g}'))}"


def importance_finding(found: Explanation) -> str:
    """Return what leads, and by how much."""
    points = [one for one in found.importance if one.value]
    if not points:
        return "No feature moves the scores"
    first = points[0]
    unit = "" if found.unit == PREDICTION else f" {found.unit}"
    text = f"{first.feature} moves a score by {number(_three(first.value or 0.0))}{unit} on average"
    return words.plain(text)


def beeswarm_finding(found: Explanation) -> str:
    """Return how far the leading feature reaches."""
    points = [one for one in found.importance if one.value]
    if not points:
        return "All dots lie at 0"
    values = found.values[:, found.features.index(points[0].feature)]
    low, high = float(values.min()), float(values.max())
    digits = len(number(_three(max(abs(low), abs(high)))).partition(".")[2])
    ends = (number(round(end, digits)) for end in (low, high))
    return words.plain(f"{points[0].feature} moves scores by {' to '.join(ends)} {found.unit}")


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def dependence_finding(feature: str, partner: str | None) -> str:
    """Return what is drawn of a feature, and what colours it."""
    by = f", coloured by {partner}" if partner else ""
    return words.plain(f"{feature} and what it adds to the score{by}")


def row_title(one: RowExplanation, rows: str) -> str:
    """Return what the model says of a row."""
    return words.plain(f"{rows} {one.facts.id}: {answer(one)}")


def answer(one: RowExplanation) -> str:
    """Return a prediction with its margin: log-odds are shown as a probability."""
    if one.unit == LOG_ODDS:
        return f"score {words.three(one.prediction)}, {number(_three(one.margin))} log-odds"
    named = "class score" if one.unit == CLASS_SCORE else "prediction" if one.unit == PREDICTION else "score"
    return f"{named} {number(_three(one.prediction))}"


def base_words(one: RowExplanation) -> str:
    """Return the base: what the model says before it knows anything of a row."""
    if one.unit != LOG_ODDS:
        return number(_three(one.base))
    return f"{number(_three(one.base))} log-odds, a probability of {words.percent(probability(one.base))}"


def waterfall_finding(one: RowExplanation) -> str:
    """Return which step is the largest."""
    last = one.steps[-1] if one.steps else None
    if last is None or not last.phi:
        return "Nothing moves this row"
    name = "withheld features" if last.kind == "withheld" else last.features[0]
    return words.plain(f"{name} {'raises' if last.phi > 0 else 'lowers'} it most")


def withheld_words(one: RowExplanation) -> str:
    """Return what is withheld in a row view and why; empty where nothing is."""
    hidden = next((bar for bar in one.bars if bar.withheld), None)
    if hidden is None:
        return ""
    names = words.enumerate_names(list(hidden.features), 6)
    extra = [name for name in hidden.features if name not in one.withheld]
    merged = f" {extra[0]} is summed with it, so that no single one follows from the sum." if extra else ""
    return words.plain(f"Withheld as protected or a declared proxy, shown as one sum: {names}.{merged}")


def change_words(one: RowExplanation, changed: RowExplanation) -> str:
    """Return what other values do to the score."""
    before, after = one.prediction, changed.prediction
    told = words.enumerate_names([f"{name} {quantity(value)}" for name, value in changed.changes.items()], 6)
    verb = "stays at" if abs(after - before) < 5e-4 else "rises to" if after > before else "falls to"
    shown = words.three(after) if one.unit == LOG_ODDS else number(_three(after))
    was = words.three(before) if one.unit == LOG_ODDS else number(_three(before))
    return words.plain(f"With {told} it {verb} {shown} (was {was})")


def counterfactual_rows(found: Counterfactuals, one: RowExplanation) -> dict[str, Sequence[str | float]]:
    """Return the table of counterfactuals, by column."""
    return {
        "change": [_change(near, one) for near in found.found],
        "features": [len(near.changes) for near in found.found],
        "distance": [round(near.distance, 3) for near in found.found],
        "score": [round(near.prediction, 4) for near in found.found],
    }


def _change(near: Counterfactual, one: RowExplanation) -> str:
    told = [f"{name} {quantity(one.values.get(name))} → {quantity(value)}" for name, value in near.changes.items()]
    return ", ".join(told)


def drift_finding(drift: AttributionDrift) -> str:
    """Return how alike the orders of importance are."""
    interval = f"{words.three(drift.ndcg_low)} to {words.three(drift.ndcg_high)}"
    return words.plain(
        f"NDCG {words.three(drift.ndcg)} [{interval}], rank correlation {words.two(drift.spearman)} "
        f"[{words.interval(drift.spearman_low, drift.spearman_high)}]"
    )
