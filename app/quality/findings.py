"""Title and sentences of the Data quality page, made from its numbers."""

from app import words
from app.quality.views import IntakeView, QualityRow, QualityView
from core.checks.verdicts import Verdict
from core.drift.figures import grouped
from core.quality.display import History, ShareSeries
from core.quality.freshness import HISTORY
from core.states import SEVERITY, State
from core.windows import Grain, unit_noun

ALARMING = (State.WARNING, State.CRITICAL)
NAMES = {
    "missing_share": "missing",
    "unseen_share": "unseen",
    "out_of_range_share": "out of range",
    "violation_share": "against the contract",
    "scale_ratio": "size against the reference",
    "integer_share": "whole numbers",
    "decimals_distance": "rounded otherwise",
}
CHECKS = {
    "volume": "number of rows",
    "freshness": "time until 90 % of the rows are there",
    "completeness": "rows without a missing feature",
    "silence": "windows without predictions",
}
WHOLE_FINDINGS = {
    "volume": "the number of rows is unusual",
    "freshness": "the rows came late",
    "completeness": "fewer rows are complete",
    "silence": "no predictions come in",
}
NEXT = {
    "missing_share": "Ask who delivers the feature; the model scored these rows without it.",
    "unseen_share": "Ask who delivers the feature whether the new values are right; the model has never seen them.",
    "out_of_range_share": "Look at the distribution on the Drift page: the model has never seen such values.",
    "violation_share": "Rows that break the contract were scored and count in every metric: ask who delivers them.",
    "scale_ratio": "Ask for a change upstream; a batch handed in by mistake can be taken back under Batches.",
    "integer_share": "Ask for a change upstream: a cast or a rounding step.",
    "decimals_distance": "Ask for a change upstream: a rounding step.",
}


def quality_title(view: QualityView) -> str:
    """Return what is wrong with the data, worst first."""
    if view.skew:
        more = len(view.skew) - 1
        first = view.skew[0]
        return words.plain(first) + (f" {more} more like it" if more else "")
    worse = [row for row in view.rows if row.state in ALARMING]
    whole = alarming_whole(view)
    if whole and (not worse or SEVERITY[whole[0].state] > SEVERITY[worse[0].state]):
        return f"{_upper(WHOLE_FINDINGS[whole[0].check])}: {words.plain(whole[0].detail)}"
    if worse:
        led = worse[0]
        share = led.shares.get(led.leading)
        what = "" if share is None or led.leading == "scale_ratio" else f": {words.percent(share)} {NAMES[led.leading]}"
        one = words.plain(led.feature)
        if len(worse) == 1:
            return f"The values of {one} need attention{what}"
        return f"{len(worse)} of {len(view.rows)} features need attention, led by {one}{what}"
    if view.judged_unit is None:
        return f"{words.plural(view.n, 'row')} of data in this window, not judged"
    once = over_once(view)
    if once:
        others = f", and {words.plural(len(once) - 1, 'more finding')}" if len(once) > 1 else ""
        return f"Over a limit, no alarm yet: {words.plain(once[0])}{others}"
    return f"The data of {words.plural(view.n, 'row')} look as they should"


def quality_sentence(view: QualityView) -> str:
    """Return why it matters and what to do next."""
    worse = [row for row in view.rows if row.state in ALARMING]
    if view.skew:
        led = next((row for row in worse if row.finding == view.skew[0]), None)
        return f"The model scored these rows with such values. {NEXT[led.leading if led else 'scale_ratio']}"
    if worse:
        led = worse[0]
        named = led.finding if led.finding.startswith(led.feature) else f"{led.feature}: {led.finding}"
        return f"{_on_unit(view)}{words.plain(named.rstrip('.'))}. {NEXT[led.leading]}"
    whole = alarming_whole(view)
    if whole:
        return f"{words.plain(_upper(whole[0].reason))}. Ask whether the log is complete before reading other pages."
    if view.judged_unit is None:
        return (
            "States are kept of single windows of everybody; these are the shares of the selection, without a verdict."
        )
    if over_once(view):
        return "These checks need two of the last three windows for an alarm. Look at the selected feature below."
    return "No check of missing, unseen or unusual values, of volume or of freshness is over its limit."


