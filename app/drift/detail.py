"""The selected feature: its distributions, its drift over windows, and where it comes from."""

from typing import Any

import streamlit as st

from app import explained, notice, plots, style, tables, words
from app.drift import explanations, findings
from app.drift.plot_tables import distribution_table, series_table, where_table
from app.drift.views import DriftView, FeatureView, OutcomeView
from app.findings import told
from core.drift import figures
from core.drift.detail import Where
from core.drift.display import DriftSeries

PLOT_HEIGHT = 270
SUDDEN = "this window"
WINDOWS_KEY = "drift.kind"
SEGMENTS_SHOWN = 8


def draw(view: DriftView, feature: FeatureView) -> None:
    """Draw everything about the selected feature."""
    _heading(view, feature)
    name = f"{view.model}-{feature.row.feature}"
    left, right = st.columns(2, gap="small")
    with left:
        if feature.withheld:
            notice.withheld_levels(feature.row.feature, key="drift.withheld")
        elif feature.distribution is None:
            notice.nothing_here("No distribution", feature.row.reason, key="drift.no_distribution")
        else:
            plots.draw(
                findings.distribution_finding(
                    feature.distribution, numeric=feature.row.numeric, feature=feature.row.feature
                ),
                figures.distribution_bars(feature.distribution),
                key="drift.cells",
                table=distribution_table(feature.distribution, name=name),
                height=PLOT_HEIGHT,
            )
    with right:
        finding, series = _chosen_series(feature)
        if series is None:
            notice.nothing_here("No windows to draw", feature.row.reason, key="drift.no_series")
        else:
            plots.draw(
                finding,
                figures.excess_over_windows(series),
                key="drift.windows",
                table=series_table(series, name=name),
                height=PLOT_HEIGHT,
            )
    _kinds(feature)
    _metrics(feature)


def _heading(view: DriftView, feature: FeatureView) -> None:
    row = feature.row
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="drift.heading"):
        st.subheader(words.plain(row.feature), anchor=False, width="content")
        st.markdown(words.badge(row.state), width="content")
        if row.seasonal:
            st.markdown(f":gray-badge[{words.plain(findings.compared(row))}]", width="content")
        st.space("stretch")
        explained.colour_button(explanations.verdict_explained(feature), key="drift")
        explained.number_button(explanations.psi_explained(view, feature), key="drift")
    facts = [words.plain(row.meaning)] if row.meaning else []
    facts.append(words.plain(told(row.reason[:1].upper() + row.reason[1:], row.grain)) if row.reason else "")
    if row.seasonal and row.training_outside is not None and row.psi is not None:
        facts.append(
            f"For information: {words.percent(row.training_outside)} of rows lie outside its training range, "
            f"PSI against training {words.two(row.psi)}"
        )
    st.caption(" · ".join(fact.rstrip(".") for fact in facts if fact))


def _chosen_series(feature: FeatureView) -> tuple[str, DriftSeries | None]:
    """Return the windows to draw, as chosen below the plot, and what they say."""
    picked = st.session_state.get(WINDOWS_KEY)
    slow = next((line for line in feature.slow if line.name == picked), None)
    if slow is None:
        return findings.series_finding(feature), feature.series
    return findings.slow_finding(slow), slow.series


def _kinds(feature: FeatureView) -> None:
    """Draw the choice between sudden and slow drift, and what slow drift says."""
    if not feature.slow:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="drift.slow"):
        st.segmented_control(
            "Drift over windows",
            [SUDDEN, *(line.name for line in feature.slow)],
            default=SUDDEN,
            required=True,
            key=WINDOWS_KEY,
            label_visibility="collapsed",
            width="content",
        )
        for line in feature.slow:
            told = words.plain(line.reason[:1].upper() + line.reason[1:])
            st.markdown(f"{words.badge(line.state)} {line.name}", width="content", help=told or None)


def _metrics(feature: FeatureView) -> None:
    """Draw every drift metric of the feature, folded until wanted."""
    if not feature.metrics:
        return
    fold = st.expander("All drift metrics", icon=":material/straighten:", key="drift.metrics", on_change="rerun")
    if not fold.open:
        return
    with fold:
        lines = [
            {
                "metric": line.name,
                "value": words.plain(line.value),
                "95 % interval": words.plain(line.interval) or words.NONE,
                "": words.plain(line.note),
            }
            for line in feature.metrics
        ]
        st.table(lines, border="horizontal", hide_index=True)


def draw_where(view: DriftView, feature: FeatureView, found: Where) -> None:
    """Draw which segments carry the drift of the feature."""
    if not found.segments:
        return
    st.markdown(f"**{findings.where_finding(feature, found)}**")
    if findings.stands_out(found):
        _where_table(found)
    left = f"; {words.plural(found.n_suppressed, 'segment')} below 50 rows left out" if found.n_suppressed else ""
    st.caption(
        "Share: rows × PSI above chance within the segment, of all segments of that column; a changed mix of segments "
        f"is not in it{left}."
    )
    tables.draw(where_table(found, name=f"{view.model}-{feature.row.feature}"), key="drift.where_all")


def _where_table(found: Where) -> None:
    shown = found.segments[:SEGMENTS_SHOWN]
    st.dataframe(
        {
            "segment": [tables.cell(f"{one.column} = {one.value}") for one in shown],
            "share": [100 * one.share for one in shown],
            "excess": [max(one.excess, 0.0) for one in shown],
            "interval": [words.within(one.low, one.high) for one in shown],
            "n": [one.n for one in shown],
        },
        key="drift.where",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config=_where_columns(),
        alt="Segments by their share of the drift, largest first",
    )


def _where_columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "segment": column.TextColumn("segment"),
        "share": column.ProgressColumn(
            "share of the drift", format="%.1f %%", min_value=0, max_value=100, color="blue"
        ),
        "excess": column.NumberColumn("PSI above chance", format="%.2f"),
        "interval": column.TextColumn("95 % interval"),
        "n": column.NumberColumn("n", format="localized"),
    }


def draw_outcomes(view: DriftView) -> None:
    """Draw what came out of the model and what came back, folded until wanted."""
    names = [one.name for one in view.outcomes]
    if not names:
        return
    title = words.enumerate_names(names)
    fold = st.expander(
        f"{title[:1].upper()}{title[1:]}", icon=":material/output:", key="drift.outcomes", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        for place, one in zip(st.columns(len(view.outcomes), gap="small"), view.outcomes, strict=True):
            with place:
                _outcome(view, one)


def _outcome(view: DriftView, one: OutcomeView) -> None:
    told = one.waiting or one.row.reason
    st.markdown(f"{words.badge(one.row.state)} {one.name}")
    plots.draw(
        findings.distribution_finding(one.distribution, numeric=one.row.numeric),
        figures.distribution_bars(one.distribution),
        key=f"drift.outcome.{one.name}",
        table=distribution_table(one.distribution, name=f"{view.model}-{one.name}"),
        height=PLOT_HEIGHT,
    )
    st.caption(words.plain(told[:1].upper() + told[1:]) if told else "")
