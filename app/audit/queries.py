"""Cached reads of the Audit page, the check of the chain, and the export.

The key of what is shown is the number of the last entry: unlike on other pages, reads and refusals are what is shown.
"""

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from app import persona
from app.audit import told
from app.audit.views import Asked, AuditView, Standing
from app.reading import opened
from core.access.matrix import Action, may
from core.access.service import resolve_principal
from core.audit import service
from core.audit.chain import ChainReport
from core.audit.sought import Sought
from core.clock import SYSTEM

PAGE = 50


def entries(home: str, asked: Asked) -> AuditView:
    """Return one page of the entries that fit, newest first.

    Raises
    ------
    RefusedError
        When whoever acts may not read the trail.
    """
    acting = persona.acting(home)
    return _entries(
        home,
        service.last_seq(opened(home)),
        reader=acting.name,
        roles=persona.roles_of(acting),
        person=asked.person,
        kind=asked.kind,
        name=asked.name,
        action=asked.action,
        text=asked.text,
        start=asked.start,
        end=asked.end,
        before=asked.before,
    )


def standing(home: str) -> Standing:
    """Return whether the chain holds: what is new is looked at, the rest as it was found before."""
    return _standing(home, service.last_seq(opened(home)))


def verify_now(home: str) -> Standing:
    """Look at the whole chain, and return whether it holds."""
    _standing.clear()
    return _told(service.verify(opened(home)))


def may_export(home: str) -> bool:
    """Say whether who acts may take the chain away; the core decides it again."""
    return may(persona.acting(home), Action.AUDIT_EXPORT)


def export(home: str, person: str) -> bytes:
    """Return the chain as one ZIP file on behalf of a person; audited.

    Raises
    ------
    RefusedError
        When they may not.
    """
    store = opened(home)
    return service.export_zip(store, resolve_principal(store, person))


def now() -> datetime:
    """Return the system's time, which entries and anchors keep also when the store's clock is frozen."""
    return SYSTEM.now()


@st.cache_data(max_entries=64, show_spinner=False)
def _entries(
    home: str,
    last: int,
    *,
    reader: str,
    roles: str,
    person: str,
    kind: str,
    name: str,
    action: str,
    text: str,
    start: date | None,
    end: date | None,
    before: int | None,
) -> AuditView:
    store = opened(home)
    asked = Asked(person=person, kind=kind, name=name, action=action, text=text, start=start, end=end, before=before)
    found = service.search(store, persona.of_key(reader, roles), _sought(asked), n=PAGE + 1)
    return AuditView(
        asked=asked,
        rows=tuple(told.row(entry) for entry in found[:PAGE]),
        more=len(found) > PAGE,
        offered=service.facets(store),
    )


def _sought(asked: Asked) -> Sought:
    """Return what the fields ask for, as the core looks for it."""
    return Sought(
        person=asked.person or None,
        object_type=asked.kind or None,
        object_id=asked.name or None,
        action=asked.action or None,
        text=asked.text or None,
        since=None if asked.start is None else datetime.combine(asked.start, time(), UTC),
        until=None if asked.end is None else datetime.combine(asked.end + timedelta(days=1), time(), UTC),
        before_seq=asked.before,
    )


@st.cache_data(max_entries=4, show_spinner="Checking the audit chain", ttl=timedelta(minutes=5))
def _standing(home: str, last: int) -> Standing:
    return _told(service.verify(opened(home), only_new=True))


def _told(report: ChainReport) -> Standing:
    at = SYSTEM.now()
    age = report.anchor_age_s
    return Standing(
        ok=report.ok,
        entries=report.entries,
        first_bad=report.first_bad,
        why=report.why,
        checked_at=at,
        checked_from=report.checked_from,
        checked_before=datetime.fromisoformat(report.checked_before) if report.checked_before else None,
        anchored_at=None if age is None else at - timedelta(seconds=age),
        anchored_to=report.anchored_to,
        outside=report.anchored_outside > 0,
        intact=report.intact,
    )
