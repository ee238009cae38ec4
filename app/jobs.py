"""The work that jobs do, by kind: what the worker runs in a process of its own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app import actions
from app.attribution.jobs import multivariate_job, shift_job
from app.explanation.jobs import explanation_job, shap_units_job
from app.releases.jobs import RELEASE_EVIDENCE, release_evidence_job, release_recheck_job
from app.segments.jobs import worst_segments_job
from core.access.principal import WORKER
from core.errors import BadInputError
from core.estimation.service import estimate_losses
from core.jobs.job import Job
from core.profile.service import count_segments
from core.store.database import Store, open_store

Report = Callable[[float, str], None]


def run(home: Path, job: Job, report: Report) -> str | None:
    """Do a job's work; returns a sentence on what was done.

    Raises
    ------
    BadInputError
        When the kind is not known: the job fails at once.
    """
    work = KINDS.get(job.kind)
    if work is None:
        raise BadInputError(f"Watchroom does not know the kind of job '{job.kind[:40]}'; known: {', '.join(KINDS)}.")
    return work(open_store(home), job.parameters, report)


def _profile(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Settle, profile and judge one model."""
    report(0.0, "profiling the marked days")
    done = actions.profile(store, WORKER, model=str(parameters["model"]), compact=bool(parameters.get("compact")))
    return f"{done['windows']:,} windows, {done['rows']:,} rows"


def _estimated_loss(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Tell the errors of the units of a regression that its row model has not told yet."""
    n_units = estimate_losses(
        store,
        WORKER,
        model=str(parameters["model"]),
        version=str(parameters["version"]) if parameters.get("version") else None,
        report=report,
    )
    return f"{n_units:,} units"


def _saved_segment(store: Store, parameters: Mapping[str, Any], report: Report) -> str:
    """Count the saved segments of a model in the units where they are lacking."""
    n_units = count_segments(store, WORKER, model=str(parameters["model"]), report=report)
    return f"{n_units:,} units"


KINDS: Mapping[str, Callable[[Store, Mapping[str, Any], Report], str]] = {
    "profile": _profile,
    "estimated_loss": _estimated_loss,
    actions.SAVED_SEGMENT: _saved_segment,
    "worst_segments": worst_segments_job,
    "shift": shift_job,
    "multivariate": multivariate_job,
    "explanation": explanation_job,
    actions.SHAP_UNITS: shap_units_job,
    RELEASE_EVIDENCE: release_evidence_job,
    actions.RELEASE_RECHECK: release_recheck_job,
}
