"""Title and sentences of the Performance page: findings in words, made from the numbers of the view."""

from app import words
from app.choices import ALL_SEGMENTS
from app.performance.metrics import METRICS
from app.performance.segments import badness
from app.performance.views import MetricFact, PerformanceView, SegmentDots, VersionFact, WorstWindow
from core.performance.display import Confusion
from core.selection import ReferenceKind
from core.states import State
from core.windows import unit_noun

ALARMING = (State.WARNING, State.CRITICAL)


def performance_title(view: PerformanceView) -> str:
    """Return how good the model is in the window, and whether that changed."""
    breaches = view.breaches()
    if breaches:
        return capital(f"{_moved(breaches[0])}{_since(view, breaches[0])}{_and_more(len(breaches) - 1)}")
    if view.alarms:
        return _in_segment(view)
    worst = _worst_here(view)
    if worst is not None:
        return f"{capital(worst.state.value)} in this window: {words.plain(_episode(worst))}"
    fact = view.facts[view.headline]
    spoken = METRICS[view.headline]
    if fact.value is None:
        if view.earlier is None:
            return capital(f"{words.plain(spoken.name)} cannot be given yet")
        was = f"{words.plain(spoken.name)} was {words.plain(spoken.text(view.earlier.value))}"
        return capital(f"{was} in the last complete window; this one waits for labels")
    shown = f"{words.plain(spoken.name)} is {words.plain(spoken.text(fact.value))}"
    if not view.mature:
        return capital(f"{shown} so far, labels still arriving")
    if fact.reference is None:
        return capital(shown)
    if view.stored and fact.raw_state in ALARMING:
        return f"{capital(_moved(fact))}, not yet in enough windows for an alarm"
    if view.stored and fact.state is State.HEALTHY:
        return capital(f"{shown}: no alarm against the reference")
    return capital(f"{shown}, {words.plain(spoken.text(fact.reference))} in the reference")


def _worst_here(view: PerformanceView) -> WorstWindow | None:
    """Return the episode of breach that the whole window is; None where another selection is shown."""
    asked = view.segment == ALL_SEGMENTS and view.reference == ReferenceKind.TRAINING.value
    return next((one for one in view.worst if asked and one.window == view.window), None)


def worst_words(one: WorstWindow) -> str:
    """Return what an episode of breach was: ``Log loss +76 % on average``, and in which segment."""
    return capital(_episode(one))


def _episode(one: WorstWindow) -> str:
    spoken = METRICS[one.metric]
    if not one.changed:
        size = spoken.text(one.mean)
    elif one.relative:
        size = words.signed(f"{100 * one.mean:+.0f} %")
    else:
        size = spoken.change(one.mean)
    where = f" in {one.segment}" if one.segment else ""
    return f"{spoken.name} {size} on average{where}"


def _in_segment(view: PerformanceView) -> str:
    """Return what is over its limit in which segment, where all rows together are not."""
    first = view.alarms[0]
    name = METRICS[first.metric].name
    numbers = f": {words.plain(first.detail)}" if first.detail else ""
    since = f" since {words.unit(first.since, view.grain)}" if first.since else ""
    more = len({one.segment for one in view.alarms}) - 1
    others = f", and in {words.plural(more, 'more segment')}" if more else ""
    return f"{words.plain(capital(name))} is over its limit in {words.plain(first.segment)}{numbers}{since}{others}"


def _moved(fact: MetricFact) -> str:
    """Return what a metric in breach did: ``recall fell from 61.2 % to 48.0 %``, or which limit it passed."""
    spoken = METRICS[fact.metric]
    name, now = words.plain(spoken.name), words.plain(spoken.text(fact.value))
    if fact.value is None:
        return f"{name} has an open alarm"
    changed = fact.limit is not None and fact.limit.code.endswith("_change")
    if not changed or fact.reference is None:
        return f"{name} is beyond its limit: {now}"
    verb = "fell" if fact.value < fact.reference else "rose"
    return f"{name} {verb} from {words.plain(spoken.text(fact.reference))} to {now}"


def _since(view: PerformanceView, fact: MetricFact) -> str:
    return f" since {words.unit(fact.since, view.grain)}" if fact.since else ""


def _and_more(others: int) -> str:
    return f", {others} more {'metric' if others == 1 else 'metrics'} over a limit" if others > 0 else ""


