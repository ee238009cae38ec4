"""The search for the worst segments of some rows: everything searched, corrected, shrunk and put in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.segments.filters import Filter
from core.segments.search_arrange import Arranged, Ground, arranged
from core.segments.search_candidates import FEWEST_ROWS, MOST_PAIRED, Candidates, candidates
from core.segments.search_levels import ColumnLevels
from core.segments.search_losses import LossKind, row_losses
from core.segments.search_means import mean_interval_of
from core.segments.search_reference import Before, Losses, standings
from core.segments.search_result import FoundSegment, Later, NextWindow
from core.segments.search_significance import Sums, Tested, significance
from core.segments.search_winner import shrunk, z_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search that was made: what was searched, what is significant, and what is shown of it.

    Attributes
    ----------
    losses : Losses
        The rows with a loss.
    n_labelled : int
        Rows with a known actual.
    """

    losses: Losses
    n_labelled: int
    searched: Candidates
    found: Tested
    shown: Arranged
    before: Mapping[int, Before]

    def filters(self) -> tuple[Filter, ...]:
        """Return the filters of what is shown, in order."""
        return tuple(self.searched.filter_at(place) for place in self.shown.shown)


def losses_in(rows: pa.Table, kind: LossKind) -> tuple[Losses, int]:
    """Return the rows that have a loss, and how many have an actual.

    Raises
    ------
    NotEnoughDataError
        When there are none.
    """
    found = row_losses(rows, kind)
    kept = rows if found.kept.all() else rows.filter(pa.array(found.kept))
    return Losses(rows=kept, loss=found.loss, kind=kind), found.n_labelled


def known_losses(rows: pa.Table, kind: LossKind) -> Losses | None:
    """Return the rows that have a loss; None where there are none."""
    try:
        return losses_in(rows, kind)[0]
    except NotEnoughDataError:
        return None


def search(
    rows: pa.Table,
    columns: Sequence[ColumnLevels],
    kind: LossKind,
    *,
    reference: Losses | None = None,
    n_paired: int = MOST_PAIRED,
) -> Search:
    """Return the worst segments of one and two columns.

    Every level of a column alone (tenths of the reference, values of a text, missing) and every pair of thirds or
    top-5 values of two, with at least 50 rows and one in two hundred, is tested against all other rows; one-sided,
    exact where the loss is 0 or 1; Benjamini–Hochberg at .02 over everything searched.

    Parameters
    ----------
    rows : as `core.profile.window_rows` returns them
    columns : most important first; pairs are made of the first `n_paired`
    reference : its rows with the same loss; None where they are not known

    Raises
    ------
    NotEnoughDataError
        When fewer than 100 rows have the loss: no segment and its rest could have 50 each.
    """
    losses, n_labelled = losses_in(rows, kind)
    if len(losses.loss) < 2 * FEWEST_ROWS:
        raise NotEnoughDataError(
            f"{len(losses.loss):,} rows with an actual that counts; a search needs {2 * FEWEST_ROWS}"
        )
    searched = candidates(losses.rows, columns, n_paired=n_paired)
    found = significance(searched, losses.loss, kind)
    places = [int(place) for place in found.significant]
    filters = [searched.filter_at(place) for place in places]
    now = [(_at(found.segment, place), _at(found.rest, place)) for place in places]
    before = dict(zip(places, standings(filters, now, reference), strict=True))
    ground = Ground(searched=searched, loss=losses.loss, kind=kind, reference=reference, before=before)
    return Search(
        losses=losses,
        n_labelled=n_labelled,
        searched=searched,
        found=found,
        shown=arranged(ground, found),
        before=before,
    )


def _at(sums: Sums, place: int) -> Sums:
    return Sums(n=sums.n[place], total=sums.total[place], squares=sums.squares[place])


def found_segments(made: Search) -> tuple[FoundSegment, ...]:
    """Return what is shown of a search, in order; the next window and the history are not looked at yet."""
    return tuple(_segment(made, place) for place in made.shown.shown)


def _segment(made: Search, place: int) -> FoundSegment:
    sums, found = _at(made.found.segment, place), made.found
    interval = mean_interval_of(sums, made.losses.kind)
    deficit, z = float(found.deficit[place]), z_of(found.p[place])
    kept = shrunk(z, found.cut_off)
    unit = deficit / float(z)
    return FoundSegment(
        where=made.searched.filter_at(place),
        n=int(sums.n),
        mean=float(sums.mean),
        low=float(interval.low),
        high=float(interval.high),
        rest=float(found.rest.mean[place]),
        harm=float(found.harm[place]),
        p=float(found.p[place]),
        adjusted_p=float(found.adjusted_p[place]),
        shrunk=unit * float(kept.value),
        shrunk_low=unit * float(kept.low),
        shrunk_high=unit * float(kept.high),
        before=made.before[place],
        later=NextWindow(outcome=Later.TOO_FEW, n=0, reason="not looked at"),
        n_shadows=made.shown.shadows.get(place, 0),
    )
