"""Champion and challenger side by side: metrics, curves, segments, fairness, and what moves their scores."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import notice, plots, style, tables, words
from app.releases import told
from app.tables import Cell, PlotTable
from core.releases import display, figures
from core.releases.service import ReleaseDetail

PARTS = ("metrics", "curves", "segments", "fairness", "reasons")
CURVES = {"roc": "ROC", "pr": "Precision and recall", "reliability": "Reliability"}
RATES = {
    "selection_rate": "selected",
    "recall": "found (recall)",
    "false_positive_rate": "falsely called",
    "accuracy": "accuracy",
}
TALL, ROW_PIXELS, FRAME_PIXELS = 320, 34, 90
Document = Mapping[str, Any]


def draw(detail: ReleaseDetail, document: Document) -> None:
    """Draw the heading with its switch, and the chosen part."""
    before, after = document.get("champion"), document["version"]
    with st.container(horizontal=True, vertical_alignment="center", key="dossier.compared"):
        named = f"Champion {before} and challenger {after}" if before else f"Version {after}, without a champion"
        st.subheader(words.plain(named), anchor=False, width="content")
        st.space("stretch")
        part = st.segmented_control(
            "Part of the comparison",
            PARTS,
            default=PARTS[0],
            required=True,
            key="compared",
            bind="query-params",
            label_visibility="collapsed",
        )
    names = (f"{before} (champion)" if before else "no champion", f"{after} (challenger)")
    match part:
        case "curves":
            _curves(document, names)
        case "segments":
            _segments(document)
        case "fairness":
            _fairness(document)
        case "reasons":
            _reasons(document, names)
        case _:
            _metrics(detail, document)


def rows_words(document: Document) -> str:
    """Return on which rows the versions were compared."""
    pairs, window = document.get("pairs") or {}, document.get("window") or {}
    if not pairs:
        return "There is no champion to compare with."
    span = "" if not window.get("start") else f" of {window['start']} to {window.get('last') or window['end']}"
    said = f"{pairs['compared']:,} rows{span} that both scored and whose actual is known"
    cover = [
        f"{words.percent(one['known'] / one['n'])} of those decided {'positive' if one['decision'] else 'negative'}"
        for one in pairs.get("coverage", ())
        if one["n"]
    ]
    more = f"; actuals are known of {words.enumerate_names(cover)} (by the champion)" if cover else ""
    return f"{said}{more}."


def _metrics(detail: ReleaseDetail, document: Document) -> None:
    dots = display.change_dots(document)
    left, right = st.columns([3, 2], gap="small") if dots else (st.container(), None)
    with left:
        _metric_table(document)
    if right is not None:
        with right:
            names = [words.metric(dot.metric) for dot in dots]
            beyond = [name for name, dot in zip(names, dots, strict=True) if dot.outcome == "fail"]
            finding = f"Beyond its limit: {words.enumerate_names(beyond)}" if beyond else "Change, worst first"
            plots.draw(
                words.plain(finding),
                figures.change_dots(dots, names),
                key=f"dossier.change.{detail.release.id}",
                height=FRAME_PIXELS + ROW_PIXELS * max(len(dots), 3),
            )
    st.caption(f"Each version over all its rows of the window; the change on {words.plain(rows_words(document))}")


def _metric_table(document: Document) -> None:
    found = document.get("metrics") or []
    if not found:
        notice.nothing_here("No metric", "Neither version has rows with a known actual.", key="dossier.no_metrics")
        return
    rows = sorted(found, key=lambda one: -((one.get("change") or {}).get("worse_by") or -1e9))
    before, after = document.get("champion") or "champion", document["version"]
    st.dataframe(
        {
            "metric": [words.metric(one["metric"]) for one in rows],
            before: [_side(one, "champion") for one in rows],
            after: [_side(one, "challenger") for one in rows],
            "worse by": [_change(one, "worse_by") for one in rows],
            "95 % interval": [_between(one) for one in rows],
            "n": [(one.get("change") or {}).get("n") for one in rows],
        },
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config={
            "metric": st.column_config.TextColumn(width=130),
            before: st.column_config.TextColumn(width=76),
            after: st.column_config.TextColumn(width=76),
            "worse by": st.column_config.TextColumn(width=76, help="On the same rows; below 0 it is better."),
            "95 % interval": st.column_config.TextColumn(width=136),
            "n": st.column_config.NumberColumn(width=76, format="localized"),
        },
        key="dossier.metrics",
        alt="Metrics of both versions, what gets worse first",
    )


def _side(one: Mapping[str, Any], side: str) -> str:
    found = one.get(side)
    return words.NONE if found is None else words.metric_value(one["metric"], found["value"])


def _change(one: Mapping[str, Any], field: str) -> str:
    found = one.get("change")
    return words.NONE if found is None else told.amount(found[field])


def _between(one: Mapping[str, Any]) -> str:
    found = one.get("change")
    if found is None or found["ci_low"] is None:
        return words.NONE
    return f"{told.amount(found['ci_low'])} to {told.amount(found['ci_high'])}"


def _curves(document: Document, names: tuple[str, str]) -> None:
    pairs = [one for kind in CURVES if not (one := display.curve_pair(document, kind)).is_empty]
    if not pairs:
        fact = "A model with two outcomes has them, once both versions have rows with a known actual."
        notice.nothing_here("No curves", fact, key="dossier.no_curves")
        return
    for column, pair in zip(st.columns(len(pairs), gap="small"), pairs, strict=True):
        with column:
            plots.draw(
                CURVES[pair.kind],
                figures.curve_overlay(pair, names),
                key=f"dossier.curve.{pair.kind}",
                height=TALL,
                table=_points(pair, names),
            )


def _points(pair: display.CurvePair, names: tuple[str, str]) -> PlotTable:
    points = [(name, *one) for name, side in zip(names, (pair.champion, pair.challenger), strict=True) for one in side]
    columns: dict[str, list[Cell]] = {
        "version": [name for name, _, _ in points],
        "across": [x for _, x, _ in points],
        "up": [y for _, _, y in points],
    }
    return PlotTable(name=f"{pair.kind}_of_both_versions", columns=columns)


def _segments(document: Document) -> None:
    found, search = document.get("segments") or [], document.get("segment_search")
    if not found or not search:
        fact = "No segment is shown to lose." if search else "Too few rows that both scored, or no champion."
        notice.nothing_here("No segment that loses", fact, key="dossier.no_segments")
        return
    st.markdown(
        f"Growth of the mean {words.plain(search['loss'])} of the {len(found)} segments that lose most surely, of "
        f"{search['searched']:,} searched; at most {told.amount(search['limit'])} is allowed."
    )
    st.dataframe(
        {
            "segment": [tables.cell(one["where"]) for one in found],
            "rows": [one["n"] for one in found],
            "champion": [told.amount(one["champion"]) for one in found],
            "worse by": [told.amount(one["harm"]) for one in found],
            "95 % interval": [f"{told.amount(one['least'])} to {told.amount(one['high'])}" for one in found],
            "surely worse by": [told.amount(one["shown"]) for one in found],
            "over the limit": ["yes" if one["least"] > search["limit"] else "no" for one in found],
        },
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={
            "segment": st.column_config.TextColumn(width=380),
            "rows": st.column_config.NumberColumn(width=76, format="localized"),
            "surely worse by": st.column_config.TextColumn(
                width=110, help="What is left once it is taken into account that only the worst are shown."
            ),
        },
        key="dossier.segments",
        alt="Segments that lose most surely",
    )


def _fairness(document: Document) -> None:
    found = document.get("fairness") or {}
    if found.get("why") or not found.get("columns"):
        fact = f"{(found.get('why') or 'the groups were not read').rstrip('.')}."
        notice.nothing_here("No groups are compared", fact[0].upper() + fact[1:], key="dossier.no_groups")
        return
    _gaps(found.get("gaps") or [])
    for one in found["columns"]:
        withheld = sum(bool(group["withheld"]) for group in one["groups"])
        small = f" :gray[{words.plural(withheld, 'small group')} withheld]" if withheld else ""
        st.markdown(f"**{words.plain(one['column'])}**{small}")
        st.dataframe(
            [_group(group) for group in one["groups"] if not group["withheld"] and _has_rows(group)],
            hide_index=True,
            height="content",
            row_height=style.ROW_HEIGHT,
            placeholder=words.NONE,
            key=f"dossier.groups.{one['column']}",
            alt=f"Rates of the groups of {one['column']} in both versions",
        )


def _gaps(gaps: list[Mapping[str, Any]]) -> None:
    if not gaps:
        return
    ranked = sorted(gaps, key=lambda one: -(one["worse_by"] if one["worse_by"] is not None else -1e9))
    st.dataframe(
        {
            "gap": [one["gap"].replace("_", " ") for one in ranked],
            "of": [tables.cell(one["column"]) for one in ranked],
            "champion": [words.three(one["champion"]) for one in ranked],
            "challenger": [words.three(one["challenger"]) for one in ranked],
            "worse by": [words.three(one["worse_by"]) for one in ranked],
            "95 % interval": [words.interval(one["ci_low"], one["ci_high"], 3) for one in ranked],
            "n": [one["n"] for one in ranked],
            "note": [one["reason"] or words.NONE for one in ranked],
        },
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={"n": st.column_config.NumberColumn(format="localized")},
        key="dossier.gaps",
        alt="Gaps between groups in both versions, what grows most first",
    )


def _has_rows(group: Mapping[str, Any]) -> bool:
    return any((group.get(side) or {}).get("n") for side in ("champion", "challenger"))


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"group": tables.cell(group["group"])}
    for rate, name in RATES.items():
        sides = [(group.get(side) or {}).get(rate) for side in ("champion", "challenger")]
        if any(sides):
            shown[name] = " → ".join(words.NONE if one is None else words.percent(one[0]) for one in sides)
    shown["rows"] = f"{((group.get('challenger') or {}).get('n') or 0):,.0f}"
    return shown


def _reasons(document: Document, names: tuple[str, str]) -> None:
    pairs, found = display.importance_pairs(document), document.get("importance") or {}
    silent = {side: (found.get(side) or {}).get("why") for side in ("champion", "challenger")}
    said = [f"Not known of the {side}: {why}." for side, why in silent.items() if why]
    if not pairs:
        notice.nothing_here("No reasons", " ".join(said) or "Nobody explained the scores.", key="dossier.no_reasons")
        return
    changed = bool(found.get("changes"))
    finding = (
        f"{words.plain(pairs[0].feature)} changes most in what moves the scores"
        if changed
        else f"{words.plain(pairs[0].feature)} moves the scores of the challenger most"
    )
    plots.draw(
        finding,
        figures.importance_shift(pairs, names),
        key="dossier.reasons",
        height=FRAME_PIXELS + ROW_PIXELS * len(pairs),
        table=PlotTable(
            name="importance_of_both_versions",
            columns={
                "feature": [one.feature for one in pairs],
                names[0]: [one.champion for one in pairs],
                names[1]: [one.challenger for one in pairs],
            },
        ),
    )
    explained = found.get("challenger") or {}
    n = f"{explained.get('n', 0):,} rows" if explained.get("n") else "stored explanations"
    st.caption(f"Mean absolute SHAP value as a share of all features, {n}. {words.plain(' '.join(said))}".strip())