def capital(text: str) -> str:
    """Return `text` with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"


def performance_sentence(view: PerformanceView) -> str:
    """Return what the numbers rest on, and what to do next."""
    rows = words.plain(view.words.rows)
    if not view.n:
        return f"There are no {rows} in this window: choose another one, or look at Service."
    if not view.n_labelled:
        return f"No actual is known yet for {view.n:,} {rows}: {words.plain(view.maturity_reason)}.{_before(view)}"
    known = f"Actuals are known for {view.n_labelled:,} of {view.n:,} {rows}"
    if not view.mature:
        return f"{known}; {words.plain(view.maturity_reason)}. There is no verdict before that.{_before(view)}"
    return f"{known}. {_next_step(view)}"


def _before(view: PerformanceView) -> str:
    """Return what the last complete window shows; empty without one."""
    earlier, spoken = view.earlier, METRICS[view.headline]
    if earlier is None:
        return ""
    between = spoken.interval(earlier.low, earlier.high)
    interval = f" [{between}]" if between else ""
    reference = view.facts[view.headline].reference
    compared = "" if reference is None else f", {spoken.text(reference)} in the reference"
    shown = f"{spoken.name} {spoken.text(earlier.value)}{interval}{compared}"
    return f" The last complete window is {words.plain(earlier.when())}: {words.plain(shown)}."


def _next_step(view: PerformanceView) -> str:
    if view.alarms and not view.breaches():
        first = words.plain(view.alarms[0].segment)
        return f"All rows together are within the limits. Choose {first} in the header and compare its inputs on Drift."
    worst = _worst_segment(view)
    where = f"Look first at {words.plain(worst)}, the worst segment below." if worst else ""
    if view.breaches():
        return where or "Compare the inputs on Drift: did they move too?"
    if not view.stored:
        unit = unit_noun(view.grain)
        return (
            f"Verdicts are given {unit} by {unit} for all segments against training: choose one {unit} for its state."
        )
    judged = [one for one in view.facts.values() if one.state is not State.NOT_APPLICABLE]
    if not judged:
        reasons = [one.why for one in view.facts.values() if one.why]
        return words.plain(capital(reasons[0]) + ".") if reasons else "Nothing was judged in this window."
    once = [one for one in judged if one.raw_state in ALARMING]
    if once:
        rule = once[0].limit
        often = "" if rule is None else f" before {rule.persistence.needed} of {rule.persistence.of} windows are beyond"
        return f"{where} It is no alarm{often}.".strip()
    return f"{where} Nothing is over a limit.".strip() if worst else "Nothing is over a limit: nothing to do."


def _worst_segment(view: PerformanceView) -> str:
    """Return the segment that is worst in the headline with all of its interval worse than the whole population."""
    shown, fact = view.segments.get(view.headline), view.facts[view.headline]
    if shown is None or fact.value is None:
        return ""
    for dot in shown.dots:
        better_end = min((dot.low, dot.high), key=lambda end: badness(view.headline, end or 0.0))
        apart = dot.low is not None and badness(view.headline, better_end or 0.0) > badness(view.headline, fact.value)
        if dot.judged and apart:
            return dot.name
    return ""


def series_finding(view: PerformanceView, metric: str) -> str:
    """Return what the course of a metric shows."""
    fact, spoken, series = view.facts[metric], METRICS[metric], view.series[metric]
    name = words.plain(capital(spoken.name))
    known = [value for value, mature in zip(series.value, series.mature, strict=True) if value is not None and mature]
    if fact.state in ALARMING:
        return f"{capital(_moved(fact))}{_since(view, fact)}"
    if not known:
        return f"{name}: no window is complete enough yet"
    worst = max(known, key=lambda value: badness(metric, value))
    windows = words.plural(len(known), "window")
    return f"{name}: at worst {words.plain(spoken.text(worst))} in {windows} with complete actuals"


def segments_finding(shown: SegmentDots, metric: str) -> str:
    """Return which segment is worst, and how far it is from the best."""
    spoken = METRICS[metric]
    if not shown.dots:
        return f"{words.plain(capital(spoken.name))} cannot be given for any segment"
    worst, best = shown.dots[0], shown.dots[-1]
    if len(shown.dots) == 1:
        return f"{words.plain(worst.name)}: {words.plain(spoken.text(worst.value))}"
    return (
        f"Worst is {words.plain(worst.name)} with {words.plain(spoken.text(worst.value))}, best "
        f"{words.plain(best.name)} with {words.plain(spoken.text(best.value))}"
    )


def left_out(shown: SegmentDots, drawn: int) -> str:
    """Return which segments are not drawn, and why."""
    reasons = sorted({reason for _, reason in shown.withheld})
    if not shown.dots and not shown.suppressed and len(reasons) == 1:
        return f"{capital(words.plain(reasons[0]))}, in no segment."
    parts = []
    if len(shown.dots) > drawn:
        rest = len(shown.dots) - drawn
        parts.append(f"{rest} better {'one is' if rest == 1 else 'ones are'} in the table only")
    if shown.suppressed:
        names = words.enumerate_names([words.plain(name) for name in shown.suppressed], 4)
        parts.append(f"suppressed with fewer than 10 rows: {names}")
    for reason in reasons[:2]:
        mine = [words.plain(name) for name, why in shown.withheld if why == reason]
        parts.append(f"{words.plain(reason)}: {words.enumerate_names(mine, 3)}")
    return capital("; ".join(parts)) + ("." if parts else "")


def confusion_finding(view: PerformanceView) -> str:
    """Return what the decisions were worth, in the model's own words."""
    shown = view.confusion
    if shown is None:
        return ""
    rows = words.plain(view.words.rows)
    if view.task == "multiclass":
        return _most_confused(shown, rows)
    (tp, fp), (fn, _) = shown.counts
    said, was = words.plain(view.words.positive_decision), words.plain(view.words.positive_actual)
    called = f"{capital(said)}: {tp + fp:,} {rows}" + (
        f", {words.percent(tp / (tp + fp))} of them {was}" if tp + fp else ""
    )
    came = f"{was}: {tp + fn:,}" + (f", {words.percent(tp / (tp + fn))} of them {said}" if tp + fn else "")
    return f"{called}; {came}"


