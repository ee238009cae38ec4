"""The long work of a release, as the worker runs it."""

from collections.abc import Callable, Mapping
from typing import Any

from app.releases.gathered import gather_evidence, recheck_evidence
from core.access.principal import WORKER
from core.releases.release import Release
from core.store.database import Store

Report = Callable[[float, str], None]

RELEASE_EVIDENCE = "release_evidence"


def release_evidence_job(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Gather the evidence of a release; returns where its gates sent it."""
    return _told(gather_evidence(store, WORKER, int(parameters["release"]), report=report))


def release_recheck_job(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Compute the gates of a release that waits anew, after its log has grown; returns where it stands."""
    return _told(recheck_evidence(store, WORKER, int(parameters["release"]), report=report))


def _told(release: Release) -> str:
    return f"release {release.id} of {release.model} {release.version}: {release.state.value}"
