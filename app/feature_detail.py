"""The selected feature: its distributions, its PSI over windows, and what stands behind the number."""

import plotly.graph_objects as go
import streamlit as st

from app import choices, findings, method, notice, words
from app.views import DriftView, FeatureView
from core.drift import figures

PLOT_HEIGHT = 270


def draw(view: DriftView, feature: FeatureView) -> None:
    """Draw everything about the selected feature."""
    _heading(view, feature)
    left, right = st.columns(2, gap="small")
    with left:
        if feature.distribution is None:
            notice.nothing_here("No distribution", feature.row.reason, key="drift.no_distribution")
        else:
            plot(findings.distribution_finding(feature), figures.distribution_bars(feature.distribution), "drift.cells")
    with right:
        if feature.series is None:
            notice.nothing_here("No windows to draw", feature.row.reason, key="drift.no_series")
        else:
            plot(findings.series_finding(feature), figures.excess_over_windows(feature.series), "drift.windows")


def plot(finding: str, drawn: go.Figure, key: str) -> None:
    """Draw a figure under its finding; the theme in the key repairs colours after a change of theme."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{finding}**")
        st.plotly_chart(
            drawn,
            height=PLOT_HEIGHT,
            config={"displayModeBar": False},
            key=f"{key}.{st.context.theme.type}",
            alt=finding.replace("\\", "").replace(words.JOINER, ""),
        )


def _heading(view: DriftView, feature: FeatureView) -> None:
    row = feature.row
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="drift.heading"):
        st.subheader(words.plain(row.feature), anchor=False, width="content")
        st.markdown(words.badge(row.state), width="content")
        if row.seasonal:
            st.markdown(f":gray-badge[{words.plain(findings.compared(row))}]", width="content")
        st.space("stretch")
        if st.button("Why this colour", icon=":material/rule:", type="tertiary", key="drift.why"):
            why_this_colour(feature)
        if st.button("Explain this number", icon=":material/calculate:", key="drift.explain"):
            explain_number(view, feature)
    facts = [words.plain(row.meaning)] if row.meaning else []
    facts.append(words.plain(row.reason[:1].upper() + row.reason[1:]) if row.reason else "")
    if row.seasonal and row.training_outside is not None and row.psi is not None:
        facts.append(
            f"For information: {words.percent(row.training_outside)} of rows lie outside its training range, "
            f"PSI against training {words.two(row.psi)}"
        )
    st.caption(" · ".join(fact.rstrip(".") for fact in facts if fact))


@st.dialog("Explain this number", position="right", width="medium")
def explain_number(view: DriftView, feature: FeatureView) -> None:
    """Show definition, formula, window, rows, interval and data version of the PSI."""
    row = feature.row
    shown = "–" if view.window is None else words.window(view.window, view.grain)
    st.markdown(f"**PSI {words.two(row.psi)}**, 95 % interval {words.within(row.psi_low, row.psi_high)}")
    st.markdown(
        "Population stability index: how far the shares of this window's rows on the display cells have moved from "
        "the reference; 0 means equal, 0.1 is a shift of about a third of a standard deviation, 0.25 of a half."
    )
    st.latex(r"\sum_b (q_b - p_b)\,\ln\frac{c_b + \frac12}{r_b + \frac12}", width="content")
    st.caption("c, r: rows of a cell in the window and in the reference; q, p: their shares.")
    chance = "–" if row.psi is None or row.excess is None else words.two(max(row.psi - row.excess, 0.0))
    st.table(
        {
            "window": words.plain(shown),
            "reference": words.plain(choices.reference_words(view.reference).removeprefix("vs ")),
            "rows": f"n = {row.n:,}, m = {row.n_reference:,}",
            "cells": f"{feature.n_cells}",
            "expected by chance": chance,
            "day-to-day variation": _variation(feature.phi),
            "above chance (PSI excess)": words.above_chance(row.excess, row.excess_low, row.excess_high),
            "judged": f"{words.above_chance(row.judged, row.judged_low, row.judged_high)}, "
            f"{words.plain(findings.compared(row))}",
            "data version": f"`{row.provenance_id}`" if row.provenance_id else words.NONE,
        },
        border="horizontal",
    )
    method.fold("drift")


def _variation(phi: float | None) -> str:
    return "unknown" if phi is None else f"{words.factor(phi)} × what chance gives, part of the line above"


@st.dialog("Why this colour", position="right", width="medium")
def why_this_colour(feature: FeatureView) -> None:
    """Show limits, this window alone, persistence, and the false alarms to expect."""
    row, limits = feature.row, feature.limits
    st.markdown(f"{words.badge(row.state)} {words.plain(row.reason)}")
    st.markdown(
        f"- critical at once: PSI above chance at least {words.two(limits.critical)} "
        f"and p at most {limits.critical_p:g}\n"
        f"- warning: PSI above chance at least {words.two(limits.warning)} in {limits.needed} of the last {limits.of} "
        "windows\n"
        f"- both only when the corrected p-value is at most {limits.level:g} and n is at least {limits.min_n}"
    )
    st.table(
        {
            "this window alone": words.badge(row.raw_state),
            "PSI above chance": words.above_chance(row.judged, row.judged_low, row.judged_high),
            "compared with": words.plain(row.compared_with),
            "corrected p-value": words.p_value(row.adjusted_p),
            "false alarms a month": words.rate(row.false_alarms_month),
            "limits": words.plain(limits.source),
        },
        border="horizontal",
    )
    if feature.standings:
        _standings(feature)
    method.fold("verdict")


def _standings(feature: FeatureView) -> None:
    st.caption("The last windows, each alone and with persistence")
    st.markdown(
        "  \n".join(
            f"{words.plain(past.label)}: {words.badge(past.raw_state)} → {words.badge(past.state)}"
            for past in feature.standings
        )
    )
