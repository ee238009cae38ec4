"""The sentences of the business overview, made from computed facts by templates; plain text, not escaped."""

from app import words
from app.findings import ALARMING
from app.overview.glossary import filled, glossary
from app.overview.rows import period_name
from app.overview.views import Amount, OverviewView, Story
from core.impact.outcomes import ALL_NEGATIVE, ALL_POSITIVE
from core.impact.periods import Comparison
from core.selection import Every
from core.states import State
from core.windows import Grain, unit_noun

PERIODS = {Every.MONTH: "last full month", Every.WEEK: "last full week", Every.DAY: "last day"}
NO_WORD = "positive"
"""What `words.positive_decision` of model.yaml says where its owner said nothing."""

PREDICTIONS = ("prediction", "forecast")
SMALL_CHANGE = 0.005
LARGE_CHANGE = 2.0
"""Beyond a change of 200 % an amount says more than a percentage."""


def title(view: OverviewView) -> str:
    """Return how many models need attention, in plain words."""
    needing = [one for one in view.stories if one.attention.state in ALARMING]
    total = len(view.stories) + len(view.others)
    silent = [one for one in view.stories if one.attention.state is State.NOT_APPLICABLE]
    if needing:
        verb = "needs" if len(needing) == 1 else "need"
        led = f": {needing[0].model}" if len(needing) == 1 else f", {needing[0].model} most"
        return f"{len(needing)} of {words.plural(total, 'model')} {verb} attention{led}"
    if len(silent) == len(view.stories):
        return f"Nothing can be said yet about {words.plural(total, 'model')}"
    if silent:
        return f"No model needs attention; nothing can be said about {len(silent)} of {total}"
    return "The only model runs as it should" if total == 1 else f"All {total} models run as they should"


def total_sentence(view: OverviewView) -> str:
    """Return what all models with a settled value were worth together, by currency and source; never mixed."""
    sums: dict[tuple[str, str], tuple[float, int]] = {}
    for one in view.stories:
        if one.worth is not None and one.versus.value is not None and not one.provisional:
            key = (one.worth.currency, "staged" if one.staged else one.worth.source)
            amount, n = sums.get(key, (0.0, 0))
            sums[key] = (amount + one.versus.value, n + 1)
    if not sums:
        return "No model has a settled value in this period."
    told = [
        f"{words.money(abs(amount), currency)} {'less' if amount < 0 else 'more'} "
        f"({glossary().sources[source]}, {words.plural(n, 'model')})"
        for (currency, source), (amount, n) in sums.items()
    ]
    part = "".join(f" Of {one.model} only {one.segment} is counted." for one in view.stories if one.segment)
    return f"Worth in the {PERIODS[view.every]}, against the simplest alternative: {', '.join(told)}.{part}"


def sentences(one: Story) -> tuple[str, str, str]:
    """Return the three sentences of a model: its worth, against the period before, what needs attention."""
    return worth_sentence(one), change_sentence(one), attention_sentence(one)


def named_period(one: Story) -> str:
    """Return the period that is told."""
    return period_name(one.window, one.every, one.grain) if one.window else PERIODS[one.every]


def _in(one: Story) -> str:
    """Return ``in December 2013``, ``on 3 Dec 2013``."""
    by_day = one.every is Every.DAY and one.grain is Grain.DAY
    return f"{'on' if by_day else 'in'} {named_period(one)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def worth_sentence(one: Story) -> str:
    """Return what the model was worth against its baseline, with interval, source and coverage."""
    if one.window is None:
        return f"Nothing can be told yet of {one.told_of}: {one.reason}."
    if one.worth is None:
        return _no_value_model(one)
    value = one.versus.value
    if value is None:
        arriving = f" ({one.why_left_out})" if one.why_left_out else ""
        return f"What {one.told_of} was worth {_in(one)} is not known yet: {one.versus.why}{arriving}."
    side = "less" if value < 0 else "more"
    when = f"So far, {_in(one)}" if one.provisional else _capital(_in(one))
    return (
        f"{when} {one.told_of} was worth {words.money(abs(value), one.worth.currency)} {side} than "
        f"{baseline_words(one)}{_between(one.versus, one.worth.currency)}: {glossary().sources[one.worth.source]}, "
        f"over the {words.percent(one.coverage)} of its {one.words['rows']} whose outcome is known.{_left_out(one)}"
    )


def _no_value_model(one: Story) -> str:
    counted = f"{one.told_of} decided on {words.plural(int(one.decisions.value or 0), *_rows(one))}"
    if one.task == "multiclass":
        return (
            f"{_capital(_in(one))} {counted}; what that is worth is not declared: no value model fits several kinds "
            f"of outcome yet. Ask its owner, {one.owner}."
        )
    return (
        f"{_capital(_in(one))} {counted}; what that is worth is not declared. Its owner, {one.owner}, can say what "
        "each outcome is worth."
    )


