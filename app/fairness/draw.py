"""The parts of the Fairness page: groups side by side, over time, crossed, among alike, and what cannot be had."""

import numpy as np
import streamlit as st

from app import explained, notice, plots, style, tables, tiles, words
from app.choices import ALL_SEGMENTS
from app.fairness import findings
from app.fairness.views import FairnessView
from app.tables import PlotTable
from core.fairness import figures
from core.fairness.display import RateDots
from core.fairness.gaps import ODDS_DIFFERENCE, OPPORTUNITY_DIFFERENCE, PARITY_DIFFERENCE, PARITY_RATIO
from core.fairness.rates import OF_SCORES, RATES
from core.points import finite

COLUMN, COLUMN_KEY = "of", "fairness.of"
PART, PART_KEY = "part", "fairness.part"
GAP_KEY, RATE_KEY = "fairness.gap", "fairness.rate"
PARTS = {
    "groups": "Groups",
    "time": "Over time",
    "crossed": "Intersections",
    "alike": "Among alike",
    "both": "Why not both",
    "whatif": "What if",
}
DOTS = ("selection_rate", "recall", "false_positive_rate")
GAPS = (PARITY_DIFFERENCE, OPPORTUNITY_DIFFERENCE, ODDS_DIFFERENCE)
CONDITIONED = ("selection_rate", "recall", "false_positive_rate")
ROW_PIXELS, FRAME_PIXELS = 30, 110
LISTED = 100


def asked_place() -> int | None:
    """Return the protected column that the URL or the switch asks for, by its place; None: the worst one."""
    text = str(st.session_state.get(COLUMN_KEY) or st.query_params.get(COLUMN, ""))
    return int(text[1:]) if text[1:].isdigit() else None


def asked_rate() -> str:
    """Return the rate that is compared among rows that are alike."""
    rate = str(st.session_state.get(RATE_KEY, CONDITIONED[0]))
    return rate if rate in CONDITIONED else CONDITIONED[0]


def choose_column(view: FairnessView) -> None:
    """Draw the switch of the protected column; links know columns by their place only."""
    options = [f"p{place}" for place in range(len(view.columns))]
    if st.session_state.get(COLUMN_KEY) not in options:
        st.session_state[COLUMN_KEY] = options[view.place]
    st.segmented_control(
        "Protected column",
        options,
        key=COLUMN_KEY,
        required=True,
        format_func=lambda one: words.plain(_named(view, int(one[1:]))),
        label_visibility="collapsed",
        persist_state="session",
    )
    st.query_params[COLUMN] = options[view.place]


def _named(view: FairnessView, place: int) -> str:
    return findings.column_words(view.columns[place], view.meanings[place])


def choose_part() -> str:
    """Draw the switch of what is looked at, and return it."""
    if st.session_state.get(PART_KEY) not in PARTS:
        asked = st.query_params.get(PART, "groups")
        st.session_state[PART_KEY] = asked if asked in PARTS else "groups"
    chosen = st.segmented_control(
        "Part",
        list(PARTS),
        key=PART_KEY,
        required=True,
        format_func=PARTS.__getitem__,
        label_visibility="collapsed",
        persist_state="session",
    )
    part = str(chosen or "groups")
    st.query_params[PART] = part
    return part


def notes(view: FairnessView, *, segment: str, where: str = "") -> None:
    """Say which blocks are shown, that no segment and no filter is applied, and who is withheld."""
    everybody = "" if segment == ALL_SEGMENTS else " Everybody: the segment of the header is not applied here."
    if where:
        everybody += " The filter of the link is kept for the way back and not applied here: it could tell of persons."
    st.caption(f"{findings.shown_words(view)}{everybody}")
    withheld = findings.withheld_words(view)
    if withheld:
        st.caption(f":material/visibility_off: {withheld}")


def overview(view: FairnessView) -> None:
    """Draw the tiles: the gaps with interval, chance beside them, and four fifths."""
    tiles.row([*(_gap_tile(view, metric) for metric in GAPS), _four_fifths_tile(view)], key="fairness.tiles")


