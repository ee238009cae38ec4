"""Cached reads of the Segments page: ids and strings in, views out."""

from collections.abc import Mapping

import streamlit as st

from app import choices
from app.questions import query_of_job
from app.reading import now, opened, query_of
from app.segments.views import SavedRow, SegmentsView
from app.views import Selection
from core.inventory.service import model_detail
from core.segments import service
from core.segments.filters import from_text, words
from core.segments.saved import filter_words
from core.segments.search_grid import SegmentGrid
from core.segments.search_losses import LossKind, parse_loss


def segments(home: str, selection: Selection, *, loss: str) -> SegmentsView:
    """Return the worst segments of a selection by a loss (empty: the one that the breach asks for)."""
    _, token, at = now(home)
    return _segments(home, token, at, **selection.query(), loss=loss)


@st.cache_data(max_entries=128, show_spinner=False)
def _segments(
    home: str,
    token: int,
    at: str,
    *,
    model: str,
    version: str,
    window: str,
    reference: str,
    segment: str,
    loss: str,
) -> SegmentsView:
    store = opened(home)
    selection = Selection(model=model, version=version, window=window, reference=reference, segment=segment)
    query = query_of(store, selection)
    overview = service.search_overview(store, query)
    offered = overview.losses
    chosen = parse_loss(loss, offered) if loss in {one.value for one in offered} else offered[0]
    detail = model_detail(store, model)
    shown = query.window or overview.window
    return SegmentsView(
        model=model,
        version=version,
        rows=detail.schema.words.rows,
        grain=detail.schema.grain,
        window=shown,
        segment=segment,
        losses=offered,
        loss=chosen,
        n_rows=overview.n_rows,
        worst=service.worst_segments(store, query, loss=chosen),
        columns=service.paired_columns(store, query, loss=chosen),
        job={
            "model": model,
            "version": version,
            "window": choices.window_name(shown, detail.schema.grain),
            "reference": "training",
            "segment": segment,
            "loss": chosen.value,
        },
        provisional=next((one.provisional for one in detail.versions if one.name == version), False),
    )


def grid(home: str, job: Mapping[str, str], *, down: str, across: str) -> SegmentGrid | None:
    """Return the heat map of two columns of the stored search; None: the search has not been made."""
    _, token, at = now(home)
    return _grid(home, token, at, **job, down=down, across=across)


@st.cache_data(max_entries=128, show_spinner=False)
def _grid(
    home: str,
    token: int,
    at: str,
    *,
    model: str,
    version: str,
    window: str,
    reference: str,
    segment: str,
    loss: str,
    down: str,
    across: str,
) -> SegmentGrid | None:
    store = opened(home)
    query = query_of_job(
        store, {"model": model, "version": version, "window": window, "reference": reference, "segment": segment}
    )
    return service.segment_grid(store, query, down, across, loss=LossKind(loss))


def asked_rows(home: str, model: str, where: str) -> str:
    """Return in words which rows a link asks for.

    Raises
    ------
    BadInputError
        When the filter cannot be read, or asks for a column that no filter may name.
    """
    return words(from_text(where, model_detail(opened(home), model).schema))


def saved(home: str, model: str, version: str) -> tuple[SavedRow, ...]:
    """Return the saved segments of a model and how far their counting is; not cached: counting goes on meanwhile."""
    store = opened(home)
    schema = model_detail(store, model).schema
    rows = []
    for one in service.saved_segments(store, model):
        progress = service.segment_progress(store, model=model, version=version, name=one.name)
        rows.append(
            SavedRow(
                id=one.id,
                name=one.name,
                label=one.label,
                filter=filter_words(one, schema),
                by=one.created_by,
                at=one.created_at.date(),
                done=progress.done,
                total=progress.total,
            )
        )
    return tuple(rows)