def _most_confused(shown: Confusion, rows: str) -> str:
    wrong = [
        (count, called, actual)
        for row, called in zip(shown.counts, shown.called, strict=True)
        for count, actual in zip(row, shown.actual, strict=True)
        if called != actual
    ]
    count, called, actual = max(wrong, key=lambda one: one[0], default=(0, "", ""))
    if not count:
        return f"All of {shown.n:,} {rows} were called rightly"
    return f"Most often {words.plain(actual)} is taken for {words.plain(called)}: {count:,} {rows}"


def errors_finding(view: PerformanceView) -> str:
    """Return how far off a regression is, and on which side."""
    median, bias = view.facts["median_absolute_error"], view.facts["bias"]
    spoken = METRICS["median_absolute_error"]
    half = "" if median.value is None else f"half of the predictions are off by less than {spoken.text(median.value)}"
    if bias.value is None or view.over is None or view.under is None:
        return words.plain(capital(half)) or "No errors to show"
    if bias.low is not None and bias.high is not None and bias.low <= 0 <= bias.high:
        side = "too high as much as too low"
    else:
        side = f"on average too {'high' if bias.value > 0 else 'low'} by {spoken.text(abs(bias.value))}"
    return words.plain(capital("; ".join(filter(None, (half, side)))))


def versions_finding(facts: tuple[VersionFact, ...], metric: str) -> str:
    """Return whether another version does better than the champion in the window."""
    champion, others = facts[0], [one for one in facts[1:] if one.difference is not None]
    if champion.value is None or not others:
        return "Other versions cannot be compared in this window"
    sure = [one for one in others if one.difference_low is not None and one.difference_high is not None]
    apart = [one for one in sure if (one.difference_low or 0.0) > 0 or (one.difference_high or 0.0) < 0]
    name = words.plain(METRICS[metric].name)
    if not apart:
        return f"{capital(name)}: no version differs from the champion beyond chance"
    best = min(apart, key=lambda one: badness(metric, one.value or 0.0))
    better = badness(metric, best.value or 0.0) < badness(metric, champion.value)
    size = words.plain(METRICS[metric].change(best.difference or 0.0))
    return f"{words.plain(best.version)} ({best.role}) is {'better' if better else 'worse'} in {name}: {size}"