def _on_unit(view: QualityView) -> str:
    """Return of which unit a verdict is, where the window has more than one; the tiles and the table tell it all."""
    several = len(list(view.window.units(view.grain))) > 1
    if not several or view.judged_unit is None:
        return ""
    return f"On {words.unit(view.judged_unit, view.grain)}, the last {unit_noun(view.grain)} of the window, "


def alarming_whole(view: QualityView) -> list[Verdict]:
    """Return the checks of all features together that are over their limit, worst first."""
    found = [one for one in view.whole.values() if one.state in ALARMING]
    return sorted(found, key=lambda one: (-SEVERITY[one.state], one.check))


def over_once(view: QualityView) -> list[str]:
    """Return what is over a limit in this window but not yet in enough of them, in a few words each."""
    features = [f"{row.feature} {row.short}" for row in view.rows if row.short and row.state not in ALARMING]
    whole = [
        f"{WHOLE_FINDINGS[one.check]}, {one.detail}"
        for one in view.whole.values()
        if one.raw_state in ALARMING and one.state not in ALARMING
    ]
    return features + whole


def share_finding(series: ShareSeries) -> str:
    """Return what the plot of a share shows."""
    name = f"{words.plain(series.feature)}, {NAMES[series.metric]}"
    known = [value for value in series.value if value is not None]
    if not known:
        return f"{name}: {words.plain(series.reason.removeprefix('not applicable: ') or 'no rows')}"
    before = "" if series.reference is None else f", {words.percent(series.reference)} in the reference"
    return f"{name}: {words.percent(known[-1])} of rows{before}"


def rules_finding(history: History) -> str:
    """Return what the plot of broken rules shows."""
    if not history.rules:
        return f"No rule of the contract was broken in {words.plural(len(history.starts), 'window')}"
    first = history.rules[0]
    most = history.starts[max(range(len(first.count)), key=first.count.__getitem__)]
    share = "most" if sum(count > 0 for count in first.count) > 1 else "all"
    when = f"{'on' if history.grain is Grain.DAY else 'in'} {words.unit(most, history.grain, year=False)}"
    rule = words.plain(grouped([first.name])[0])
    return f"{words.plural(sum(first.count), 'row')} against “{rule}”, {share} {when}"


def rows_finding(history: History) -> str:
    """Return what the plot of rows shows."""
    expected = history.expected[-1]
    usual = "" if expected is None else f", {expected:,.0f} are usual on this weekday"
    return f"{history.n[-1]:,} rows in the last window{usual}"


def contract_sentence(view: IntakeView) -> str:
    """Return who accepted the contract and when."""
    if view.revision is None or view.accepted_at is None:
        return "No contract was accepted for this version yet: it is inferred from a reference and accepted with it."
    who, when = words.plain(view.accepted_by or ""), words.plain(words.moment(view.accepted_at))
    return (
        f"Revision {view.revision}, inferred from the reference, accepted by {who} on {when}. Rows that break a rule "
        "are scored and counted all the same, unless the last column says otherwise."
    )


def late_words(view: QualityView) -> tuple[str, str]:
    """Return how late 90 % of the rows were, and a note."""
    point = view.points["freshness_hours"]
    if point.value is None:
        return words.NONE, "loaded as history" if point.reason == HISTORY else "not judged"
    return f"≤ {point.value:,.0f} h", "until 90 % are there"


def worst_violation(view: QualityView) -> QualityRow | None:
    """Return the feature whose rule is broken most, if any is."""
    broken = [row for row in view.rows if row.shares.get("violation_share")]
    return max(broken, key=lambda row: row.shares["violation_share"] or 0.0, default=None)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
