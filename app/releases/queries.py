"""Reads of the release pages: what waits for whom, one release in full, what a model has open.

What is cached is keyed by the state of the store and by who looks: what a person may do is a part of it. What is
not in the audit chain (how far a delivery has come, who looked when) is read at every run.
"""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from app import persona
from app.reading import all_models, now, opened
from app.releasing import dossier, files_of
from core.access.matrix import Action, may
from core.access.service import people
from core.audit.actions import AuditAction
from core.audit.service import about
from core.audit.sought import Sought
from core.clock import SYSTEM
from core.errors import CoreError, NotFoundError
from core.executors.delivery import Delivery
from core.executors.service import deliveries, executor_settings
from core.inventory.controls import Controls
from core.inventory.recording.service import governed_model, release_policy
from core.inventory.service import model_detail
from core.releases.awaited import awaited
from core.releases.release import PRODUCTION, Release
from core.releases.rollback.service import RollbackTarget, target
from core.releases.service import (
    QueueItem,
    ReleaseDetail,
    ReleaseSummary,
    find_release,
    queue,
    releases,
)
from core.releases.states import OPEN
from core.releases.talking.service import attachment, visit

ASKED = (
    AuditAction.RELEASE_EXECUTED,
    AuditAction.RELEASE_ADVANCED,
    AuditAction.ROLLBACK_REQUESTED,
    AuditAction.DRILL_REQUESTED,
)
"""What begins the wait for an executor's word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStanding:
    """What the header says of a model: its live version, its open release, the way back.

    Attributes
    ----------
    open : ReleaseSummary or None
        The newest release that is open, or whose executor has not said yet what became of it.
    """

    model: str
    champion: str
    open: ReleaseSummary | None
    target: RollbackTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What may be requested of a model: its versions that are not live, newest first; `why` says why nothing."""

    model: str
    champion: str
    versions: tuple[str, ...]
    controls: Controls
    why: str


def my_queue(home: str) -> tuple[QueueItem, ...]:
    """Return the releases on their way, those first that wait for whoever acts."""
    _, token, at = now(home)
    person = persona.acting(home)
    return _queue(home, token, at, person.name, persona.roles_of(person))


@st.cache_resource(max_entries=32, show_spinner=False)
def _queue(home: str, token: int, at: str, person: str, roles: str) -> tuple[QueueItem, ...]:
    return queue(opened(home), persona.of_key(person, roles))


def waiting(home: str) -> int:
    """Return how many releases wait for whoever acts; none while the store cannot be read."""
    try:
        return sum(item.waits_for_me for item in my_queue(home))
    except CoreError:
        return 0


def all_releases(home: str, model: str | None = None) -> tuple[ReleaseSummary, ...]:
    """Return every release, of one model where it is named, newest first."""
    _, token, at = now(home)
    found = _all(home, token, at)
    return found if model is None else tuple(one for one in found if one.release.model == model)


@st.cache_resource(max_entries=8, show_spinner=False)
def _all(home: str, token: int, at: str) -> tuple[ReleaseSummary, ...]:
    return releases(opened(home))


