"""What the header offers, worst model first."""

from datetime import datetime

import streamlit as st

from app.fleet.rows import why_nothing
from app.reading import all_models, now, opened
from app.views import Choices, ModelChoice
from core.checks.day_state import Standing
from core.inventory.service import ModelDetail, champion_segments
from core.segments.service import saved_segments
from core.states import SEVERITY, State


def choices(home: str) -> Choices:
    """Return what the header offers."""
    _, token, at = now(home)
    return _choices(home, token, at)


@st.cache_data(max_entries=64, show_spinner=False)
def _choices(home: str, token: int, at: str) -> Choices:
    found = [model_choice(detail, standing) for detail, standing in all_models(home, token, at)]
    found.sort(key=lambda choice: (-SEVERITY[choice.state], choice.name))
    frozen = opened(home).clock.frozen_at is not None
    return Choices(models=tuple(found), as_of=datetime.fromisoformat(at), frozen=frozen)


def segments(home: str, model: str) -> tuple[str, ...]:
    """Return the segments of a model: saved ones as ``@name``, its champion's as ``COLUMN=VALUE``.

    They are read only for the model that is chosen.
    """
    _, token, _ = now(home)
    return _segments(home, token, model)


@st.cache_data(max_entries=64, show_spinner=False)
def _segments(home: str, token: int, model: str) -> tuple[str, ...]:
    saved = (one.label for one in saved_segments(opened(home), model))
    return (*saved, *(f"{one.column}={one.label}" for one in champion_segments(opened(home), model)))


def model_choice(detail: ModelDetail, standing: Standing | None) -> ModelChoice:
    """Return what the header offers of a model; its champion's version comes first."""
    champion = detail.champion
    others = [version.name for version in reversed(detail.versions) if version is not champion]
    return ModelChoice(
        name=detail.model.name,
        versions=tuple(([champion.name] if champion else []) + others),
        grain=detail.schema.grain,
        last_unit=standing.last.day if standing else None,
        state=standing.state if standing else State.NOT_APPLICABLE,
        state_reason=standing.why if standing else why_nothing(detail),
        staged=detail.schema.staged,
    )