def _rows(one: Story) -> tuple[str, str]:
    return one.words["row"], one.words["rows"]


def _between(amount: Amount, currency: str) -> str:
    if amount.low is None or amount.high is None:
        return " (too few for a range)"
    if amount.high < 0:
        return f" (between {words.money(-amount.high, currency)} and {words.money(-amount.low, currency)} less)"
    chance = ", which chance alone could explain" if amount.low <= 0 else ""
    return f" (between {words.money(amount.low, currency)} and {words.money(amount.high, currency)}{chance})"


def _left_out(one: Story) -> str:
    parts = []
    if one.n_left_out and not one.provisional:
        units = words.plural(one.n_left_out, unit_word(one))
        verb = "is" if one.n_left_out == 1 else "are"
        parts.append(f" {units} of {one.n_units} {verb} left out: too few outcomes known yet.")
    if one.versus.why:
        parts.append(f" {_capital(one.versus.why)}.")
    if one.removed:
        parts.append(f" {_capital(one.removed)}.")
    return "".join(parts)


def unit_word(one: Story) -> str:
    """Return what a unit of the model's log is called."""
    return unit_noun(one.grain)


def baseline_words(one: Story) -> str:
    """Return what the value is compared with, in the model's own words."""
    baseline = one.worth.baseline if one.worth else ""
    row, decided = one.words["row"], one.words["positive_decision"]
    if baseline == ALL_NEGATIVE:
        return f"if no {row} had been {decided}"
    if baseline == ALL_POSITIVE:
        return f"if every {row} had been {decided}"
    return "if the usual value (the middle one of its training data) had always been predicted"


def change_sentence(one: Story) -> str:
    """Return the comparison with the period before; no reason is given, because none was computed."""
    if one.worth is None or one.window is None:
        return _decisions_change(one)
    if one.change is None or one.before is None:
        return "It cannot be compared with the period before: that one is not complete in the log."
    change, currency = one.change, one.worth.currency
    before, a_unit = period_name(one.before, one.every, one.grain), per_unit(one)
    earlier = f"{words.money(change.before, currency)}{a_unit}"
    that = f"{a_unit[1:].capitalize()}, that" if change.per_unit else "That"
    if not change.clear:
        return f"{that} is about as much as in {before} ({earlier}): the difference may be chance."
    return f"{that} is {_size(change, currency)} than in {before} ({earlier})."


def per_unit(one: Story) -> str:
    """Return `` a day`` where the periods are compared by their days, because some are left out; else nothing."""
    return f" a {unit_word(one)}" if one.change is not None and one.change.per_unit else ""


def _size(change: Comparison, currency: str) -> str:
    side = "more" if change.difference > 0 else "less"
    if change.relative is None or change.before <= 0 or abs(change.relative) > LARGE_CHANGE:
        return f"{words.money(abs(change.difference), currency)} {side}"
    if abs(change.relative) < SMALL_CHANGE:
        return f"less than 1 % {side}"
    return f"{100 * abs(change.relative):.0f} % {side}"


def _decisions_change(one: Story) -> str:
    now, before = one.decisions.value, one.decisions_before.value
    if now is None or before is None or one.before is None:
        return "It cannot be compared with the period before: that one is not complete in the log."
    name = period_name(one.before, one.every, one.grain)
    if now == before:
        return f"That is as many as in {name}."
    return f"That is {abs(now - before):,.0f} {'more' if now > before else 'fewer'} than in {name} ({before:,.0f})."


def attention_sentence(one: Story) -> str:
    """Return what needs attention in plain words, and what follows."""
    found = one.attention
    if found.state is State.NOT_APPLICABLE and not found.check:
        return f"Whether it runs as it should is not known: {found.reason}."
    if not found.check:
        return "Nothing needs attention."
    says, follows = glossary().families.get(found.family, ("a check is over its limit", "Its owner looks into it."))
    template = glossary().findings.get(found.check, says)
    row, rows = _rows(one)
    told = filled(template, row=row, rows=rows, feature=found.feature or "an input")
    since = f" since {found.since}" if found.since else ""
    more = f", and {words.plural(found.others, 'further finding')}" if found.others > 0 else ""
    return f"It needs attention: {told}{since}{more}. {follows}"


def decided_word(one: Story) -> str:
    """Return what a decision is called in the model's own words."""
    said = one.words["positive_decision"]
    if one.task != "binary" and said == NO_WORD:
        said = "sorted" if one.task == "multiclass" else "made" if one.words["row"] in PREDICTIONS else "forecast"
    return f"{one.words['rows']} {said}"
