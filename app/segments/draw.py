"""Widgets of the Segments page: the switch of the loss, the selected segment, the heat map, designed states."""

import streamlit as st

from app import explained, notice, onward, plots, tables, tiles, waiting, words
from app.segments import findings, queries
from app.segments.losses import LOSSES
from app.segments.views import SegmentsView, name_of, text_of
from app.views import Selection
from core.errors import CoreError
from core.segments import figures
from core.segments.search_grid import SegmentGrid
from core.segments.search_losses import LossKind
from core.segments.search_reference import Standing
from core.segments.search_result import FoundSegment, Later, WorstSegments

LOSS, DOWN, ACROSS = "loss", "down", "across"
KEYS = {LOSS: "segments.loss", DOWN: "segments.down", ACROSS: "segments.across"}
SECONDS_A_ROW, SECONDS_AT_LEAST = 1.5e-4, 3.0
TALL, CELL_PIXELS, GRID_FRAME = 300, 42, 70


def asked_loss() -> str:
    """Return the loss that was chosen on the page, else what the URL asks for; empty: nothing yet."""
    query = st.query_params.get(LOSS, "")
    if query and query != st.session_state.get("seen.segments.loss"):
        return query
    return str(st.session_state.get(KEYS[LOSS]) or query)


def choose_loss(view: SegmentsView) -> None:
    """Draw the switch of the loss, which stands in the URL."""
    st.query_params[LOSS] = view.loss.value
    st.session_state["seen.segments.loss"] = view.loss.value
    if len(view.losses) < 2:
        return
    names = [one.value for one in view.losses]
    if st.session_state.get(KEYS[LOSS]) != view.loss.value:
        st.session_state[KEYS[LOSS]] = view.loss.value
    st.segmented_control(
        "Loss",
        names,
        key=KEYS[LOSS],
        required=True,
        format_func=lambda name: LOSSES[LossKind(name)].short,
        label_visibility="collapsed",
        persist_state="session",
    )


def wait(home: str, view: SegmentsView) -> None:
    """Draw where the search stands that has not been made yet."""
    seconds = SECONDS_AT_LEAST + SECONDS_A_ROW * min(view.n_rows, 200_000)
    waiting.shown_when_ready(home, "worst_segments", view.job, seconds=seconds, what="the worst segments")


def nothing(worst: WorstSegments) -> None:
    """Draw the designed state of a window without weak segments: too few labels, or none worse than chance."""
    if worst.reason:
        notice.nothing_here("Too few actuals", findings.capital(worst.reason), key="segments.too_few")
        return
    fact = f"No segment is worse than chance would show; {worst.n_searched:,} searched."
    notice.nothing_here("Nothing found", fact, key="segments.nothing")


