"""Titles and sentences of the Drift page: findings in words, made from the numbers of a view."""

from app import words
from app.drift.further import words_of
from app.drift.views import Change, DriftRow, DriftView, FeatureView, SlowLine
from app.findings import ALARMING, sentence
from core.drift.detail import Where
from core.drift.display import Distribution
from core.drift.figures import grouped
from core.states import State

VALUE = "PSI above chance"


def drift_title(view: DriftView) -> str:
    """Return in how many features there is drift, and which one leads."""
    over = view.over()
    total = words.plural(len(view.rows), "feature")
    if not view.rows:
        return "Drift cannot be judged yet"
    if over:
        led = ": " if len(over) == 1 else ", led by "
        return f"Drift in {len(over)} of {total}{led}{words.plain(over[0].feature)}"
    if view.score is not None and view.score.state in ALARMING:
        gone = len(absent(view))
        return (
            f"Predictions drifted; {gone} of {total} hold no values" if gone else "Predictions drifted, no feature did"
        )
    came = [one.name for one in view.outcomes if one.name != "predictions" and one.row.state in ALARMING]
    if came:
        return f"{sentence(words.enumerate_names(came)).removesuffix('.')} drifted, no feature did"
    gone = len(absent(view))
    if gone:
        return f"{gone} of {total} hold no values{'' if gone == len(view.rows) else '; no drift in the others'}"
    if view.further:
        first = words_of(view.further[0])
        named = f"T{first[1:]}" if first.startswith("the ") else first
        return f"{named}{_more(len(view.further) - 1)}"
    judged = [row for row in view.rows if row.state is State.HEALTHY]
    if not judged:
        return f"Drift cannot be judged yet in any of {total}"
    if len(judged) < len(view.rows):
        return f"No drift in {len(judged)} of {total}; the others cannot be judged"
    return f"No drift in {total}"


def _more(others: int) -> str:
    return f", and {words.plural(others, 'more finding')}" if others else ""


def absent(view: DriftView) -> list[DriftRow]:
    """Return the features that hold no values in the window although the reference has some, most important first."""
    rows = [row for row in view.rows if row.absent]
    return sorted(rows, key=lambda row: -(row.importance or 0.0))


def drift_sentence(view: DriftView) -> str:
    """Return why it matters and what to do next."""
    if not view.rows:
        return words.plain(sentence(view.reason))
    parts = [_moved(view), _relation(view), _next_step(view)]
    return " ".join(part for part in parts if part)


def _moved(view: DriftView) -> str:
    score = view.score
    inputs = "Inputs moved" if view.over() else "No input moved beyond its limit"
    others = [one for one in view.outcomes if one.name != "predictions" and one.row.state in ALARMING]
    if others and (score is None or score.state not in ALARMING):
        names = words.enumerate_names([f"the {one.name} (PSI {words.two(one.row.psi)})" for one in others])
        return f"{inputs}, {'and so did' if view.over() else 'but'} {names}{'' if view.over() else ' did'}."
    if score is None or score.state is State.NOT_APPLICABLE:
        return f"{inputs}."
    if score.state in ALARMING:
        joint = "and so did" if view.over() else "but"
        tail = "" if view.over() else " did"
        return f"{inputs}, {joint} the predictions{tail} (PSI {words.two(score.psi)})."
    if score.significant is False:
        return f"{inputs}; the predictions show no significant change."
    return f"{inputs}; the predictions stayed within their limit."


def _relation(view: DriftView) -> str:
    """Return how good the model is in the window; a change is claimed only when the stored verdict does."""
    change = view.performance
    if change is None or change.value is None:
        reason = "" if change is None else change.reason.removeprefix("not applicable: ")
        return f"Whether the relation held is not known: {words.plain(reason)}." if reason else ""
    name = words.plain(change.metric)
    low, high = words.metric_value(change.code, change.low), words.metric_value(change.code, change.high)
    value = f"{words.metric_value(change.code, change.value)} [{low} to {high}]"
    then = words.metric_value(change.code, change.reference)
    if _relation_changed(change) and change.reference is not None:
        worse = "fell" if change.value < change.reference else "rose"
        return f"The relation changed: {name} {worse} from {then} to {value}."
    before = "" if change.reference is None else f", {then} in the reference"
    if not change.mature:
        known = f"on {change.n:,} of {view.n:,} rows"
        return f"Labels are still arriving: {name} is so far {value} {known}{before}."
    return f"{name[:1].upper()}{name[1:]} is {value}{before}."


def _relation_changed(change: Change | None) -> bool:
    return change is not None and change.state in ALARMING


def _next_step(view: DriftView) -> str:
    over = view.over()
    if over:
        since = f", over its limit since {words.unit(over[0].since, view.grain)}" if over[0].since else ""
        return f"Look at {words.plain(over[0].feature)} first{since}."
    gone = absent(view)
    if gone:
        names = words.enumerate_names([words.plain(row.feature) for row in gone])
        return f"Look at the source of {names} first: no values in this window."
    if view.score is not None and view.score.state in ALARMING:
        return "Each feature is within its limit: look at several together, and at the segments."
    if view.further and view.further[0].segments:
        return f"Choose {words.plain(view.further[0].segments[0])} in the header to see it: all rows together hide it."
    noted = " ".join(part for part in (_missing(view), _season(view)) if part)
    return noted or ("" if _relation_changed(view.performance) else "Nothing to do.")


