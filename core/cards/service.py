"""Writing a model card, and putting it together with what is known."""

from collections.abc import Collection, Mapping
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.cards.card import FIELDS, Card, CardText, Completeness, checked, completeness, texts
from core.cards.facts import CardFacts
from core.errors import ConflictError
from core.inventory.field_types import is_empty
from core.store import cards as stored
from core.store import models as stored_models
from core.store import records as stored_records
from core.store.database import Session, Store
from core.store.repeats import done_before


@refusals_recorded
def edit_card(
    store: Store,
    principal: Principal,
    *,
    model: str,
    version: str,
    changes: Mapping[str, Any],
    row_version: int | None = None,
    idempotency_key: str | None = None,
) -> CardText:
    """Write texts of a version's card; those not named stay, None takes one out. No change writes nothing.

    Raises
    ------
    RefusedError
        ``not_allowed``: the person may not write cards.
    BadInputError
        When an entry is unknown or cannot be kept.
    ConflictError
        When somebody else changed the card since `row_version`.
    """
    authorize(principal, Action.CARD_EDIT)
    wanted = {code: None if is_empty(value) else value for code, value in checked(changes).items()}
    with store.write() as session:
        known = stored_models.model_by_name(session, model)
        about, at = stored_models.version_by_name(session, known.id, version), store.clock.now()
        name, read = f"{known.name}/{about.name}", stored.card_text(session, about.id)
        if done_before(session, principal, idempotency_key, AuditAction.CARD_EDITED, about=name):
            return read
        if row_version is not None and row_version != read.row_version:
            raise ConflictError(f"The card was changed by {read.updated_by} since you opened it; look and repeat.")
        after = {code: value for code, value in wanted.items() if value != read.document.get(code)}
        if not after:
            return read
        merged = {**read.document, **after}
        document = {field.code: merged[field.code] for field in FIELDS if merged.get(field.code) is not None}
        stored.put_card_text(session, read, document, by=principal.name, at=at)
        record(
            session,
            principal,
            AuditAction.CARD_EDITED,
            object_type="version",
            object_id=name,
            before={"texts": {code: read.document.get(code) for code in after}},
            after={"at": at, "texts": after},
            idempotency_key=idempotency_key,
        )
        session.expire_all()
        return stored.card_text(session, about.id)


def card_text(store: Store, model: str, version: str) -> CardText:
    """Return what was written about a version.

    Raises
    ------
    NotFoundError
        When there is no such model or version.
    """
    with store.read() as session:
        return stored.card_text(session, _version_id(session, model, version))


def model_card(store: Store, facts: CardFacts) -> Card:
    """Return the card of a version, put together from `facts`, what was written, and the governance record.

    Raises
    ------
    NotFoundError
        When there is no such model or version.
    """
    with store.read() as session:
        told = _texts(session, facts.model, facts.version)
    return Card(facts=facts, texts=told, completeness=completeness(told, facts.known, facts.tier))


def standing(store: Store, *, model: str, version: str, tier: int, known: Collection[str]) -> Completeness:
    """Return how complete the card of a version is at a tier.

    Parameters
    ----------
    known : parts of `core.cards.card.KNOWN` that are filled in, or do not apply

    Raises
    ------
    NotFoundError
        When there is no such model or version.
    """
    with store.read() as session:
        return completeness(_texts(session, model, version), known, tier)


def _texts(session: Session, model: str, version: str) -> dict[str, str]:
    """Return every text of a version's card: what was written, else what the governance record says."""
    written = stored.card_text(session, _version_id(session, model, version)).document
    return texts(written, stored_records.record_of(session, stored_models.model_by_name(session, model).id).document)


def _version_id(session: Session, model: str, version: str) -> int:
    return stored_models.version_by_name(session, stored_models.model_by_name(session, model).id, version).id
