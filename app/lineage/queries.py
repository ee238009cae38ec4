"""Cached reads of where the versions of a model come from and what came of them."""

from collections.abc import Sequence

import streamlit as st

from app.reading import now, opened
from core.inventory.lineage import Lineage, LogFact, ReleaseFact, VersionFact, lineage
from core.inventory.recording.service import governed_model
from core.inventory.records import VersionInfo
from core.inventory.service import ModelDetail, model_detail, version_schema
from core.log.outcomes import BatchInfo, BatchState, Kind
from core.log.service import batches
from core.releases.release import PRODUCTION
from core.releases.service import releases
from core.store.database import Store


def graph(home: str, model: str) -> Lineage:
    """Return the graph of a model: data, features, training, versions, releases, predictions."""
    _, token, at = now(home)
    return _graph(home, token, at, model)


@st.cache_resource(max_entries=16, show_spinner=False)
def _graph(home: str, token: int, at: str, model: str) -> Lineage:
    store = opened(home)
    detail = model_detail(store, model)
    return lineage(
        model,
        [_version(store, detail, one) for one in detail.versions],
        [
            ReleaseFact(
                id=one.release.id,
                version=one.release.version,
                state=one.release.state.value,
                environment=one.release.environment,
            )
            for one in reversed(releases(store, model=model))
            if one.release.environment == PRODUCTION
        ],
        logs(detail.versions, batches(store, model)),
        training_data=str(governed_model(store, model).record.document.get("training_data", "")),
    )


def _version(store: Store, detail: ModelDetail, one: VersionInfo) -> VersionFact:
    return VersionFact(
        name=one.name,
        schema_revision=one.schema_revision,
        n_features=len(version_schema(store, one).features),
        artifact_sha256=one.artifact_sha256,
        reference_sha256=one.reference_sha256,
        reference_rows=one.reference_rows,
        added_by=one.added_by,
        champion=one.id == detail.model.champion_id,
    )


def logs(versions: Sequence[VersionInfo], taken: Sequence[BatchInfo]) -> list[LogFact]:
    """Return the predictions that count of each version and role: how many rows, from which unit to which."""
    found = []
    landed = [one for one in taken if one.state is BatchState.LANDED and one.kind is Kind.PREDICTIONS]
    for version in versions:
        mine = [one for one in landed if one.version_id == version.id]
        for role in dict.fromkeys(one.role or "" for one in mine):
            files = [one for one in mine if (one.role or "") == role]
            days = sorted(str(day) for one in files for day in one.details.get("days", ()))
            first, last = (days[0], days[-1]) if days else ("", "")
            rows = sum(one.accepted for one in files)
            found.append(LogFact(version=version.name, role=role, rows=rows, first=first, last=last))
    return found
