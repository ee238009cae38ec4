"""From what is released to the view of the page."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from app.fairness.findings import NAMES
from app.fairness.views import Alike, FairnessView, WhatIf
from core.errors import NotEnoughDataError
from core.fairness.answer import ColumnAnswer, column_answer, table_answer
from core.fairness.chance import DRAWS
from core.fairness.conditional import conditional_gaps
from core.fairness.display import GapSeries
from core.fairness.frontier import Objective, frontier
from core.fairness.gaps import Gap, group_gaps
from core.fairness.impossibility import Impossibility, impossibility
from core.fairness.points import no_block
from core.fairness.rates import tallies
from core.fairness.reference_group import against_reference
from core.fairness.release import Release
from core.fairness.release_blocks import GroupRelease
from core.fairness.reweighing import reweighing
from core.fairness.suppression import SHOWN
from core.impact.outcomes import outcome_values
from core.points import finite
from core.windows import Grain, Window, label

MOST_BLOCKS = 60


def fairness_view(release: Release, window: Window, place: int, rate: str) -> FairnessView:
    """Return everything about the protected column at `place` in the release blocks of a window.

    Raises
    ------
    NotEnoughDataError
        When no release block ends with the window or before it.
    """
    names = tuple(release.columns)
    name = names[min(place, len(names) - 1)]
    column = release.columns[name]
    places = release.newest(column, window)
    if not places:
        raise NotEnoughDataError(no_block(release, name, column.blocks))
    group = release.reference_group(name)
    answer = column_answer(column, places, reference=group, probability=release.probability, draws=DRAWS)
    found, why = _impossibility(answer)
    everybody = tallies(release.everybody[name][list(places)].sum(0))
    return FairnessView(
        model=release.model,
        version=release.version,
        grain=release.schema.grain,
        decided=release.schema.words.positive_decision,
        columns=names,
        meanings=tuple(_meaning(release, one) for one in names),
        place=names.index(name),
        asked=window,
        inside=bool(release.places(column, window)),
        answer=answer,
        overall={metric: finite(float(one.share)) for metric, one in everybody.items()},
        trend=_trend(column, release, window),
        intersections=tuple(
            table_answer(table, chosen)
            for table in release.tables
            if name in (table.first, table.second) and (chosen := release.newest(table, window))
        ),
        alike=tuple(_alike(release, name, answer, window, rate)),
        impossibility=found,
        why_possible=why,
        choice=release.choices.get(name),
        unit_count=release.lengths[name],
        provenance_id=release.source(name, answer.window),
    )


def _meaning(release: Release, name: str) -> str:
    described = release.schema.features.get(name)
    return (described.meaning or "") if described is not None else ""


def _impossibility(answer: ColumnAnswer) -> tuple[Impossibility | None, str]:
    try:
        hidden = answer.mask != SHOWN
        return impossibility(answer.counts.confusion, answer.counts.labels, hidden=hidden), ""
    except NotEnoughDataError as why:
        return None, str(why)


def _trend(column: GroupRelease, release: Release, window: Window) -> Mapping[str, GapSeries]:
    """Return each gap over the release blocks until the window's end."""
    places = [place for place, block in enumerate(column.blocks) if block.end <= window.end][-MOST_BLOCKS:]
    if not places:
        return {}
    blocks = [column.blocks[place] for place in places]
    hidden = column.mask[places] != SHOWN
    gaps = group_gaps(column.counts.confusion[places], hidden=hidden, draws=200)
    return {name: _series(name, gap, blocks, release.schema.grain) for name, gap in gaps.items()}


def _series(name: str, gap: Gap, blocks: Sequence[Window], grain: Grain) -> GapSeries:
    found = gap.estimate
    return GapSeries(
        metric=NAMES[name],
        starts=tuple(block.start for block in blocks),
        labels=tuple(label(block.start, grain) for block in blocks),
        values=_numbers(found.value),
        low=_numbers(found.low),
        high=_numbers(found.high),
        chance=_numbers(gap.chance.mean),
        n=tuple(int(n) for n in np.nan_to_num(found.n)),
        mature=(True,) * len(blocks),
        grain=grain,
        share=name.endswith("difference"),
    )


def _numbers(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(finite(float(value)) for value in values)


def _alike(release: Release, name: str, answer: ColumnAnswer, window: Window, rate: str) -> Iterator[Alike]:
    """Yield the conditional gaps of a rate by each control column."""
    for table in release.controls:
        chosen = release.newest(table, window) if table.first == name else ()
        if not chosen:
            continue
        found = table_answer(table, chosen)
        reference = release.reference_group(name)
        shares = tallies(answer.counts.confusion)[rate].share
        known = reference in table.first_labels
        against = table.first_labels.index(str(reference)) if known else int(np.nanargmax(np.nan_to_num(shares)))
        gaps = conditional_gaps(found.confusion, rate, against=against, hidden=found.mask != SHOWN)
        both = (found.confusion.sum((-2, -1)) > 0) & (found.confusion[against].sum((-2, -1)) > 0)
        whole = against_reference(
            answer.counts.confusion, table.first_labels, table.first_labels[against], hidden=answer.mask != SHOWN
        )
        yield Alike(
            control=table.second,
            levels=table.second_labels,
            whole=whole.differences[rate],
            gaps=gaps,
            n_levels=tuple(both.sum(-1).tolist()),
            table=found,
        )


def what_if(release: Release, view: FairnessView, constraint: str, objective: Objective) -> WhatIf:
    """Return the frontier of one constraint, and the path of reweighting, over the blocks that are shown."""
    hidden = view.answer.mask != SHOWN
    value = release.schema.value
    values = outcome_values(value) if value is not None and value.kind == "confusion" else None
    curve, why_not, path, why_no_path = None, "", None, ""
    try:
        curve = frontier(view.answer.counts, constraint, objective=objective, values=values, hidden=hidden)
    except NotEnoughDataError as why:
        why_not = str(why)
    try:
        path = reweighing(
            view.answer.counts,
            constraint,
            threshold=release.threshold,
            probability=release.probability,
            values=values,
            hidden=hidden,
        )
    except NotEnoughDataError as why:
        why_no_path = str(why)
    return WhatIf(
        frontier=curve,
        why_no_frontier=why_not,
        reweighing=path,
        why_no_reweighing=why_no_path,
        currency="" if value is None else value.currency,
    )
