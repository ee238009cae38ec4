"""Where a search reads its rows: a version's log and reference, whole or within one segment of its profiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from core.log.schema import ModelSchema
from core.profile.binning import Segment
from core.profile.window_rows import reference_rows, window_rows
from core.segments.columns import rows_of_segment, searchable
from core.segments.filters import Filter, mask
from core.windows import Window

MOST_ROWS = 200_000
"""Rows that are searched, and rows of the reference; of more a sample, the same for any order of intake."""

SEED = 0
ALL_ROWS = Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """The rows of one version in some roles.

    Attributes
    ----------
    ids : mapping of column name to internal id
    reference_sha256 : str or None
        None: the version has no reference of its own.
    within : Segment or None
        The only segment whose rows are read; `segments` are all of the binning.
    wanted : Filter
        The only rows that are read: those of a saved segment.
    protected : tuple of str
        Columns that are never read: protected in the version's schema or in the model's newest.
    """

    log_dir: Path
    version_id: int
    roles: tuple[str, ...]
    schema: ModelSchema
    ids: Mapping[str, str]
    reference_sha256: str | None
    within: Segment | None = None
    segments: tuple[Segment, ...] = ()
    wanted: Filter = ALL_ROWS
    protected: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that segments may be made of, most important first."""
        return searchable(self.schema, protected=self.protected)

    def rows(self, window: Window, names: Sequence[str], *, at_most: int = MOST_ROWS) -> pa.Table:
        """Return rows of a window with some columns beside score, decision and actual; of many a sample."""
        found = window_rows(
            self.log_dir,
            list(window.units(self.schema.grain)),
            version_id=self.version_id,
            roles=self.roles,
            schema=self.schema,
            ids=self.ids,
            names=self._names(names),
            at_most=at_most,
            seed=SEED,
        )
        return self._kept(found)

    def reference(self, names: Sequence[str]) -> pa.Table | None:
        """Return rows of the reference; None where the version has none of its own.

        Raises
        ------
        BadInputError
            When the stored reference is gone or was changed.
        """
        if self.reference_sha256 is None:
            return None
        found = reference_rows(
            self.log_dir,
            self.reference_sha256,
            schema=self.schema,
            ids=self.ids,
            names=self._names(names),
            at_most=MOST_ROWS,
            seed=SEED,
        )
        return self._kept(found)

    def _names(self, names: Sequence[str]) -> tuple[str, ...]:
        own = () if self.within is None else (self.within.column,)
        return tuple(dict.fromkeys([*names, *own, *self.wanted.columns]))

    def _kept(self, rows: pa.Table) -> pa.Table:
        if self.wanted.conditions:
            rows = rows.filter(pa.array(mask(rows, self.wanted)))
        if self.within is None:
            return rows
        return rows.filter(pa.array(rows_of_segment(rows, self.within, self.segments)))