def _missing(view: DriftView) -> str:
    """Return which features are missing more often than the check of missing values bears, worst first."""
    bears = view.limits.missing
    over = sorted((row for row in view.rows if bears is not None and _rise(row) >= bears), key=_rise, reverse=True)
    if not over:
        return ""
    worst = over[0]
    names = words.enumerate_names([words.plain(row.feature) for row in over])
    before = words.percent(worst.missing_reference).removesuffix(" %")
    shares = f"{before} → {words.percent(worst.missing_current)}"
    return f"Look at the source of {names}: missing in more rows ({'up to ' if len(over) > 1 else ''}{shares})."


def _rise(row: DriftRow) -> float:
    """Return by how much the missing share has risen; 0 when it is not known."""
    if row.missing_current is None or row.missing_reference is None:
        return 0.0
    return row.missing_current - row.missing_reference


def _season(view: DriftView) -> str:
    far = [row for row in view.rows if row.seasonal and (row.training_outside or 0) >= 0.5]
    if not far:
        return ""
    share = words.percent(far[0].training_outside)
    return f"{words.plain(far[0].feature)} lies outside its training range in {share} of rows: season, not an alarm."


def distribution_finding(shown: Distribution, *, numeric: bool, feature: str = "") -> str:
    """Return which cell changed most, in words; a category with its `feature`, as a code alone says nothing."""
    if not shown.n_current:
        return "No distribution in this window"
    changes = [now - before for now, before in zip(shown.current_share, shown.reference_share, strict=True)]
    at = max(range(len(changes)), key=lambda place: abs(changes[place]))
    unit = f" {shown.unit}" if shown.unit and at < len(shown.names) - shown.n_missing_cells else ""
    cell = grouped(shown.names)[at] if numeric else f"{feature} = {shown.names[at]}" if feature else shown.names[at]
    name = words.plain("Missing" if at >= len(shown.names) - shown.n_missing_cells else f"{cell}{unit}")
    name = f"{name[:1].upper()}{name[1:]}" if numeric else name
    before, now = words.percent(shown.reference_share[at]), words.percent(shown.current_share[at])
    if abs(changes[at]) < 0.01:
        return f"Nearly the same as in the reference; most changed is {name}, {before} → {now}"
    return f"{name}: {before} of rows in the reference, {now} now"


def series_finding(view: FeatureView) -> str:
    """Return since when the feature is over its limit."""
    row, series = view.row, view.series
    if series is None:
        return "No windows to compare"
    known = [value for value in series.excess if value is not None]
    if not known:
        return f"{VALUE} cannot be computed in these windows"
    if not series.limits:
        return f"{VALUE}{' against training' if row.seasonal else ''}: information, no verdict"
    if row.state in ALARMING:
        since = f" since {words.unit(row.since, row.grain)}" if row.since else ""
        return f"{VALUE}: over the limit{since}"
    if row.state is State.NOT_APPLICABLE:
        return f"{VALUE}: no verdict in this window"
    over = sum(state in ALARMING for state in series.states)
    if over:
        return f"{VALUE}: no alarm now, {over} in earlier windows"
    lowest = min(line.value for line in series.limits)
    beyond = sum(value >= lowest for value in known)
    if beyond:
        return f"{VALUE}: past the limit {words.plural(beyond, 'time')}, never significantly"
    return f"{VALUE}: below the limit throughout"


def slow_finding(line: SlowLine) -> str:
    """Return since when a check of slow drift is over its limit."""
    series = line.series
    title = f"{line.name[:1].upper()}{line.name[1:]}"
    if line.state in ALARMING:
        first = next(
            (
                start
                for start, state in reversed(list(zip(series.starts, series.states, strict=True)))
                if state not in ALARMING
            ),
            None,
        )
        return f"{title}: over the limit" + (f" since {words.unit(first, series.grain)}" if first else "")
    if line.state is State.NOT_APPLICABLE:
        return f"{title}: no verdict in this window"
    over = sum(state in ALARMING for state in series.states)
    return f"{title}: no alarm now, {over} in earlier windows" if over else f"{title}: within the limit throughout"


def stands_out(found: Where) -> bool:
    """Say whether the first segment moved by itself: its interval lies above 0."""
    return bool(found.segments) and found.segments[0].share > 0 and found.segments[0].low > 0


def where_finding(view: FeatureView, found: Where) -> str:
    """Return which segment carries most of the drift, in words."""
    first = found.segments[0]
    if not stands_out(found):
        return f"Where: {words.plain(view.row.feature)} moved in no segment by itself"
    name = f"{words.plain(first.column)} \\= {words.plain(first.value)}"
    return f"Where: {name} carries {words.percent(first.share)} of it (n \\= {first.n:,})"


def compared(row: DriftRow) -> str:
    """Return with what the feature is compared, in words."""
    return f"seasonal: compared with {row.compared_with}" if row.seasonal else f"compared with {row.compared_with}"
