"""Cached reads of what is written about models: records, findings, reviews, cards."""

from datetime import date

import streamlit as st

from app import persona
from app.cards.facts import card as card_of
from app.reading import now, opened
from core.access.service import people
from core.cards.card import Card, CardText
from core.cards.service import card_text
from core.findings.finding import Finding
from core.findings.service import findings
from core.inventory.controls import Controls, Policy
from core.inventory.record import FieldChange, GovernedModel
from core.inventory.recording.service import governed_models, record_history, release_policy
from core.inventory.service import model_detail, models
from core.reviews.calendar import Duty
from core.reviews.review import Review
from core.reviews.service import all_duties, reviews


def governed(home: str, model: str) -> GovernedModel:
    """Return the record of a model, its tiers, and what is missing."""
    return all_governed(home)[model]


def all_governed(home: str) -> dict[str, GovernedModel]:
    """Return every model's record and tiers, by name."""
    _, token, at = now(home)
    return _governed(home, token, at)


@st.cache_resource(max_entries=4, show_spinner=False)
def _governed(home: str, token: int, at: str) -> dict[str, GovernedModel]:
    return {one.model: one for one in governed_models(opened(home))}


def history(home: str, model: str) -> tuple[FieldChange, ...]:
    """Return who changed which field of a record when, newest first."""
    _, token, _ = now(home)
    return _history(home, token, model)


@st.cache_resource(max_entries=16, show_spinner=False)
def _history(home: str, token: int, model: str) -> tuple[FieldChange, ...]:
    return record_history(opened(home), model)


def all_findings(home: str) -> tuple[Finding, ...]:
    """Return every finding in the order of work: open ones by the day they are due, closed ones last."""
    _, token, _ = now(home)
    return _findings(home, token)


@st.cache_resource(max_entries=4, show_spinner=False)
def _findings(home: str, token: int) -> tuple[Finding, ...]:
    return findings(opened(home))


def duties(home: str) -> dict[str, tuple[Duty, ...]]:
    """Return what is due for every model, by its name."""
    _, token, at = now(home)
    return _duties(home, token, at)


@st.cache_resource(max_entries=4, show_spinner=False)
def _duties(home: str, token: int, at: str) -> dict[str, tuple[Duty, ...]]:
    return all_duties(opened(home))


def all_reviews(home: str) -> tuple[Review, ...]:
    """Return every review, newest first."""
    _, token, _ = now(home)
    return _reviews(home, token)


@st.cache_resource(max_entries=4, show_spinner=False)
def _reviews(home: str, token: int) -> tuple[Review, ...]:
    return tuple(reversed(reviews(opened(home))))


def card(home: str, model: str, version: str) -> Card:
    """Return the model card of a version as whoever acts may read it: gaps between groups are an audited read."""
    _, token, at = now(home)
    person = persona.acting(home)
    return _card(home, token, at, model, version=version, person=person.name, roles=persona.roles_of(person))


@st.cache_resource(max_entries=16, show_spinner=False)
def _card(home: str, token: int, at: str, model: str, *, version: str, person: str, roles: str) -> Card:
    return card_of(opened(home), persona.of_key(person, roles), model=model, version=version)


def written(home: str, model: str, version: str) -> CardText:
    """Return what the owner wrote in the card of a version, as it stands this moment."""
    return card_text(opened(home), model, version)


def controls(home: str, model: str) -> Controls:
    """Return what the tier in force asks of a model under the policy of the store."""
    return policy(home)[governed(home, model).tier.in_force]


def policy(home: str) -> Policy:
    """Return the policy of the store."""
    return release_policy(opened(home))


def versions(home: str, model: str) -> tuple[str, ...]:
    """Return the versions of a model, newest first."""
    return tuple(one.name for one in reversed(model_detail(opened(home), model).versions))


def model_names(home: str) -> tuple[str, ...]:
    """Return every model, by name."""
    return tuple(one.name for one in models(opened(home)))


def names(home: str) -> tuple[str, ...]:
    """Return everybody in the store, for the owner of a finding."""
    return tuple(person.name for person in people(opened(home)))


def today(home: str) -> date:
    """Return the day by the clock of the store."""
    return opened(home).clock.now().date()
