"""The Data quality page's views, from the core's detail and the stored verdicts."""

from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

from app import words
from app.quality.views import BatchRow, IntakeView, QualityLimit, QualityRow, QualityView, RuleRow
from app.views import Selection
from core.checks.limits import Limits
from core.checks.quality_skew import sentences
from core.checks.verdicts import Verdict
from core.drift.figures import grouped
from core.log.contract import FeatureRule
from core.log.outcomes import BatchInfo
from core.points import MetricPoint
from core.quality.display import rule_words
from core.quality.service import Intake, QualityDetail
from core.quality.shares import SHARES, SKEW
from core.states import SEVERITY, State
from core.windows import Grain, Window, following, parse_unit

METRIC_OF = {
    "missing_share": "missing_share",
    "unseen_share": "unseen_share",
    "out_of_range_share": "out_of_range_share",
    "violation_share": "violation_share",
    "unit_change": "scale_ratio",
    "integer_share": "integer_share",
    "decimals_change": "decimals_distance",
}
FAMILY = "quality"
BREACHES = (State.WARNING, State.CRITICAL)
SHORT = {
    "missing_share": "missing ",
    "unseen_share": "unseen ",
    "out_of_range_share": "out of range ",
    "violation_share": "against the contract ",
    "unit_change": "unit? ",
    "integer_share": "type? whole numbers ",
    "decimals_change": "rounding? ",
}
"""What a finding is about, before its numbers."""


def quality_view(
    detail: QualityDetail, selection: Selection, grain: Grain, verdicts: Sequence[Verdict], unit: date | None
) -> QualityView:
    """Return the page's view.

    Parameters
    ----------
    verdicts : stored verdicts of the window's last unit; empty where it was not judged or a segment is shown
    unit : that unit
    """
    mine = [one for one in verdicts if one.family == FAMILY]
    whole = [one for one in mine if not one.segment]
    features = dict.fromkeys(point.feature for point in detail.points if point.feature)
    known = {name for name in features if name is not None} - {"score", "actual"}
    rows = [_row(name, detail, [one for one in whole if one.feature == name]) for name in features if name in known]
    alarms = [one.false_alarms_month for one in mine if one.false_alarms_month is not None]
    return QualityView(
        model=selection.model,
        version=detail.version,
        grain=grain,
        window=detail.window,
        segment=selection.segment,
        rows=tuple(sorted(rows, key=_rank)),
        whole={one.check: one for one in whole if one.feature is None} | {"silence": detail.silence},
        points={point.metric: point for point in detail.points if point.feature is None},
        segments=tuple(one for one in mine if one.segment and {one.state, one.raw_state} & set(BREACHES)),
        skew=sentences(whole),
        judged_unit=unit if mine else None,
        false_alarms_month=sum(alarms) if alarms else None,
        limits=_limits(detail.limits),
        removed=detail.removed,
        provisional=detail.provisional,
        provenance_id=detail.provenance_id,
    )


def _row(name: str, detail: QualityDetail, verdicts: list[Verdict]) -> QualityRow:
    ranked = sorted(verdicts, key=lambda one: (-SEVERITY[one.state], -SEVERITY[one.raw_state], _order(one)))
    points = {point.metric: point for point in detail.points if point.feature == name}
    before = {point.metric: point for point in detail.reference_points if point.feature == name}
    first = ranked[0] if ranked else None
    breach = first is not None and first.state in BREACHES
    judged = [one.state for one in verdicts if one.state is not State.NOT_APPLICABLE]
    return QualityRow(
        feature=name,
        state=first.state if breach and first else State.HEALTHY if judged else State.NOT_APPLICABLE,
        leading=METRIC_OF[first.check] if breach and first else _largest(points),
        finding=first.reason if (first and first.raw_state in BREACHES) or (breach and first) else "",
        short=f"{SHORT[first.check]}{first.detail}" if first and (breach or first.raw_state in BREACHES) else "",
        since=first.since if breach and first else None,
        shares={metric: point.value for metric, point in points.items()},
        reference={metric: before[metric].value if metric in before else None for metric in points},
        points={metric: points[metric] for metric in (*SHARES, *SKEW) if metric in points},
        verdicts=tuple(ranked),
    )


