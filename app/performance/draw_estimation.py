"""Before the actuals come: the estimate beside the realised value, label coverage, lag, and the worst windows."""

import streamlit as st

from app import choices, explained, navigation, notice, plots, tables, waiting, words
from app.performance import findings, foretold
from app.performance.metrics import METRICS
from app.performance.views import EstimatedFact, EstimationView, PerformanceView, WorstWindow
from app.views import Selection
from core.estimation import figures

HEIGHT = 200
JOB, SECONDS = "estimated_loss", 15.0
CANNOT = (
    "An estimate takes the relation of score to outcome from the reference: it follows a change of the inputs, and it "
    "is blind to a change of the relation."
)


def beside(view: PerformanceView, metric: str, home: str) -> None:
    """Draw what is said of the estimate under the course of a metric; start the row model where it is missing."""
    found = view.estimation
    if found is None:
        return
    if found.needs_row_model:
        waiting.shown_when_ready(
            home,
            JOB,
            {"model": view.model, "version": view.version},
            seconds=SECONDS,
            what="How large the errors of this model are expected to be",
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="performance.estimate"):
        st.caption(foretold.estimate_words(view, metric), width="stretch")
        fact = found.facts.get(metric)
        if fact is not None and fact.value is not None:
            explained.number_button(_explained(view, fact), key="performance.estimate")


def _explained(view: PerformanceView, fact: EstimatedFact) -> explained.Explained:
    spoken = METRICS[fact.metric]
    regression = view.task == "regression"
    return explained.Explained(
        name=f"{spoken.name}, estimated without actuals",
        value=spoken.text(fact.value),
        interval=spoken.interval(fact.low, fact.high),
        definition=f"{spoken.definition} {CANNOT}",
        formula=r"\frac1n\sum_i \hat e(x_i, \hat y_i)" if regression else r"TP = \sum_{b\,\text{called}} n_b\,c_b",
        facts={
            "window": words.window(view.window, view.grain),
            "rows": f"n = {fact.n:,}, with or without an actual",
            "segment": choices.segment_words(view.segment),
            "band": f"{fact.widened:.2f} times the sampling error, from {fact.n_known} mature windows",
            "to know": fact.note,
        },
        provenance_id=view.provenance_id,
        topic="estimation",
    )


def lateness(view: PerformanceView) -> None:
    """Draw label coverage by window beside the share of actuals known by age."""
    found = view.estimation
    if found is None:
        return
    left, right = st.columns(2, gap="small")
    with left:
        _coverage(view, found)
    with right:
        _lag(found)
    early = foretold.early_words(view)
    if early:
        st.caption(f"▲ {words.plain(early)}")


def _coverage(view: PerformanceView, found: EstimationView) -> None:
    strip = found.coverage
    columns: dict[str, tuple[tables.Cell, ...]] = {
        "window": strip.labels,
        "label_coverage": strip.share,
        "complete": strip.mature,
    }
    if strip.by_lag:
        columns["complete_by_lag"] = strip.by_lag
    plots.draw(
        foretold.coverage_finding(view),
        figures.coverage_bars(strip),
        key="performance.coverage",
        table=tables.PlotTable(name="label-coverage", columns=columns),
        height=HEIGHT,
    )
    said = foretold.maturity_words(view)
    if said:
        st.caption(said)


def _lag(found: EstimationView) -> None:
    steps = found.lag
    if steps is None:
        notice.nothing_here("No lag curve", f"{found.no_lag[:1].upper()}{found.no_lag[1:]}.", key="performance.no_lag")
        return
    plots.draw(
        foretold.lag_finding(found),
        figures.lag_curve(steps),
        key="performance.lag",
        table=tables.PlotTable(
            name="actuals-known-by-age",
            columns={"days": steps.days, "known": steps.share, "ci_low": steps.low, "ci_high": steps.high},
        ),
        height=HEIGHT,
    )
    st.caption(
        f"Kaplan–Meier over {steps.n:,} predictions of the last {steps.intake_days} days: rows without an actual count "
        "up to their age, not as never labelled."
    )


def worst(view: PerformanceView, selection: Selection) -> None:
    """Draw the worst windows of the past as links that set the header's window."""
    if not view.worst:
        return
    with st.container(border=True, gap="xsmall", key="performance.worst"):
        st.markdown("**Worst windows** of this version, by its stored alarms")
        for place, one in enumerate(view.worst):
            _worst_link(view, selection, one, place)


def _worst_link(view: PerformanceView, selection: Selection, one: WorstWindow, place: int) -> None:
    name = choices.window_name(one.window, view.grain)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"performance.worst.{place}"):
        st.markdown(words.badge(one.state), width="content")
        st.page_link(
            navigation.path("performance"),
            label=words.plain(words.window(one.window, view.grain)),
            icon=":material/history:",
            query_params={**selection.query(), "window": name, "metric": one.metric},
            disabled=one.window == view.window,
            width="content",
        )
        st.markdown(words.plain(findings.worst_words(one)), width="content")
