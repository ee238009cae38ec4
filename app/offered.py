"""What the header offers, worst model first."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from app.fleet.rows import why_nothing
from app.reading import now, opened
from app.views import Choices, ModelChoice
from core.checks.day_state import UnitHeadline
from core.checks.service import current_headlines
from core.inventory.records import ModelState
from core.inventory.service import ModelDetail, champion_segments, model_detail, models
from core.states import SEVERITY, State


def choices(home: str) -> Choices:
    """Return what the header offers."""
    _, token, at = now(home)
    return _choices(home, token, at)


@st.cache_data(max_entries=64, show_spinner=False)
def _choices(home: str, token: int, at: str) -> Choices:
    store = opened(home)
    found = []
    for model in models(store):
        if model.state is ModelState.RETIRED:
            continue
        detail = model_detail(store, model.name)
        found.append(model_choice(detail, current_headlines(store, model=model.name, count=1)))
    found.sort(key=lambda choice: (-SEVERITY[choice.state], choice.name))
    return Choices(models=tuple(found), as_of=datetime.fromisoformat(at), frozen=store.clock.frozen_at is not None)


def segments(home: str, model: str) -> tuple[str, ...]:
    """Return the segments of a model's champion as ``COLUMN=VALUE``; read only for the model that is chosen."""
    _, token, _ = now(home)
    return _segments(home, token, model)


@st.cache_data(max_entries=64, show_spinner=False)
def _segments(home: str, token: int, model: str) -> tuple[str, ...]:
    return tuple(f"{one.column}={one.label}" for one in champion_segments(opened(home), model))


def model_choice(detail: ModelDetail, states: Sequence[UnitHeadline]) -> ModelChoice:
    """Return what the header offers of a model; its champion's version comes first."""
    champion = detail.champion
    others = [version.name for version in reversed(detail.versions) if version is not champion]
    last = states[-1] if states else None
    return ModelChoice(
        name=detail.model.name,
        versions=tuple(([champion.name] if champion else []) + others),
        grain=detail.schema.grain,
        last_unit=last.day if last else None,
        state=last.state if last else State.NOT_APPLICABLE,
        state_reason=last.why if last else why_nothing(detail),
        staged=detail.schema.staged,
    )
