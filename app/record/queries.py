"""Cached reads of the record of one model."""

import streamlit as st

from app.governed import told
from app.offered import choices
from app.reading import now, opened
from app.record import rows
from app.record.views import Accepted, RecordView
from core.audit.service import about_model
from core.checks.service import recent_headlines
from core.inventory.record import shown_status
from core.inventory.recording.service import governed_model
from core.inventory.records import AcceptedContract
from core.inventory.service import model_detail, version_contract
from core.log.contract import to_yaml
from core.log.outcomes import BatchState, Kind
from core.log.service import batches

MOST_ENTRIES = 200


def record(home: str, *, model: str, version: str) -> RecordView:
    """Return the record of a model, with one of its versions in full."""
    _, token, at = now(home)
    return _record(home, token, at, model=model, version=version)


@st.cache_data(max_entries=32, show_spinner=False)
def _record(home: str, token: int, at: str, *, model: str, version: str) -> RecordView:
    store = opened(home)
    detail = model_detail(store, model)
    chosen = next(one for one in detail.versions if one.name == version)
    taken, units = batches(store, model), recent_headlines(store, model=model, count=1)
    stands = next(one for one in choices(home).models if one.name == model)
    contract, held = version_contract(store, chosen), governed_model(store, model)
    return RecordView(
        model=model,
        version=chosen.name,
        owner=str(held.record.document.get("owner", detail.model.owner)),
        tier=held.tier.in_force,
        tier_source=told.SOURCES[held.tier.source],
        status=shown_status(held.record.status, live=detail.champion is not None, retired=False),
        n_missing=len(held.missing),
        state=stands.state,
        state_reason=stands.state_reason,
        champion=detail.champion.name if detail.champion else "",
        champion_since=detail.model.champion_since,
        n_versions=len(detail.versions),
        revision=detail.schema_revision,
        rows_word=detail.schema.words.rows,
        n_features=len(detail.schema.features),
        n_undescribed=sum(not feature.meaning for feature in detail.schema.features.values()),
        contract=_accepted(contract),
        facts={"schema": rows.schema_facts(detail.schema), "lineage": rows.lineage(detail, chosen, taken)},
        tables={
            "versions": rows.version_rows(detail),
            "schema": rows.schema_rows(detail.schema),
            "contract": rows.contract_rows(contract),
            "batches": rows.batch_rows(taken),
            "audit": rows.audit_rows(about_model(store, model, n=MOST_ENTRIES)),
        },
        n_files=sum(batch.state is BatchState.LANDED for batch in taken),
        n_predictions=sum(batch.accepted for batch in rows.landed(taken, Kind.PREDICTIONS)),
        last_unit=units[-1].day if units else None,
        grain=detail.schema.grain,
    )


def _accepted(found: AcceptedContract | None) -> Accepted | None:
    if found is None:
        return None
    return Accepted(revision=found.revision, by=found.accepted_by, at=found.accepted_at, text=to_yaml(found.contract))
