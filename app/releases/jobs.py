"""The long work of a release, as the worker runs it."""

from collections.abc import Callable, Mapping
from typing import Any

from app.releases.gathered import gather_evidence
from core.access.principal import WORKER
from core.store.database import Store

Report = Callable[[float, str], None]

RELEASE_EVIDENCE = "release_evidence"


def release_evidence_job(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Gather the evidence of a release; returns where its gates sent it."""
    found = gather_evidence(store, WORKER, int(parameters["release"]), report=report)
    return f"release {found.id} of {found.model} {found.version}: {found.state.value}"
