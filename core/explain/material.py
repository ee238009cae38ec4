"""The rows that an explanation is of: a seeded sample of a window, one row by its id, and what the reference holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import NotEnoughDataError, NotFoundError
from core.explain.explanation import SAMPLE
from core.explain.logged import from_columns
from core.explain.row_explanation import Context
from core.explain.usual import Usual, numbers, usual
from core.explain.values import ShapValues
from core.explain.what_if import ranges
from core.explain.withheld import withheld_features
from core.log.columns import ColumnIds
from core.log.contract import Contract
from core.log.names import shown
from core.log.schema import ModelSchema
from core.profile.binning import Segment
from core.profile.window_rows import reference_rows, window_rows
from core.segments.filters import Filter, mask, words

UNITS_AT_A_TIME = 31
"""Units of the log that are searched together for one id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Where the rows of a version lie, and what may explain them.

    Attributes
    ----------
    model, version : str
    window : str
        ``START..END`` in unit labels.
    days : tuple of date
        Units of the window asked for that hold rows; `all_days` are those of the whole log.
    n_rows : int
        Rows of the window.
    artifact : Path or None
        The stored model file; None where none was given, or it is not kept here.
    logged : mapping of feature to its column of SHAP values
        Empty unless every feature has one.
    """

    model: str
    version: str
    window: str
    log_dir: Path
    version_id: int
    roles: tuple[str, ...]
    schema: ModelSchema
    ids: ColumnIds
    days: tuple[date, ...]
    all_days: tuple[date, ...]
    n_rows: int
    reference_sha256: str | None
    artifact: Path | None
    artifact_sha256: str | None
    contract: Contract | None
    logged: dict[str, str]

    @property
    def features(self) -> tuple[str, ...]:
        """The model's features in order of declaration."""
        return self.schema.feature_names

    def refuse_without_source(self) -> None:
        """Refuse when nothing can explain this version.

        Raises
        ------
        NotEnoughDataError
        """
        if self.artifact is None and not self.logged:
            raise NotEnoughDataError(
                "no explanation: this version has neither a model file nor logged SHAP values; give the file with "
                "watchroom version add --artifact, or log a column shap_FEATURE for every feature"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which rows of a window are meant.

    Attributes
    ----------
    where : Filter
    segment : Segment or None
    named : tuple of str
        Levels of the segment's column that have segments of their own: "other" is none of them.
    """

    where: Filter = field(default_factory=Filter)
    segment: Segment | None = None
    named: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The rows that are meant, as a person would say it."""
        told = [] if self.segment is None else [f"{self.segment.column} = {self.segment.label}"]
        told += [words(self.where)] if self.where.conditions else []
        return " and ".join(told) or "all rows"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it reads."""
        own = () if self.segment is None else (self.segment.column,)
        return tuple(dict.fromkeys((*self.where.columns, *own)))

    def kept(self, rows: pa.Table) -> np.ndarray:
        """Return which rows are meant, (n,) bool."""
        found = mask(rows, self.where)
        if self.segment is None:
            return found
        column = rows[self.segment.column].cast(pa.string())
        if self.segment.level is not None:
            own = pc.equal(column, self.segment.level).fill_null(False)
        elif self.segment.missing:
            own = column.is_null()
        else:
            own = pc.invert(pc.is_in(column, pa.array([*self.named], pa.string()))).combine_chunks()
            own = pc.and_(own, column.is_valid())
        return np.asarray(found & own.to_numpy(zero_copy_only=False))


def sampled(material: Material, part: Part, *, n: int, seed: int) -> tuple[pa.Table, int]:
    """Return a seeded sample of the rows of a window that are meant, and how many rows it was drawn from.

    Raises
    ------
    NotEnoughDataError
        When no row is meant.
    """
    names = (*material.features, *material.logged.values(), *part.columns)
    whole = not part.columns
    rows = window_rows(
        material.log_dir,
        material.days,
        version_id=material.version_id,
        roles=material.roles,
        schema=material.schema,
        ids=material.ids,
        names=names,
        at_most=n if whole else None,
        seed=seed,
    )
    kept = rows if whole else rows.filter(pa.array(part.kept(rows)))
    if not kept.num_rows:
        raise NotEnoughDataError("no row of this window is meant: nothing can be explained")
    total = max(material.n_rows, kept.num_rows) if whole else kept.num_rows
    if kept.num_rows > n:
        chosen = np.sort(np.random.default_rng(seed).permutation(kept.num_rows)[:n])
        kept = kept.take(pa.array(chosen))
    return kept, total


def row_by_id(material: Material, row: str) -> pa.Table:
    """Return the one row with an id: of the window asked for, else of the newest unit that holds it.

    Raises
    ------
    NotFoundError
        When the version's log holds no such row.
    """
    others = [day for day in reversed(material.all_days) if day not in set(material.days)]
    groups = [list(material.days)] + [
        others[place : place + UNITS_AT_A_TIME] for place in range(0, len(others), UNITS_AT_A_TIME)
    ]
    for days in groups:
        ids = _rows(material, days, ())
        found = ids.filter(pc.equal(ids["id"], row))
        if found.num_rows:
            rows = _rows(material, [found["day"][found.num_rows - 1].as_py()], _names(material))
            return rows.filter(pc.equal(rows["id"], row)).slice(0, 1)
    raise NotFoundError(f"There is no prediction {shown(row)} in the log of this version.")


def _names(material: Material) -> tuple[str, ...]:
    return (*material.features, *material.logged.values())


def _rows(material: Material, days: Sequence[date], names: Sequence[str]) -> pa.Table:
    return window_rows(
        material.log_dir,
        days,
        version_id=material.version_id,
        roles=material.roles,
        schema=material.schema,
        ids=material.ids,
        names=names,
    )


def unit_sample(material: Material, day: date, role: str, *, n: int) -> pa.Table:
    """Return a sample of the rows of one unit in one role."""
    return window_rows(
        material.log_dir,
        (day,),
        version_id=material.version_id,
        roles=(role,),
        schema=material.schema,
        ids=material.ids,
        names=material.features,
        at_most=n,
    )


def reference_sample(material: Material, *, n: int = SAMPLE) -> pa.Table | None:
    """Return a sample of the reference's rows; None where the reference is the log's own first rows."""
    if material.reference_sha256 is None:
        return None
    return reference_rows(
        material.log_dir,
        material.reference_sha256,
        schema=material.schema,
        ids=material.ids,
        names=material.features,
        at_most=n,
    )


def fixed_sample(material: Material, *, n: int) -> pa.Table:
    """Return rows that stay the same for a version, with logged SHAP values where it has some.

    Of the reference; where it is the log's own first rows, or holds no logged values, of the first unit.
    """
    names = _names(material)
    if material.reference_sha256 is not None:
        found = reference_rows(
            material.log_dir,
            material.reference_sha256,
            schema=material.schema,
            ids=material.ids,
            names=names,
            at_most=n,
        )
        if material.artifact is not None or all(found[name].null_count < found.num_rows for name in names):
            return found
    return window_rows(
        material.log_dir,
        material.all_days[:1],
        version_id=material.version_id,
        roles=material.roles,
        schema=material.schema,
        ids=material.ids,
        names=names,
        at_most=n,
    )


def usual_of(material: Material, rows: pa.Table) -> dict[str, Usual]:
    """Return what is usual of each feature: in the reference, else in `rows`."""
    reference = reference_sample(material)
    return usual(rows if reference is None else reference, material.schema)


def context_of(material: Material, held: dict[str, Usual], summed: Sequence[str]) -> Context:
    """Return what the explanation of a row needs to know.

    Parameters
    ----------
    summed : features of the withheld bar
    """
    withheld = withheld_features(material.schema)
    return Context(
        schema=material.schema,
        usual=held,
        withheld=withheld,
        summed=tuple(summed),
        ranges=ranges(material.schema, material.contract, held, withheld=withheld),
        can_change=material.artifact is not None,
    )


def logged_numbers(material: Material, rows: pa.Table) -> NDArray[np.float64]:
    """Return the logged SHAP values of rows, (n, F); NaN where there is none."""
    return np.stack([numbers(rows, material.logged[name]) for name in material.features], axis=1)


def logged_values(material: Material, rows: pa.Table) -> tuple[ShapValues, pa.Table]:
    """Return the logged SHAP values of the rows that have all of them and a score, and those rows.

    Raises
    ------
    NotEnoughDataError
        When none has, or they do not add up; see `core.explain.logged`.
    """
    values = logged_numbers(material, rows)
    known = np.isfinite(values).all(axis=1) & np.isfinite(numbers(rows, "score"))
    kept = rows.filter(pa.array(known))
    found = from_columns(material.features, values[known], numbers(kept, "score"), task=material.schema.task)
    return found, kept
