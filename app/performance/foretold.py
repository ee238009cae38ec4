"""Sentences about estimates, label coverage and lag: findings in words, made from the numbers of the view."""

from app import words
from app.findings import told
from app.performance.metrics import METRICS
from app.performance.views import EstimatedFact, EstimationView, PerformanceView

NOT_SEEN = "It cannot see that the relation itself changed: only actuals show that."
WIDE = 1.05


def estimate_words(view: PerformanceView, metric: str) -> str:
    """Return what the scores alone expect of a metric in the window, and what that cannot see; markdown."""
    found = view.estimation
    fact = None if found is None else found.facts.get(metric)
    if found is None or fact is None:
        return ""
    name = words.plain(METRICS[metric].name)
    if fact.value is None:
        return f"Not estimated before actuals: {words.plain(told(fact.note))}.{_instead(found)}"
    return f"Dashed: {name} as {_source(view)} expect it, {_value(fact)}. {_came_true(view, fact)}{NOT_SEEN}"


def _instead(found: EstimationView) -> str:
    """Return which metrics are estimated where this one is not; empty without any."""
    names = [METRICS[name].name for name, fact in found.facts.items() if fact.value is not None]
    return f" Estimated here: {words.plain(words.enumerate_names(names, 4))}." if names else ""


def _source(view: PerformanceView) -> str:
    return "features and prediction" if view.task == "regression" else "the scores alone"


def _value(fact: EstimatedFact) -> str:
    spoken = METRICS[fact.metric]
    between = spoken.interval(fact.low, fact.high)
    return words.plain(f"{spoken.text(fact.value)}{f' [{between}]' if between else ''}")


def _came_true(view: PerformanceView, fact: EstimatedFact) -> str:
    """Return whether the realised value of a complete window fell into the band, and how wide that was made."""
    wide = f"The band is {fact.widened:.1f} times as wide as chance: so far did {fact.n_known} earlier windows miss. "
    said = words.plain(wide) if fact.widened > WIDE else ""
    real = view.facts[fact.metric].value
    if not view.mature or real is None or fact.low is None or fact.high is None:
        return said
    shown = words.plain(METRICS[fact.metric].text(real))
    return f"{said}It came to {shown}, {'inside' if fact.low <= real <= fact.high else 'outside'} the band. "


def coverage_finding(view: PerformanceView) -> str:
    """Return how many actuals are known in the window, and whether it is mature; markdown."""
    share = words.percent(view.n_labelled / view.n) if view.n else words.NONE
    return f"{share} of the actuals of this window are known: {'complete enough' if view.mature else 'not judged yet'}"


def maturity_words(view: PerformanceView) -> str:
    """Return what the lags that were seen say of the window's maturity, beside the declared delay; markdown."""
    found = view.estimation
    if found is None or found.mature_by_lag is None:
        return ""
    if found.mature_by_lag == view.mature:
        return _by_lag(found)
    return _by_lag(found) + " Verdicts follow the declared delay."


def _by_lag(found: EstimationView) -> str:
    if found.mature_by_lag:
        return "By the lags seen the window is complete enough."
    return f"By the lags seen: {words.plain(found.lag_reason)}."


def lag_finding(found: EstimationView) -> str:
    """Return how late actuals come and how many never do; markdown."""
    steps = found.lag
    if steps is None:
        return "How late actuals come is not known"
    never = words.percent(1 - steps.plateau)
    days = words.plural(round(steps.wait), "day")
    if not steps.flat:
        return f"90 % of the actuals seen so far came within {days}; more are still coming"
    if steps.plateau >= 0.9995:
        return f"90 % of the actuals come within {days}, and none is missing in the end"
    return f"90 % of the actuals that come are there after {days}; {never} are never labelled"


def early_words(view: PerformanceView) -> str:
    """Return whether the rows with an actual are a fair sample of the window; empty where nothing is to be said."""
    early = None if view.estimation is None else view.estimation.early
    if early is None or not early.unfair:
        return ""
    size = f"V {words.two(early.size)}, p {words.p_value(early.p)}"
    rows = view.words.rows
    if view.mature:
        return (
            f"The {rows} without an actual are not like the others: their scores differ ({size}). "
            f"What is realised leaves them out; what is estimated does not."
        )
    return (
        f"Early labels are not a fair sample: the scores of the {rows} with an actual differ from those without "
        f"({size}). What is known so far is not the whole."
    )
