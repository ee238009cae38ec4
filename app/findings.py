"""Titles and sentences of the pages: findings in words, made from the numbers of a view."""

from app import words
from app.views import Change, DriftRow, DriftView, FeatureView, FleetRow, FleetView
from core.states import State

ALARMING = (State.CRITICAL, State.WARNING)


def fleet_title(view: FleetView) -> str:
    """Return how many models need attention, and which one most."""
    needing = [row for row in view.rows if row.state in ALARMING]
    total = len(view.rows)
    if needing:
        verb = "needs" if len(needing) == 1 else "need"
        names = words.plain(needing[0].model)
        led = f": {names}" if len(needing) == 1 else f", {names} most"
        return f"{len(needing)} of {words.plural(total, 'model')} {verb} attention{led}"
    silent = view.count(State.NOT_APPLICABLE)
    if silent == total:
        return f"Nothing can be said yet about {words.plural(total, 'model')}"
    if silent:
        return f"{total - silent} of {words.plural(total, 'model')} healthy, {silent} without a verdict"
    return "The only model is healthy" if total == 1 else f"All {total} models are healthy"


def fleet_sentence(view: FleetView) -> str:
    """Return what is behind the title and what to do next."""
    worst = next((row for row in view.rows if row.state in ALARMING), None)
    if worst is None:
        waiting = next((row for row in view.rows if row.state is State.NOT_APPLICABLE), None)
        return words.plain(_sentence(waiting.why)) if waiting and waiting.why else "No check is over its limit."
    said = f"{worst.why}." if worst.cause and worst.why.startswith(worst.cause) else _sentence(worst.why)
    return f"{words.plain(said)} Choose its state to see the cause."


def _sentence(text: str) -> str:
    """Return `text` with a capital letter and a full stop; identifiers keep their first letter."""
    if not text:
        return ""
    first_word = text.split(" ", 1)[0]
    capital = text if "_" in first_word or not first_word.isalpha() else text[0].upper() + text[1:]
    return capital if capital.endswith((".", "!", "?")) else f"{capital}."


def drift_title(view: DriftView) -> str:
    """Return in how many features there is drift, and which one leads."""
    over = view.over()
    total = words.plural(len(view.rows), "feature")
    if not view.rows:
        return "Drift cannot be judged yet"
    if over:
        return f"Drift in {len(over)} of {total}, led by {words.plain(over[0].feature)}"
    if view.score is not None and view.score.state in ALARMING:
        gone = len(absent(view))
        return (
            f"Predictions drifted; {gone} of {total} hold no values" if gone else "Predictions drifted, no feature did"
        )
    judged = [row for row in view.rows if row.state is State.HEALTHY]
    if not judged:
        return f"Drift cannot be judged yet in any of {total}"
    if len(judged) < len(view.rows):
        return f"No drift in {len(judged)} of {total}; the others cannot be judged"
    return f"No drift in {total}"


def absent(view: DriftView) -> list[DriftRow]:
    """Return the features that hold no values in the window although the reference has some, most important first."""
    rows = [row for row in view.rows if row.absent]
    return sorted(rows, key=lambda row: -(row.importance or 0.0))


def drift_sentence(view: DriftView) -> str:
    """Return why it matters and what to do next."""
    if not view.rows:
        return words.plain(_sentence(view.reason))
    parts = [_moved(view), _relation(view.performance), _next_step(view)]
    return " ".join(part for part in parts if part)


def _moved(view: DriftView) -> str:
    score = view.score
    inputs = "Inputs moved" if view.over() else "No input moved beyond its limit"
    if score is None or score.state is State.NOT_APPLICABLE:
        return f"{inputs}."
    if score.state in ALARMING:
        joint = "and so did" if view.over() else "but"
        tail = "" if view.over() else " did"
        return f"{inputs}, {joint} the predictions{tail} (PSI {words.two(score.psi)})."
    return f"{inputs}; the predictions {'kept' if view.over() else 'keep'} their distribution."


def _relation(change: Change | None) -> str:
    if change is None or change.value is None:
        reason = "" if change is None else change.reason.removeprefix("not applicable: ")
        return f"Whether the relation held is not known: {words.plain(reason)}." if reason else ""
    name = words.plain(change.metric)
    now = f"{name} is {words.three(change.value)} [{words.interval(change.low, change.high, 3)}]"
    if change.reference is None:
        return f"{now}."
    if not _relation_changed(change):
        return f"The relation held: {now}, {words.three(change.reference)} in the reference."
    worse = "fell" if change.value < change.reference else "rose"
    value = f"{words.three(change.value)} [{words.interval(change.low, change.high, 3)}]"
    return f"The relation changed: {name} {worse} from {words.three(change.reference)} to {value}."


def _relation_changed(change: Change | None) -> bool:
    """Say whether the reference's value lies outside the interval of the window's."""
    if change is None or change.reference is None or change.low is None or change.high is None:
        return False
    return not change.low <= change.reference <= change.high


def _next_step(view: DriftView) -> str:
    over = view.over()
    if over:
        since = f", over its limit since {words.day(over[0].since)}" if over[0].since else ""
        return f"Look at {words.plain(over[0].feature)} first{since}."
    gone = absent(view)
    if gone:
        names = words.enumerate_names([words.plain(row.feature) for row in gone])
        return f"Look at the source of {names} first: no values in this window."
    if view.score is not None and view.score.state in ALARMING:
        return "Each feature is within its limit: look at several together, and at the segments."
    far = [row for row in view.rows if row.seasonal and (row.training_outside or 0) >= 0.5]
    if far:
        share = words.percent(far[0].training_outside)
        return (
            f"{words.plain(far[0].feature)} lies outside its training range in {share} of rows: season, not an alarm."
        )
    return "" if _relation_changed(view.performance) else "Nothing to do."


def distribution_finding(view: FeatureView) -> str:
    """Return which cell changed most, in words."""
    shown = view.distribution
    if shown is None or not shown.n_current:
        return "No distribution in this window"
    changes = [now - before for now, before in zip(shown.current_share, shown.reference_share, strict=True)]
    at = max(range(len(changes)), key=lambda place: abs(changes[place]))
    unit = f" {shown.unit}" if shown.unit and at < len(shown.names) - shown.n_missing_cells else ""
    name = words.plain(f"{shown.names[at]}{unit}")
    before, now = words.percent(shown.reference_share[at]), words.percent(shown.current_share[at])
    if abs(changes[at]) < 0.01:
        return f"Nearly the same; the largest change is {name}, {before} → {now}"
    return f"{name}: {before} of rows in the reference, {now} now"


def series_finding(view: FeatureView) -> str:
    """Return since when the feature is over its limit."""
    row, series = view.row, view.series
    if series is None:
        return "No windows to compare"
    known = [value for value in series.excess if value is not None]
    if not known:
        return "PSI excess cannot be computed in these windows"
    if row.state in ALARMING:
        since = f" since {words.day(row.since)}" if row.since else ""
        return f"Over the limit{since}"
    if row.state is State.NOT_APPLICABLE:
        return "PSI excess over time, without a verdict in this window"
    over = sum(state in ALARMING for state in series.states)
    return (
        f"Below the limit now; over it in {words.plural(over, 'earlier window')}"
        if over
        else "Below the limit throughout"
    )


def compared(row: DriftRow) -> str:
    """Return with what the feature is compared, in words."""
    return f"seasonal: compared with {row.compared_with}" if row.seasonal else f"compared with {row.compared_with}"


def open_drift(row: FleetRow) -> str:
    """Return the label of the link from a model to its drift."""
    return f"Open drift of {words.plain(row.model)}"
