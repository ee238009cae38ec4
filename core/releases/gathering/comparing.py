"""From the rows of both versions to everything that is compared on the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from core.log.columns import storages
from core.profile.window_rows import reference_rows, window_rows
from core.releases.gates.calibration import CalibrationChange, calibration_of_pairs
from core.releases.gates.change import Change
from core.releases.gates.changes import changes
from core.releases.gates.fairness import GapChange, ProtectedGroups, gap_changes
from core.releases.gates.limits import GateLimits
from core.releases.gates.pairs import Pairs, paired, too_few
from core.releases.gates.worst_segment import SegmentSearch, search_segments
from core.releases.gathering.compared import ComparedVersion
from core.releases.gathering.facts import Facts
from core.segments.columns import searchable

NEWEST_UNITS = 7
"""Units in which a feature has to arrive with a value: a single day may lack a source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both versions on the same rows.

    Attributes
    ----------
    pairs : None without a champion
    empty : features of the challenger that arrive without a single value in the champion's rows
    """

    pairs: Pairs | None
    changes: tuple[Change, ...] = ()
    calibration: CalibrationChange | None = None
    why_no_calibration: str = ""
    segments: SegmentSearch | None = None
    gaps: tuple[GapChange, ...] = ()


def compare(facts: Facts, shown: Mapping[str, Sequence[bool]], limits: GateLimits) -> Comparison:
    """Return the comparison on the rows of the mature units.

    Parameters
    ----------
    shown : by protected column, which groups may be shown; of other groups nothing is counted
    """
    if facts.champion is None:
        return Comparison(pairs=None)
    columns = searchable(facts.challenger.schema, protected=facts.hidden)
    groups = _protected_groups(facts.challenger, shown)
    pairs = _pairs(facts, facts.champion, (*columns, *(one.column.name for one in groups)), limits)
    probability = all(side.schema.score_kind == "probability" for side in (facts.champion, facts.challenger))
    why_not = _why_no_calibration(facts.challenger.schema.task, probability=probability)
    if too_few(pairs, limits.pairs):
        return Comparison(pairs=pairs, why_no_calibration=why_not)
    return Comparison(
        pairs=pairs,
        changes=changes(pairs, probability=probability, value=facts.champion.schema.value),
        calibration=None if why_not else calibration_of_pairs(pairs),
        why_no_calibration=why_not,
        segments=search_segments(pairs, columns, probability=probability, share=limits.worst_segment),
        gaps=gap_changes(pairs, groups) if pairs.task == "binary" else (),
    )


def _why_no_calibration(task: str, *, probability: bool) -> str:
    if task == "regression":
        return "a regression has no probability to calibrate"
    return "" if probability else "the score is not declared a probability"


def _protected_groups(side: ComparedVersion, shown: Mapping[str, Sequence[bool]]) -> tuple[ProtectedGroups, ...]:
    if side.layout is None:
        return ()
    columns = {one.name: one for one in side.layout.binning.group_columns}
    return tuple(
        ProtectedGroups(column=columns[name], shown=tuple(mask))
        for name, mask in shown.items()
        if name in columns and len(mask) == columns[name].n
    )


def _pairs(facts: Facts, champion: ComparedVersion, columns: Sequence[str], limits: GateLimits) -> Pairs:
    amount = champion.schema.columns.amount
    by_amount = champion.schema.value is not None and champion.schema.value.kind == "per_amount"
    wanted = amount if by_amount else None
    ours = [*champion.schema.class_columns, *([wanted] if wanted else [])]
    theirs = [*facts.challenger.schema.class_columns, *columns]
    return paired(
        rows_of(facts, champion, ours),
        rows_of(facts, facts.challenger, theirs),
        task=facts.challenger.schema.task,
        columns=columns,
        class_columns=(champion.schema.class_columns, facts.challenger.schema.class_columns),
        amount=wanted,
        most=limits.pairs.most,
    )


def rows_of(facts: Facts, side: ComparedVersion, names: Sequence[str], *, at_most: int | None = None) -> pa.Table:
    """Return the rows of one side in the mature units with some columns beside the outcomes."""
    return window_rows(
        facts.log_dir,
        facts.days,
        version_id=side.version.id,
        roles=side.roles,
        schema=side.schema,
        ids=side.ids,
        names=names,
        at_most=at_most,
    )


def sampled_features(facts: Facts, side: ComparedVersion, *, n: int) -> pa.Table | None:
    """Return a seeded sample of rows with every feature: of the newest units that hold `n`, else of the reference."""
    if side.units:
        return window_rows(
            facts.log_dir,
            _newest(side, n),
            version_id=side.version.id,
            roles=side.roles,
            schema=side.schema,
            ids=side.ids,
            names=side.schema.feature_names,
            at_most=n,
        )
    if side.version.reference_sha256 is None:
        return None
    return reference_rows(
        facts.log_dir,
        side.version.reference_sha256,
        schema=side.schema,
        ids=side.ids,
        names=side.schema.feature_names,
        at_most=n,
    )


def _newest(side: ComparedVersion, n: int) -> list[date]:
    """Return the newest units that together hold `n` rows, or all."""
    held, days = 0, []
    for one in reversed(side.units):
        days.append(one.day)
        held += one.n_rows
        if held >= n:
            break
    return days


def empty_features(facts: Facts) -> tuple[str, ...]:
    """Return the challenger's features that the champion's newest rows hold no value of, though the column arrives."""
    side = facts.champion
    if side is None or not side.units:
        return ()
    kinds, wanted = storages(side.schema), storages(facts.challenger.schema)
    names = [name for name in facts.challenger.schema.features if kinds.get(name) == wanted[name]]
    rows = window_rows(
        facts.log_dir,
        [one.day for one in side.units[-NEWEST_UNITS:]],
        version_id=side.version.id,
        roles=side.roles,
        schema=side.schema,
        ids=side.ids,
        names=names,
        at_most=5_000,
    )
    return tuple(name for name in names if rows.num_rows and not _has_value(rows[name]))


def _has_value(column: pa.ChunkedArray) -> bool:
    if pa.types.is_floating(column.type):
        return bool(np.isfinite(column.cast(pa.float64()).to_numpy()).any())
    return bool(column.null_count < len(column))