def _order(one: Verdict) -> int:
    codes = list(METRIC_OF)
    return codes.index(one.check) if one.check in codes else len(codes)


def _largest(points: dict[str, MetricPoint]) -> str:
    """Return the share that is largest: what a healthy feature is best shown by."""
    known = {metric: points[metric].value or 0.0 for metric in SHARES if metric in points}
    return max(known, key=lambda metric: known[metric]) if any(known.values()) else "missing_share"


def _rank(row: QualityRow) -> tuple[int, float, str]:
    """Return the sort key: worst state first, then the largest share of rows concerned."""
    if row.finding:
        mine = [one for one in row.verdicts if one.state == row.state and one.value is not None and one.limit]
        size = max((abs((one.value or 0.0) / (one.limit or 1.0)) for one in mine), default=0.0)
    else:
        size = max((row.shares.get(name) or 0.0 for name in SHARES), default=0.0)
    return -SEVERITY[row.state], -size, row.feature


def _limits(limits: Limits) -> dict[str, QualityLimit]:
    return {
        code: QualityLimit(
            warning=one.warning,
            critical=one.critical,
            needed=one.persistence.needed,
            of=one.persistence.of,
            source=one.source,
        )
        for code, one in limits.checks.items()
        if one.family == FAMILY
    }


def intake_view(found: Intake, version: str, grain: Grain) -> IntakeView:
    """Return what came in and what stayed out, and the contract in words."""
    by_rule: dict[tuple[str, str], int] = {}
    for one in found.quarantined:
        by_rule[one.column, one.rule] = by_rule.get((one.column, one.rule), 0) + one.n
    kept_out = sorted(((column, rule, n) for (column, rule), n in by_rule.items()), key=lambda one: (-one[2], one))
    accepted = found.contract
    rules = {} if accepted is None else accepted.contract.rules
    return IntakeView(
        batches=tuple(_batch(one, version, grain) for one in found.batches),
        quarantined=sum(by_rule.values()),
        n_entries=found.n_entries,
        kept_out=tuple(kept_out),
        contract=tuple(_rule(name, rule) for name, rule in rules.items()),
        accepted_by=accepted.accepted_by if accepted else None,
        accepted_at=accepted.accepted_at if accepted else None,
        revision=accepted.revision if accepted else None,
    )


def file_name(path: str) -> str:
    """Return the name of a file without its folders: where it lay is nobody's business.

    >>> file_name("/data/in/may.parquet")
    'may.parquet'
    """
    return PurePath(path).name or path


def _rule(feature: str, rule: FeatureRule) -> RuleRow:
    most = rule.max_missing_share
    return RuleRow(
        feature=feature,
        allowed=grouped([rule_words(rule)])[0],
        missing="any" if most is None else "none" if most == 0 else f"at most {100 * most:.2f} %",
        on_violation="counted" if rule.on_violation == "count" else "row is kept out",
    )


def _batch(one: BatchInfo, version: str, grain: Grain) -> BatchRow:
    units = sorted(parse_unit(str(unit), grain) for unit in one.details.get("days", ()))
    span = "" if not units else words.window(Window(units[0], following(units[-1], grain)), grain)
    return BatchRow(
        id=one.id,
        file=file_name(one.file),
        kind=one.kind.value,
        role=one.role or "",
        version=one.version or ("" if one.kind.value == "actuals" else version),
        state=one.state.value,
        accepted=one.accepted,
        quarantined=one.quarantined,
        days=span,
        at=one.created_at,
        by=one.created_by,
        reason=one.reverted_reason or "",
    )