def _gap_tile(view: FairnessView, metric: str) -> tiles.Tile:
    gap = view.gap(metric)
    value = findings.number(gap.estimate)
    label = {
        PARITY_DIFFERENCE: "gap: selection",
        OPPORTUNITY_DIFFERENCE: "gap: true positives",
        ODDS_DIFFERENCE: "gap: errors",
    }[metric]
    if value is None:
        why = words.plain(findings.told(gap.estimate.note))
        return tiles.Tile(label=label, value=words.NONE, note="◌ not judged", help=findings.capital(why))
    mean = findings.number_of(gap.chance.mean)
    return tiles.Tile(
        label=label,
        value=f"{100 * value:.1f} pp",
        note=findings.between(gap.estimate).replace(" to ", "–"),
        note_more=f"chance {100 * mean:.1f}" if mean is not None else "",
        help=f"{findings.capital(findings.NAMES[metric])}: largest less smallest, in percentage points, with its "
        f"95 % interval over all pairs; {findings.chance_words(gap)}.",
    )


def _four_fifths_tile(view: FairnessView) -> tiles.Tile:
    against = view.answer.against
    label = "four fifths"
    if against is None:
        ratio = findings.number(view.gap(PARITY_RATIO).estimate)
        return tiles.Tile(
            label=label,
            value=words.NONE,
            note="no reference group",
            help="The rule of four fifths compares with a reference group that a person chooses, with a reason. "
            f"Between groups, lowest over highest: {words.two(ratio)}.",
        )
    value = findings.number(against.impact)
    if value is None:
        why = words.plain(findings.told(against.impact.note))
        return tiles.Tile(label=label, value=words.NONE, note="◌ not judged", help=findings.capital(why))
    place = int(against.lowest)
    finding = str(against.four_fifths.finding[place])
    detectable = finite(float(against.four_fifths.detectable[place]))
    can = "no ratio" if detectable is None else f"a ratio of {detectable:.2f} or less"
    return tiles.Tile(
        label=label,
        value=words.two(value),
        note=f"{'■ ' if finding == 'breach' else ''}{finding}",
        help=f"Lowest selection rate over that of the chosen reference group. A breach needs the one-sided 95 % upper "
        f"bound below 0.8; at these sizes {can} would be found in four cases of five.",
    )


def groups(view: FairnessView) -> None:
    """Draw every group with its rates and intervals, and the table of all metrics."""
    places = view.shown()
    if not places:
        notice.nothing_here(
            "Nothing by group is shown", "Too few people in a group: see the reasons above.", key="fairness.none"
        )
        return
    with st.container(horizontal=True, gap="small", key="fairness.heading"):
        st.subheader(f"Groups by {words.plain(_named(view, view.place))}", anchor=False, width="content")
        st.space("stretch")
        explained.number_button(_explained(view), key="fairness")
    dots = [_dots(view, metric, places) for metric in DOTS]
    plots.draw(
        "Rates of the groups with their 95 % intervals; the dashed line is all rows",
        figures.group_dots(dots),
        key="fairness.dots",
        height=FRAME_PIXELS + ROW_PIXELS * len(places),
    )
    st.caption(
        "TP rate: of the actual positives, the share selected; FP rate: of the actual negatives. "
        "Limits: intervals are of each group by itself; a hollow mark has fewer than 100 rows and enters no gap. Rates "
        "say that groups are treated differently, not why, and not whether that is wrong."
    )
    _all_metrics(view)


def _dots(view: FairnessView, metric: str, places: tuple[int, ...]) -> RateDots:
    found = view.answer.rates.estimates[metric]
    return RateDots(
        metric=findings.SHORT[metric],
        groups=findings.axis_names([view.answer.rates.labels[place] for place in places]),
        values=tuple(finite(float(found.value[place])) for place in places),
        low=tuple(finite(float(found.low[place])) for place in places),
        high=tuple(finite(float(found.high[place])) for place in places),
        n=tuple(int(np.nan_to_num(found.n[place])) for place in places),
        listed_only=tuple(float(view.answer.rates.n_rows[place]) < LISTED for place in places),
        overall=view.overall.get(metric),
    )


def _all_metrics(view: FairnessView) -> None:
    """Draw the table group × metric, with the withheld groups and the reason."""
    rates = view.answer.rates
    listed = [place for place in range(len(rates.labels)) if rates.n_rows[place] or view.answer.reasons[place]]
    columns: dict[str, list[tables.Cell]] = {
        "group": [rates.labels[place] for place in listed],
        "n": [words.NONE if view.answer.reasons[place] else f"{int(rates.n_rows[place]):,}" for place in listed],
    }
    for metric in (*RATES, *OF_SCORES):
        columns[findings.NAMES[metric]] = [_cell(view, metric, place) for place in listed]
    columns["note"] = [view.answer.reasons[place] for place in listed]
    table = PlotTable(name=f"{view.model}-fairness", columns=columns)
    st.dataframe(
        {name: [tables.cell(value) for value in values] for name, values in table.columns.items()},
        key="fairness.all",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={"n": st.column_config.TextColumn("n", width=70)},
        alt="Every metric of every group",
    )
    st.download_button(
        "Download as CSV",
        tables.csv_text(table),
        file_name=f"{table.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        key="fairness.csv",
    )


