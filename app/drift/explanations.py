"""What stands behind the PSI of a feature, and behind the colour of its verdict."""

from app import choices, words
from app.drift import findings
from app.drift.views import DriftView, FeatureView
from app.explained import Coloured, Explained
from core.windows import variation_words


def psi_explained(view: DriftView, feature: FeatureView) -> Explained:
    """Return definition, formula, window, rows, interval and data version of the PSI."""
    row = feature.row
    chance = None if row.psi is None or row.excess is None else max(row.psi - row.excess, 0.0)
    return Explained(
        name=f"PSI of {row.feature}",
        value=words.two(row.psi),
        interval=words.within(row.psi_low, row.psi_high),
        definition="Population stability index: how far the shares of this window's rows on the display cells have "
        "moved from the reference; 0 means equal, 0.1 is a shift of about a third of a standard deviation, 0.25 of a "
        "half. c, r: rows of a cell in the window and in the reference; q, p: their shares.",
        formula=r"\sum_b (q_b - p_b)\,\ln\frac{c_b + \frac12}{r_b + \frac12}",
        facts={
            "window": words.NONE if view.window is None else words.window(view.window, view.grain),
            "reference": choices.reference_words(view.reference).removeprefix("vs "),
            "rows": f"n = {row.n:,}, m = {row.n_reference:,}",
            "cells": f"{feature.n_cells}",
            "expected by chance": words.two(chance),
            variation_words(row.grain): _variation(feature.phi),
            "above chance (PSI excess)": words.above_chance(row.excess, row.excess_low, row.excess_high),
            "judged": f"{words.above_chance(row.judged, row.judged_low, row.judged_high)}, {findings.compared(row)}",
        },
        provenance_id=row.provenance_id,
        topic="drift",
    )


def _variation(phi: float | None) -> str:
    return "unknown" if phi is None else f"{words.factor(phi)} × what chance gives, part of the line above"


def verdict_explained(feature: FeatureView) -> Coloured:
    """Return limits, this window alone, persistence, and the false alarms to expect."""
    row, limits = feature.row, feature.limits
    return Coloured(
        state=row.state,
        reason=row.reason,
        rules=(
            f"critical at once: PSI above chance at least {words.two(limits.critical)} and p at most "
            f"{limits.critical_p:g}",
            f"warning: PSI above chance at least {words.two(limits.warning)} in {limits.needed} of the last "
            f"{limits.of} windows",
            f"both only when the corrected p-value is at most {limits.level:g} and n is at least {limits.min_n}",
        ),
        facts={
            "this window alone": words.state(row.raw_state),
            "PSI above chance": words.above_chance(row.judged, row.judged_low, row.judged_high),
            "compared with": row.compared_with,
            "corrected p-value": words.p_value(row.adjusted_p),
            "false alarms a month": words.rate(row.false_alarms_month),
            "limits": limits.source,
            **{
                past.label: f"{words.state(past.raw_state)} alone, {words.state(past.state)} with persistence"
                for past in feature.standings
            },
        },
    )