def selected(view: SegmentsView, one: FoundSegment) -> None:
    """Draw the selected segment: its numbers, and its loss beside the rest over windows."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="segments.heading"):
        st.subheader(words.plain(name_of(one)), anchor=False, width="content")
        st.space("stretch")
        explained.number_button(_explained(view, one), key="segments")
    tiles.row(_tiles(view, one), key="segments.tiles")
    if not one.history:
        return
    searched = view.worst.window_start if view.worst else ""
    plots.draw(
        findings.over_windows(one, view.loss, searched=searched),
        figures.segment_over_windows(one.history, view.loss, grain=view.grain, searched=searched),
        key="segments.windows",
        table=_history_table(view, one),
        height=TALL,
    )


def _tiles(view: SegmentsView, one: FoundSegment) -> list[tiles.Tile]:
    spoken, worst = LOSSES[view.loss], view.worst
    assert worst is not None
    later = one.later
    after = words.NONE if later.mean is None else f"{spoken.text(later.mean)}, rest {spoken.text(later.rest)}"
    before = one.before
    return [
        tiles.Tile(
            label=spoken.name,
            value=spoken.text(one.mean),
            note=f"rest {spoken.text(one.rest)}",
            help=f"95 % interval {spoken.interval(one.low, one.high)}, n = {one.n:,}.",
        ),
        tiles.Tile(
            label="surely worse by",
            value=spoken.plus(one.shrunk),
            note=f"{spoken.more(one.shrunk_low)} to {spoken.more(one.shrunk_high)}",
            help=f"The seen deficit is {spoken.more(one.deficit)}; only large ones are reported, and this is what is "
            "left once that is taken into account.",
        ),
        tiles.Tile(
            label="in training",
            value=before.standing.value,
            note=words.NONE if before.deficit is None else f"{spoken.plus(before.deficit)} there",
            help=words.plain(before.reason) if before.reason else f"{before.n:,} rows of it in the reference.",
        ),
        tiles.Tile(
            label="next window",
            value="not held" if later.outcome is Later.DID_NOT_HOLD else later.outcome.value,
            note=after,
            help=words.plain(later.reason) if later.reason else f"{later.n:,} rows of it there.",
        ),
    ]


def _explained(view: SegmentsView, one: FoundSegment) -> explained.Explained:
    spoken, worst = LOSSES[view.loss], view.worst
    assert worst is not None
    facts = {
        "window": words.window(view.window, view.grain),
        "rows of the segment": f"n = {one.n:,} of {worst.n:,} that count",
        "all other rows": spoken.text(one.rest),
        "harm": f"{one.harm:,.1f} = ({spoken.text(one.mean)} − {spoken.text(one.rest)}) × {one.n:,}",
        "p, one-sided": words.p_value(one.p),
        "p, corrected": f"{words.p_value(one.adjusted_p)} over {worst.n_searched:,} segments",
        "deficit as seen": spoken.more(one.deficit),
        "without the winner's curse": f"{spoken.more(one.shrunk)} [{spoken.more(one.shrunk_low)} to "
        f"{spoken.more(one.shrunk_high)}]",
        "in the reference": _before_words(view, one),
        "weak only because of it": words.plural(one.n_shadows, "further segment"),
    }
    return explained.Explained(
        name=f"{findings.capital(spoken.name)} of {name_of(one)}",
        value=spoken.text(one.mean),
        interval=spoken.interval(one.low, one.high),
        definition=spoken.definition,
        formula=spoken.formula,
        facts=facts,
        topic="segments",
    )


def _before_words(view: SegmentsView, one: FoundSegment) -> str:
    before = one.before
    if before.deficit is None:
        return f"not applicable: {before.reason}"
    more = LOSSES[view.loss].more(before.deficit)
    said = findings.STANDINGS[before.standing]
    return f"{said}: {more} from the rest (n = {before.n:,})" + (
        f"; {before.reason}" if before.standing is Standing.UNCLEAR else ""
    )


def _history_table(view: SegmentsView, one: FoundSegment) -> tables.PlotTable:
    points = one.history
    return tables.PlotTable(
        name="segment-by-window",
        columns={
            "from": [each.start for each in points],
            "to": [each.end for each in points],
            LOSSES[view.loss].short: [each.mean for each in points],
            "ci_low": [each.low for each in points],
            "ci_high": [each.high for each in points],
            "all other rows": [each.rest for each in points],
            "n": [each.n for each in points],
        },
    )


def ways_on(selection: Selection, one: FoundSegment) -> None:
    """Draw where to go next with the rows of the segment."""
    st.caption(words.plain(f"With the rows of {name_of(one)}:"))
    onward.links(selection, here="segments", where=text_of(one))


def heat_map(home: str, view: SegmentsView, one: FoundSegment | None) -> None:
    """Draw the heat map of two columns that the reader chooses; at first those of the selected segment."""
    if len(view.columns) < 2:
        return
    st.subheader("Two columns together", anchor=False)
    down, across = _columns(view, one)
    try:
        shown = queries.grid(home, view.job, down=down, across=across)
    except CoreError as error:
        notice.nothing_here("No heat map of these two", str(error), key="segments.no_grid")
        return
    if shown is None:
        return
    plots.draw(
        findings.grid_finding(shown),
        figures.grid_cells(shown),
        key="segments.grid",
        table=_grid_table(shown),
        height=GRID_FRAME + CELL_PIXELS * max(len(shown.down_levels), 3),
    )
    st.caption(
        f"Down: {words.plain(down)}. Across: {words.plain(across)}. The stronger the colour, the larger the "
        f"{LOSSES[shown.loss].name}; hatched: fewer than 30 rows. One cell among many is strong by chance: the table "
        "above says what is more than that."
    )


def _columns(view: SegmentsView, one: FoundSegment | None) -> tuple[str, str]:
    own = [] if one is None else [name for name in one.where.columns if name in view.columns]
    first = own[0] if own else view.columns[0]
    second = own[1] if len(own) > 1 else next(name for name in view.columns if name != first)
    with st.container(horizontal=True, gap="small", key="segments.grid_choice"):
        down = _pick("Down", DOWN, view.columns, first, follows=name_of(one) if one else "")
        others = tuple(name for name in view.columns if name != down)
        across = _pick("Across", ACROSS, others, second, follows=name_of(one) if one else "")
    return down, across


def _pick(label: str, name: str, options: tuple[str, ...], first: str, *, follows: str) -> str:
    """Draw one of the two choices; selecting another segment chooses its columns."""
    seen = f"seen.segments.{name}"
    moved = st.session_state.get(seen) != follows
    if moved or st.session_state.get(KEYS[name]) not in options:
        st.session_state[KEYS[name]] = first if first in options else options[0]
    st.session_state[seen] = follows
    return str(st.selectbox(label, options, key=KEYS[name], persist_state="session", width=200))


def _grid_table(shown: SegmentGrid) -> tables.PlotTable:
    cells = [
        (down, across, cell)
        for down, row in zip(shown.down_levels, shown.cells, strict=True)
        for across, cell in zip(shown.across_levels, row, strict=True)
    ]
    return tables.PlotTable(
        name="segments-of-two-columns",
        columns={
            shown.down: [down for down, _, _ in cells],
            shown.across: [across for _, across, _ in cells],
            LOSSES[shown.loss].short: [cell.mean for _, _, cell in cells],
            "ci_low": [cell.low for _, _, cell in cells],
            "ci_high": [cell.high for _, _, cell in cells],
            "n": [cell.n for _, _, cell in cells],
            "note": [cell.reason for _, _, cell in cells],
        },
    )


def link_asks(home: str, view: SegmentsView, where: str) -> None:
    """Say which rows a link asked for that are none of the segments found."""
    try:
        said = queries.asked_rows(home, view.model, where)
    except CoreError as error:
        notice.cannot_show(error, title="The filter of the link cannot be read")
        return
    st.caption(words.plain(f"The link asked for {said}: not one of the segments listed here."))
