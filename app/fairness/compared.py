"""Groups of two columns crossed, and groups among rows that are alike in a control column."""

import streamlit as st

from app import notice, style, tables, words
from app.fairness import findings
from app.fairness.draw import CONDITIONED, DOTS, RATE_KEY
from app.fairness.views import Alike, FairnessView
from app.tables import PlotTable
from core.fairness.answer import TableAnswer
from core.fairness.suppression import SHOWN, WORDS
from core.performance.estimates import Estimate
from core.points import finite


def crossed(view: FairnessView) -> None:
    """Draw the intersections with the other protected columns."""
    if not view.intersections:
        notice.nothing_here(
            "No intersection to show", "There is one protected column, or no whole block yet.", key="fairness.no_pair"
        )
        return
    for place, table in enumerate(view.intersections):
        st.markdown(
            f"**{words.plain(findings.capital(table.first))} and {words.plain(table.second)}**, "
            f"{words.plain(words.window(table.window, view.grain))}"
        )
        _table(table, name=f"{view.model}-intersections-{place}", key=f"fairness.pair.{place}")
    st.caption(
        "Limits: intersections have longer release blocks, and more cells are withheld, because totals by either "
        "column are shown too. Many cells are compared: the largest difference is partly luck."
    )


def _table(table: TableAnswer, *, name: str, key: str) -> None:
    rates, width = table.rates, len(table.second_labels)
    mask = table.mask.ravel()
    listed = [place for place in range(len(mask)) if mask[place] != SHOWN or rates.n_rows[place]]
    columns: dict[str, list[tables.Cell]] = {
        table.first: [table.first_labels[place // width] for place in listed],
        table.second: [table.second_labels[place % width] for place in listed],
        "n": [words.NONE if mask[place] != SHOWN else f"{int(rates.n_rows[place]):,}" for place in listed],
    }
    for metric in DOTS:
        found = rates.estimates[metric]
        columns[findings.NAMES[metric]] = [
            words.NONE
            if finite(float(found.value[place])) is None
            else f"{words.percent(float(found.value[place]))} [{findings.between(found, place)}]"
            for place in listed
        ]
    columns["note"] = [WORDS[int(mask[place])] for place in listed]
    st.dataframe(
        {head: [tables.cell(value) for value in values] for head, values in columns.items()},
        key=f"{key}.rows",
        hide_index=True,
        height="content" if len(listed) <= 12 else 420,
        row_height=style.ROW_HEIGHT,
        column_config={
            "n": st.column_config.TextColumn("n", width=70),
            "note": st.column_config.TextColumn("note", width=360),
        },
        alt="Groups of two columns crossed",
    )
    tables.draw(PlotTable(name=name, columns=columns), key=key)


def alike(view: FairnessView) -> None:
    """Draw what remains of a gap among rows that are alike in a control column."""
    st.segmented_control(
        "Rate",
        list(CONDITIONED),
        default=CONDITIONED[0],
        key=RATE_KEY,
        required=True,
        format_func=lambda one: findings.capital(findings.NAMES[one]),
        label_visibility="collapsed",
    )
    if not view.alike:
        notice.nothing_here(
            "No control column", "Name segment columns under columns.segments of model.yaml.", key="fairness.no_control"
        )
        return
    for place, one in enumerate(view.alike):
        with st.container(border=True, gap="xsmall", key=f"fairness.alike.{place}"):
            st.markdown(f"**{findings.alike_words(one)}**")
            if any(finite(float(value)) is not None for value in one.gaps.pooled.value):
                _alike_table(one, name=f"{view.model}-alike-{place}", key=f"fairness.alike.{place}.table")
    st.caption(
        "Limits: this says whether a gap is explained by the groups being spread differently over the control column, "
        "not whether the control column itself is a fair reason: it may stand in for the group. Only segments in which "
        "both groups are shown are compared."
    )


def _alike_table(one: Alike, *, name: str, key: str) -> None:
    gaps = one.gaps
    listed = [
        place for place in range(len(one.table.first_labels)) if finite(float(one.whole.value[place])) is not None
    ]
    columns: dict[str, list[tables.Cell]] = {
        "group": [one.table.first_labels[place] for place in listed],
        "against": [one.table.first_labels[gaps.against]] * len(listed),
        "over all rows": [_of(one.whole, place) for place in listed],
        f"same {one.control}": [_of(gaps.pooled, place) for place in listed],
        "segments compared": [f"{one.n_levels[place]} of {len(one.levels)}" for place in listed],
    }
    st.dataframe(
        {head: [tables.cell(value) for value in values] for head, values in columns.items()},
        key=f"{key}.rows",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        alt="Groups against one group, over all rows and among alike",
    )
    tables.draw(PlotTable(name=name, columns=columns), key=key)


def _of(found: Estimate, place: int) -> str:
    one = found.at((place,))
    value = findings.number(one)
    if value is None:
        return findings.told(one.note)
    return f"{findings.points(value)} [{findings.between(one)}]"