def detail(home: str, release_id: int) -> ReleaseDetail:
    """Return one release with its evidence and what whoever acts may do with it.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    _, token, at = now(home)
    person = persona.acting(home)
    return _detail(home, token, at, release_id, person=person.name, roles=persona.roles_of(person))


@st.cache_resource(max_entries=16, show_spinner=False)
def _detail(home: str, token: int, at: str, release_id: int, *, person: str, roles: str) -> ReleaseDetail:
    return dossier(opened(home), persona.of_key(person, roles), release_id)


def files(home: str, release_id: int) -> dict[str, bytes]:
    """Return the files of a dossier by name, as whoever acts may read it; none before there is evidence."""
    _, token, at = now(home)
    person = persona.acting(home)
    return _files(home, token, at, release_id, person=person.name, roles=persona.roles_of(person))


@st.cache_data(max_entries=16, show_spinner=False)
def _files(home: str, token: int, at: str, release_id: int, *, person: str, roles: str) -> dict[str, bytes]:
    return files_of(opened(home), _detail(home, token, at, release_id, person=person, roles=roles))


def find(home: str, release_id: int) -> Release | None:
    """Return a release as it stands this moment; None when there is none of this number."""
    try:
        return find_release(opened(home), release_id)
    except NotFoundError:
        return None


def shown(home: str, model: str) -> ReleaseSummary | None:
    """Return the release of a model that its dossier shows unasked: the open one, else the newest."""
    mine = all_releases(home, model)
    return next((one for one in mine if one.release.state in OPEN), mine[0] if mine else None)


def standing(home: str, model: str) -> ModelStanding:
    """Return what the header says of a model."""
    _, token, at = now(home)
    return _standing(home, token, at, model)


@st.cache_resource(max_entries=32, show_spinner=False)
def _standing(home: str, token: int, at: str, model: str) -> ModelStanding:
    store = opened(home)
    champion = model_detail(store, model).champion
    open_now = (one for one in _all(home, token, at) if _is_open(one.release, model))
    return ModelStanding(
        model=model,
        champion=champion.name if champion else "",
        open=next(open_now, None),
        target=target(store, model),
    )


def _is_open(release: Release, model: str) -> bool:
    here = release.model == model and release.environment == PRODUCTION
    return here and (release.state in OPEN or awaited(release) is not None)


def offered(home: str, model: str) -> Offered:
    """Return which versions of a model can be requested, and what its tier asks for."""
    _, token, at = now(home)
    return _offered(home, token, at, model)


@st.cache_resource(max_entries=16, show_spinner=False)
def _offered(home: str, token: int, at: str, model: str) -> Offered:
    store = opened(home)
    known, held = model_detail(store, model), _standing(home, token, at, model)
    others = tuple(one.name for one in reversed(known.versions) if one.name != held.champion)
    controls = release_policy(store)[governed_model(store, model).tier.in_force]
    why = "" if others else "There is no other version to release."
    if held.open is not None and held.open.release.state in OPEN:
        why = f"Release {held.open.release.id} of {held.open.release.version} is open: a model has one at a time."
    return Offered(model=model, champion=held.champion, versions=others, controls=controls, why=why)


def models_with_versions(home: str) -> tuple[str, ...]:
    """Return the models that a release can be requested for at all, those with another version first."""
    _, token, at = now(home)
    return _models(home, token, at)


@st.cache_resource(max_entries=8, show_spinner=False)
def _models(home: str, token: int, at: str) -> tuple[str, ...]:
    found = [one for one, _ in all_models(home, token, at) if one.versions]
    return tuple(one.model.name for one in sorted(found, key=lambda one: (len(one.versions) < 2, one.model.name)))


def names(home: str) -> tuple[str, ...]:
    """Return everybody in the store, for the owner of a condition."""
    _, token, _ = now(home)
    return _names(home, token)


@st.cache_resource(max_entries=8, show_spinner=False)
def _names(home: str, token: int) -> tuple[str, ...]:
    return tuple(person.name for person in people(opened(home)))


def allowed(home: str, action: Action) -> bool:
    """Say whether a role of whoever acts allows this; the core decides it again."""
    return may(persona.acting(home), action)


def clock(home: str) -> datetime:
    """Return the time by which the releases of this store are decided and end."""
    return opened(home).clock.now()


def executor(home: str) -> str:
    """Return who carries releases out: ``embedded``, or the address of a webhook."""
    return executor_settings(opened(home)).executor


def deliveries_of(home: str, release_id: int) -> tuple[Delivery, ...]:
    """Return what executors were told of a release, as it stands this moment."""
    return deliveries(opened(home), release_id)


def waits_since(home: str, release_id: int) -> float:
    """Return for how many seconds of real time the executor's word has been awaited."""
    asked = {action.value for action in ASKED}
    for entry in about(opened(home), Sought(object_type="release", object_id=str(release_id)), n=20):
        if entry.action in asked:
            return max((SYSTEM.now() - datetime.fromisoformat(entry.at)).total_seconds(), 0.0)
    return 0.0


def last_look(home: str, release_id: int) -> datetime | None:
    """Note that whoever acts looks at a release, once a session; returns when they did before that.

    Who may not comment is not asked for anything and is not followed.
    """
    if not allowed(home, Action.RELEASE_COMMENT):
        return None
    seen: dict[str, datetime | None] = st.session_state.setdefault("release.visits", {})
    key = f"{persona.name()}.{release_id}"
    if key not in seen:
        seen[key] = visit(opened(home), persona.acting(home), release_id)
    return seen[key]


def file_of(home: str, person: str, roles: str, comment_id: int) -> bytes:
    """Return an attached file on behalf of a person; never shown in the page, only handed out."""
    return attachment(opened(home), persona.of_key(person, roles), comment_id)[1]