def _cell(view: FairnessView, metric: str, place: int) -> str:
    found = view.answer.rates.estimates[metric]
    value = finite(float(found.value[place]))
    if value is None:
        return "withheld" if view.answer.reasons[place] else words.NONE
    low, high = finite(float(found.low[place])), finite(float(found.high[place]))
    if metric in RATES or metric == "mean_score":
        return f"{words.percent(value)} [{findings.between(found, place)}]"
    return f"{words.three(value)} [{words.interval(low, high, 2)}]"


def _explained(view: FairnessView) -> explained.Explained:
    gap = view.gap(PARITY_DIFFERENCE)
    compared = [view.answer.rates.labels[place] for place in np.flatnonzero(gap.counted)]
    return explained.Explained(
        name=findings.NAMES[PARITY_DIFFERENCE],
        value=findings.points(findings.number(gap.estimate)),
        interval=findings.between(gap.estimate),
        definition="The largest selection rate of a group less the smallest. Between small groups it is never 0, even "
        "where the model treats all alike: what no difference would show stands beside it.",
        formula=r"\max_g \hat r_g - \min_g \hat r_g",
        facts={
            "release blocks": words.window(view.answer.window, view.grain),
            "rows": f"n = {int(np.nan_to_num(gap.estimate.n)):,}",
            "groups compared": ", ".join(compared) or "fewer than two with 100 rows",
            "chance": findings.chance_words(gap) or words.NONE,
        },
        provenance_id=view.provenance_id,
        topic="fairness",
    )


def over_time(view: FairnessView) -> None:
    """Draw one gap by release block."""
    chosen = st.segmented_control(
        "Gap",
        list(GAPS),
        default=GAPS[0],
        key=GAP_KEY,
        required=True,
        format_func=lambda one: findings.capital(findings.NAMES[one]),
        label_visibility="collapsed",
    )
    series = view.trend.get(str(chosen or GAPS[0]))
    if series is None or not any(value is not None for value in series.values):
        notice.nothing_here(
            "No trend to draw", "No release block has two groups that can be compared.", key="fairness.no_trend"
        )
        return
    known = [value for value in series.values if value is not None]
    plots.draw(
        f"{findings.capital(series.metric)}: {findings.points(known[-1])} in the last block, "
        f"{findings.points(min(known))} to {findings.points(max(known))} over {words.plural(len(known), 'block')}",
        figures.gap_over_windows(series),
        key="fairness.trend",
        table=PlotTable(
            name=f"{view.model}-gap",
            columns={
                "block from": series.labels,
                "gap": series.values,
                "low": series.low,
                "high": series.high,
                "chance": series.chance,
                "n": series.n,
            },
        ),
        height=300,
    )
    st.caption(
        "Limits: by release block, not by day: shorter stretches would show single people. A block in which a group is "
        "withheld compares the others."
    )


def both(view: FairnessView) -> None:
    """Draw why equal precision and equal error rates cannot both hold."""
    found = view.impossibility
    if found is None:
        notice.nothing_here("Cannot be shown here", findings.capital(view.why_possible), key="fairness.no_both")
        return
    plots.draw(
        words.plain(found.words()),
        figures.impossibility_dots(found),
        key="fairness.both",
        height=FRAME_PIXELS + ROW_PIXELS * len(found.labels),
        table=PlotTable(
            name=f"{view.model}-base-rates",
            columns={
                "group": found.labels,
                "n": [int(n) for n in found.n],
                "base rate": found.base_rate.tolist(),
                "precision": found.precision.tolist(),
                "recall": found.recall.tolist(),
                "false positive rate": found.false_positive_rate.tolist(),
                "false positive rate needed": found.required_false_positive_rate.tolist(),
            },
        ),
    )
    st.caption(
        "Limits: an identity of every confusion matrix (Chouldechova 2017), told with this model's own base rates. "
        "Base rates are of recorded outcomes, which may themselves be unfair."
    )
