"""Widgets of the business overview: one card a model, the words, the page to take away."""

import streamlit as st

from app import explained, plots, tables, words
from app import tiles as tile_row
from app.overview import findings, tiles
from app.overview.glossary import glossary
from app.overview.take_away import NAMES, page_html
from app.overview.views import OverviewView, Story
from core.impact import figures
from core.selection import Every

PLOT_HEIGHT = 210
TILE_WIDTH = 200
"""Pixels that the ranges of amounts and the words of a model need: side by side on a phone they would be cut."""
SEGMENT = "Value and decisions are of this saved segment alone; the state is of all rows of the model."
STAGED = "An invented sample: its rows and its incidents were put in by us, to show what is found and how."


def card(one: Story) -> None:
    """Draw a model: name and state, three sentences, four tiles, its value over periods."""
    with st.container(border=True, gap="small", key=f"overview.{one.model}"):
        _head(one)
        drawn = one.series is not None and any(value is not None for value in one.series.value)
        left, right = st.columns([3, 2], gap="medium") if drawn else (st.container(), None)
        with left:
            st.markdown("\n".join(f"- {words.plain(told)}" for told in findings.sentences(one)))
            found = tiles.tiles(one)
            if right is None:
                tile_row.row(found, key=f"overview.tiles.{one.model}", min_width=TILE_WIDTH)
            else:  # two rows of two: four tiles beside a plot would break into three and one
                tile_row.row(found[:2], key=f"overview.tiles.{one.model}", min_width=TILE_WIDTH)
                tile_row.row(found[2:], key=f"overview.more.{one.model}", min_width=TILE_WIDTH)
        if right is not None:
            with right:
                _plot(one)


def _plot(one: Story) -> None:
    assert one.series is not None
    plots.draw(
        words.plain(series_finding(one)),
        figures.value_over_periods(one.series, one.names),
        key=f"overview.value.{one.model}",
        table=_table(one),
        height=PLOT_HEIGHT,
    )
    if any(one.series.left_out) or not all(one.series.settled):
        st.caption(f"Hatched: without the {findings.unit_word(one)}s whose outcomes are not known yet")


def _head(one: Story) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(words.plain(one.model), width="content", anchor=False)
        st.markdown(words.badge(one.attention.state), width="content", help=glossary().meaning("attention"))
        if one.staged:
            st.markdown(words.staged(), width="content", help=STAGED)
        if one.segment:
            st.markdown(f":blue-badge[{words.plain(one.segment)}]", width="content", help=SEGMENT)
        st.space("stretch")
        if one.worth is not None and one.versus.value is not None:
            explained.number_button(_explained(one), key=f"overview.explain.{one.model}")


def series_finding(one: Story) -> str:
    """Return the finding of the plot of a model's value."""
    series = one.series
    known = [] if series is None else [value for value in series.value if value is not None]
    if series is None or not known:
        return "No value yet"
    best = max(known)
    latest = words.money(known[-1], series.currency)
    if len(known) == 1:
        return f"{latest} against the baseline, the only period so far"
    said = "the best of" if known[-1] == best else "the lowest of" if known[-1] == min(known) else "within"
    return f"Against the baseline: {latest}, {said} {len(known)} {one.every.value}s"


def _table(one: Story) -> tables.PlotTable:
    series = one.series
    assert series is not None
    return tables.PlotTable(
        name=f"{one.model}-value",
        columns={
            "from": series.labels,
            f"against baseline ({series.currency})": series.value,
            "low": series.low,
            "high": series.high,
            "settled": tuple("yes" if settled else "still arriving" for settled in series.settled),
            "left out": series.left_out,
            "n": series.n,
            "outcome known": series.coverage,
        },
    )


def _explained(one: Story) -> explained.Explained:
    assert one.worth is not None
    currency, value = one.worth.currency, one.worth
    unit = "of the amount" if value.kind == "per_amount" else currency
    return explained.Explained(
        name="Value against the baseline",
        value=words.money(one.versus.value, currency),
        interval=words.money_within(one.versus.low, one.versus.high, currency),
        definition="What the decisions were worth, less what the baseline would have been worth on the same rows. It "
        "is a sum over rows whose outcome is known, in days whose outcomes are complete; nothing is added for the "
        "others. It does not say why the value is what it is.",
        formula=FORMULAS[value.kind],
        facts={
            "period": findings.named_period(one),
            "rows": f"n = {one.versus.n:,} {one.words['rows']}",
            "net value": words.money(one.net.value, currency),
            "its range": words.money_within(one.net.low, one.net.high, currency),
            "baseline": findings.baseline_words(one),
            "source of the values": value.source,
            "outcome known": words.percent(one.coverage),
            f"{findings.unit_word(one)}s left out": f"{one.n_left_out} of {one.n_units}",
            **{NAMES[name]: f"{words.signed(format(worth, 'g'))} {unit}" for name, worth in value.values.items()},
        },
        provenance_id=one.provenance_id,
        topic="impact",
    )


FORMULAS = {
    "confusion": r"\sum_{j} (v_j - b_j)\, n_j \quad j \in \{tp, fp, fn, tn\}",
    "per_amount": r"\sum_{j} (v_j - b_j) \sum_{i \in j} \text{amount}_i",
    "error": r"\sum_i \big(c(\text{median}, y_i) - c(\hat y_i, y_i)\big)",
}


def choose_period() -> str:
    """Draw the choice of the period, which the URL keeps in words; return ``month``, ``week`` or ``day``."""
    names = {name: every.value for every, name in findings.PERIODS.items()}
    chosen = st.segmented_control(
        "Period",
        tuple(names),
        default=findings.PERIODS[Every.MONTH],
        required=True,
        key="period",
        bind="query-params",
        label_visibility="collapsed",
    )
    return names.get(str(chosen), Every.MONTH.value)


def words_used(view: OverviewView) -> None:
    """Draw the glossary, folded."""
    with st.expander("What the words mean", icon=":material/menu_book:", key="overview.words"):
        first = view.stories[0].words if len(view.stories) == 1 else {"row": "case", "rows": "cases"}
        for term in glossary().terms:
            meaning = glossary().meaning(term, row=first["row"], rows=first["rows"])
            st.markdown(f"**{term}**: {words.plain(meaning)}")


def take_away(view: OverviewView) -> None:
    """Draw the button that gives the page as one HTML file."""
    st.download_button(
        "Take this page away",
        page_html(view),
        file_name=f"watchroom-overview-{view.as_of:%Y-%m-%d}-{view.every.value}.html",
        mime="text/html",
        icon=":material/download:",
        key="overview.take_away",
        on_click="ignore",
        help="One page of HTML with date, coverage, assumptions and the meaning of the words; it needs no network.",
    )
