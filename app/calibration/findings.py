"""Title and sentences of the Calibration page: what the score says, and what happens."""

from app import words
from app.calibration.views import CalibrationView, SegmentRow
from app.findings import ALARMING, sentence
from core.calibration.display import Stretch
from core.states import State
from core.windows import unit_noun


def percent(share: float | None) -> str:
    """Return a share as people say it: whole percents from 10 on, one decimal below.

    >>> percent(0.412), percent(0.031), percent(None)
    ('41 %', '3.1 %', '–')
    """
    if share is None:
        return words.NONE
    return words.percent(share) if share < 0.0995 else f"{100 * share:.0f} %"


def title(view: CalibrationView) -> str:
    """Return what the page found."""
    if view.why_not:
        what = "this model predicts amounts" if view.task == "regression" else "its score is a ranking"
        return f"Calibration does not apply: {what}"
    if view.curve is None or view.stretch is None:
        if view.earlier is None:
            return "Calibration cannot be judged yet"
        error = words.three(view.earlier.value)
        return (
            f"Calibration error was {error} on the last complete {unit_noun(view.grain)}; this window waits for labels"
        )
    if view.state in ALARMING:
        since = f" since {words.plain(view.since)}" if view.since else ""
        return f"{says(view.stretch)}: {where(view.stretch)} are {how(view.stretch)}{since}"
    overall = f"Says {percent(view.said)}, happens {percent(view.happened)} (n = {view.n:,})"
    if view.state is State.NOT_APPLICABLE:
        return f"{overall}: not judged yet"
    worst = view.segments[0] if view.segments else None
    if worst is not None and worst.state in ALARMING:
        return _of_segments(view, worst)
    if view.significant is False:
        return f"{overall}: no significant miscalibration"
    return f"{overall}: scores can be read as probabilities"


def _of_segments(view: CalibrationView, worst: SegmentRow) -> str:
    """Return in which segments scores are off, where those of all rows together are not."""
    more = sum(row.state in ALARMING for row in view.segments) - 1
    others = f", and {words.plural(more, 'more segment')} off" if more else ""
    shown = f"says {percent(worst.said)}, happens {percent(worst.happened)} (n = {worst.n:,})"
    return f"{words.plain(worst.name)}: {shown}{others}; all rows together raise no alarm"


def capital(text: str) -> str:
    """Return `text` with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"


def says(stretch: Stretch) -> str:
    """Return what scores of a stretch say, what happens, and of how many rows."""
    return f"Says {percent(stretch.said)}, happens {percent(stretch.happened)} (n = {stretch.n:,})"


def how(stretch: Stretch) -> str:
    """Return the direction in which a stretch is off."""
    return "too low" if stretch.happened > stretch.said else "too high"


def where(stretch: Stretch) -> str:
    """Return which scores a stretch holds.

    >>> where(Stretch(said=0.3, happened=0.4, low=0.3, high=0.5, n=9, from_score=0.2, to_score=0.4))
    'scores between 0.2 and 0.4'
    """
    low, high = stretch.from_score, stretch.to_score
    if stretch.whole:
        return "all scores"
    if low <= 0.005:
        return f"scores up to {_score(high)}"
    return f"scores above {_score(low)}" if high >= 0.995 else f"scores between {_score(low)} and {_score(high)}"


def _score(score: float) -> str:
    """Return a score without zeros at its end; small ones keep two digits."""
    shown = f"{score:.2f}" if score >= 0.01 else f"{score:.4f}"
    return shown.rstrip("0").rstrip(".")


def why_it_matters(view: CalibrationView) -> str:
    """Return the numbers in one sentence, why they matter, and what to do next."""
    if view.why_not:
        return _not_applicable(view)
    if view.curve is None:
        return words.plain(sentence(f"{view.reason.removeprefix('not applicable: ')}")) + _before(view)
    return " ".join(part for part in (_error(view), _next_step(view)) if part)


def _not_applicable(view: CalibrationView) -> str:
    if view.task == "regression":
        return "A regression has no probability that could be right or wrong; its errors are on the Performance page."
    return (
        "The score is not declared a probability, so what it says cannot be compared with what happens. Its order is "
        "judged on the Performance page; if the score is a probability after all, declare it in `model.yaml` "
        "(`score_kind: probability`)."
    )


def _error(view: CalibrationView) -> str:
    error, perfect = view.figures["ece_debiased"], view.figures["ece_perfect"]
    shown = f"{words.three(error.value)} [{words.interval(error.low, error.high, 3)}]"
    raw = words.three(view.figures["ece"].value)
    return (
        f"The calibration error is {shown} once chance is taken off; as commonly computed it is {raw}, and a perfect "
        f"model would show {words.three(perfect.value)} with this many rows."
    )


def _before(view: CalibrationView) -> str:
    """Return what the last complete unit shows; empty without one."""
    found = view.earlier
    if found is None:
        return ""
    interval = "" if found.low is None else f" [{words.interval(found.low, found.high, 3)}]"
    return (
        f" The last {unit_noun(view.grain)} with complete labels is {words.plain(found.when())}: calibration error "
        f"{words.three(found.value)}{interval}."
    )


def _next_step(view: CalibrationView) -> str:
    if view.immature:
        return f"Not judged: {words.plain(view.immature)}.{_before(view)}"
    if view.state in ALARMING:
        return "Decisions that weigh the probability (prices, limits, thresholds) are off by that much: recalibrate."
    if view.state is State.NOT_APPLICABLE:
        return f"Not judged: {words.plain(view.verdict)}." if view.verdict else ""
    worst = view.segments[0] if view.segments else None
    if worst is not None and worst.state in ALARMING:
        return f"Look at {words.plain(worst.name)} first: its decisions are off by that much."
    if "vary" in view.verdict and view.significant is False:
        unit = unit_noun(view.grain)
        own = f"no more than the reference's own {unit}s"
        return f"Single windows are off by chance and by the {unit}: {own}. Nothing to do."
    return "Nothing to do."


def curve_finding(view: CalibrationView) -> str:
    """Return what the reliability curve shows."""
    if view.stretch is None:
        return "No group has 30 rows with an actual"
    return f"Furthest off, {where(view.stretch)}: {says(view.stretch).replace('Says', 'says', 1)}"


def series_finding(view: CalibrationView) -> str:
    """Return what the error over windows shows."""
    series = view.series
    if series is None:
        return "No windows to draw"
    known = [
        (value, perfect)
        for value, perfect, mature in zip(series.raw, series.perfect, series.mature, strict=True)
        if value is not None and perfect is not None and mature
    ]
    early = sum(not mature for mature in series.mature)
    hollow = f"; {words.plural(early, 'window')} with labels still arriving" if early else ""
    above = sum(value > perfect for value, perfect in known)
    return f"More than a perfect model would show in {above} of {words.plural(len(known), 'window')}{hollow}"


def short_reason(reason: str) -> str:
    """Return why a segment has its state without the numbers that stand beside it.

    >>> short_reason("scores are too low: intercept 1.08, slope 1.28 (p < 0.001 adjusted); not yet in enough windows")
    'scores are too low; not yet in enough windows'
    """
    said, _, after = reason.partition("; ")
    return "; ".join(part for part in (said.split(": intercept", 1)[0], after) if part)


def segment_finding(row: SegmentRow) -> str:
    """Return what the reliability curve of a segment shows."""
    if row.stretch is None:
        return words.plain(row.name)
    said, happened = percent(row.stretch.said), percent(row.stretch.happened)
    return f"{words.plain(row.name)}: says {said}, happens {happened}"
