"""Tiles of a model on the business overview; each help text gives the plain meaning of its word."""

from app import words
from app.overview import findings
from app.overview.glossary import glossary
from app.overview.views import Story
from app.tiles import Tile
from core.selection import Every
from core.states import State
from core.windows import Grain, unit_noun


def tiles(one: Story) -> list[Tile]:
    """Return the four tiles of a model: net value, decisions, against the period before, outcomes known."""
    return [_value(one), _decisions(one), _change(one), _coverage(one)]


def _meaning(one: Story, term: str) -> str:
    return words.plain(glossary().meaning(term, row=one.words["row"], rows=one.words["rows"]))


def _value(one: Story) -> Tile:
    if one.worth is None:
        return Tile(
            label="net value",
            value=words.NONE,
            note=f"◌ {one.owner} can add it" if one.task != "multiclass" else f"◌ ask {one.owner}",
            help=f"{_meaning(one, 'net value')} No value model is declared: its owner, {words.plain(one.owner)}, can "
            "say what each outcome is worth.",
        )
    if one.net.value is None:
        return Tile(label="net value", value=words.NONE, note="◌ not known yet", help=words.plain(one.net.why))
    currency = one.worth.currency
    range_ = words.money_within(one.net.low, one.net.high, currency)
    target = ""
    if one.every is Every.MONTH and one.worth.target_month:
        target = f" Target {words.plain(words.money(one.worth.target_month, currency))} a month."
    return Tile(
        label="net value" + (", so far" if one.provisional else ""),
        value=words.money(one.net.value, currency),
        note=one.worth.source,
        note_more=range_ if one.net.low is not None else "no range",
        help=f"{_meaning(one, 'net value')} Range {words.plain(range_)}, n = {one.net.n:,} "
        f"{words.plain(one.words['rows'])}. {_meaning(one, one.worth.source)}{target}",
    )


def _decisions(one: Story) -> Tile:
    label = words.plain(findings.decided_word(one))
    if one.decisions.value is None:
        return Tile(label=label, value=words.NONE, note="◌ no data", help=words.plain(one.decisions.why or one.reason))
    binary = one.task == "binary"
    range_ = words.plain(f"{words.percent(one.rate.low).removesuffix(' %')} to {words.percent(one.rate.high)}")
    return Tile(
        label=label,
        value=words.short_count(int(one.decisions.value)),
        note=f"{words.percent(one.rate.value)} of {one.words['rows']}",
        help=f"{_meaning(one, 'decisions')} {_meaning(one, 'share decided') if binary else ''} Range of the share "
        f"{range_}, n = {one.rate.n:,}.",
    )


def _change(one: Story) -> Tile:
    label = f"vs {one.every.value if one.grain is Grain.DAY else unit_noun(one.grain)} before"
    if one.worth is None or one.change is None:
        return Tile(
            label=label,
            value=words.NONE,
            note="◌ no value model" if one.worth is None else "◌ not comparable",
            help=f"{_meaning(one, 'previous period')} {words.plain(findings.change_sentence(one))}",
        )
    change, currency = one.change, one.worth.currency
    sign = "+" if change.difference > 0 else ""
    state = None
    if change.clear:
        state = State.HEALTHY if change.difference > 0 else State.WARNING
    return Tile(
        label=label,
        value=f"{sign}{words.money(change.difference, currency)}",
        note="clear" if change.clear else "may be chance",
        note_more=findings.per_unit(one).strip(),
        state=state,
        help=f"{_meaning(one, 'previous period')} Difference of what the model was worth against its baseline, range "
        f"{words.plain(words.money_within(change.low, change.high, currency))}. {_meaning(one, 'interval')}",
    )


def _coverage(one: Story) -> Tile:
    if one.coverage is None:
        return Tile(label="outcome known", value=words.NONE, note="◌ no data", help=_meaning(one, "outcome known"))
    unit = findings.unit_word(one)
    left = f"{words.plural(one.n_left_out, unit)} left out" if one.n_left_out else f"no {unit} left out"
    return Tile(
        label="outcome known",
        value=words.percent(one.coverage),
        note="still arriving" if one.provisional else left,
        help=f"{_meaning(one, 'outcome known')} {_meaning(one, 'still arriving')}",
    )
