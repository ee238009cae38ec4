"""Everything that changes the store, as the command line and the pages ask for it: services in the right order.

After each change of the log the profiles and the states follow at once; what a crash leaves undone,
the next call (or `watchroom profile`) finishes, because the days stay marked.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.access.principal import Principal
from core.checks import service as checks
from core.checks.verdicts import Verdict
from core.errors import BadInputError, NotEnoughDataError, RefusedError
from core.estimation import service as estimation
from core.inventory import service as inventory
from core.jobs import service as jobs
from core.jobs.job import Job
from core.log import service as log
from core.log.outcomes import FileOutcome, LogRole
from core.profile import service as profiles
from core.profile.records import BuildReport
from core.releases import service as releases
from core.segments import service as segments
from core.segments.saved import SavedSegment
from core.store.database import Store

SHAP_UNITS = "shap_units"
"""Kind of the job that explains samples of the units that changed."""

RELEASE_RECHECK = "release_recheck"
"""Kind of the job that holds the gates of a waiting release against a log that has grown."""

SAVED_SEGMENT = "saved_segment"
"""Kind of the job that counts the rows of a new saved segment."""

Say = Callable[[str], None]


def add_version(
    store: Store,
    principal: Principal,
    *,
    model: str,
    version: str,
    artifact: Path | None,
    reference: Path | None,
) -> Mapping[str, Any]:
    """Add a version with its model file and reference, where given: both read and checked before anything changes."""
    read = None if reference is None else log.prepare_reference(store, principal, model=model, file=reference)
    digest = None if artifact is None else inventory.keep_artifact(store, principal, model=model, file=artifact)
    added = inventory.add_version(
        store, principal, model=model, version=version, artifact_sha256=digest, has_reference=read is not None
    )
    if read is not None:
        inventory.accept_contract(store, principal, model=model, version=version, document=read.contract)
        profiles.set_reference(store, principal, model=model, version=version, reference=read)
        refresh(store, principal, model=model)
    detail = inventory.model_detail(store, model)
    now = next(item for item in detail.versions if item.id == added.id)
    return {
        "model": model,
        "version": version,
        "schema": now.schema_revision,
        "binning": now.binning_id,
        "artifact_sha256": now.artifact_sha256,
        "reference_rows": now.reference_rows,
    }


def ingest(
    store: Store,
    principal: Principal,
    *,
    model: str,
    version: str,
    files: Sequence[Path],
    role: str,
    say: Say | None = None,
) -> Mapping[str, Any]:
    """Take in prediction files one after the other, then bring profiles and states up to date."""
    outcomes = []
    for file in files:
        outcomes.append(log.ingest_file(store, principal, model=model, version=version, file=file, role=role))
        if say is not None:
            say(f"{file.name}: {outcomes[-1].accepted:,} rows")
    if any(not outcome.refused for outcome in outcomes):
        refresh(store, principal, model=model, say=say)
        _have_explained(store, principal, model, version)
        _have_rechecked(store, principal, model)
    return {"model": model, "version": version, "role": role, "files": [_told(store, outcome) for outcome in outcomes]}


def _have_explained(store: Store, principal: Principal, model: str, version: str) -> None:
    """Queue the explanation of the new units where a model file can give it: whether the reasons stay is a check."""
    detail = inventory.model_detail(store, model)
    if any(one.name == version and one.artifact_sha256 for one in detail.versions):
        jobs.submit(store, principal, SHAP_UNITS, {"model": model, "version": version})


def _have_rechecked(store: Store, principal: Principal, model: str) -> None:
    """Queue the gates of what waits for a decision: an outcome that new rows turn makes the release stale."""
    for one in releases.releases(store, model=model, only_open=True):
        if one.release.state in releases.HELD_TO_EVIDENCE:
            jobs.submit(store, principal, RELEASE_RECHECK, {"release": one.release.id})


def ingest_actuals(
    store: Store,
    principal: Principal,
    *,
    model: str,
    files: Sequence[Path],
    all_days: bool,
    say: Say | None = None,
) -> Mapping[str, Any]:
    """Take in files of actuals, then bring profiles and states up to date."""
    outcomes = []
    for file in files:
        outcomes.append(log.ingest_actuals(store, principal, model=model, file=file, all_days=all_days))
        if say is not None:
            say(f"{file.name}: {outcomes[-1].accepted:,} actuals")
    if any(not outcome.refused for outcome in outcomes):
        refresh(store, principal, model=model, say=say)
        _have_rechecked(store, principal, model)
    return {"model": model, "files": [_told(store, outcome) for outcome in outcomes]}


def _told(store: Store, outcome: FileOutcome) -> dict[str, Any]:
    """Return the outcome as JSON; where rows were quarantined the reason tells of the first of them."""
    document = outcome.as_json()
    if outcome.batch is not None and outcome.quarantined and not outcome.duplicate:
        first = log.quarantined(store, outcome.batch)[0]
        where = f"row {first.row:,}" if first.row is not None else "a row"
        column = f" of '{first.column}'" if first.column else ""
        rest = f"; {outcome.quarantined - 1:,} more in quarantine" if outcome.quarantined > 1 else ""
        document["reason"] = f"{where}: the value {first.value}{column} breaks {first.rule}: {first.fix}{rest}"
    return document


def revert_batch(
    store: Store, principal: Principal, *, batch: int, reason: str, idempotency_key: str = ""
) -> Mapping[str, Any]:
    """Take a batch out of the log, then bring profiles and states up to date; the same key again changes nothing."""
    reverted = log.revert_batch(store, principal, batch_id=batch, reason=reason, key=idempotency_key)
    refresh(store, principal, model=reverted.model)
    return reverted.as_json()


def profile(store: Store, principal: Principal, *, model: str, compact: bool) -> Mapping[str, Any]:
    """Settle what a crash left open, profile the marked days, judge them; with `compact` rewrite closed days."""
    log.settle(store, principal, model=model)
    if compact:
        log.compact(store, principal, model=model)
    report = refresh(store, principal, model=model)
    return {"model": model, "windows": report.windows, "rows": report.rows, "seconds": round(report.seconds, 3)}


def refresh(store: Store, principal: Principal, *, model: str, say: Say | None = None) -> BuildReport:
    """Profile the marked days of a model and judge every closed unit whose profile changed."""
    report = profiles.build_profiles(store, principal, model=model, progress=say)
    checks.evaluate(store, principal, model=model)
    return report


def bring_up_to_date(store: Store, principal: Principal, *, say: Say) -> tuple[str, ...]:
    """Profile and judge anew each model that an earlier Watchroom profiled; returns their names."""
    outdated = profiles.outdated_models(store)
    for model in outdated:
        say(f"{model}: profiled by an earlier Watchroom, now anew")
        refresh(store, principal, model=model, say=say)
    return outdated


def fill_estimates(store: Store, principal: Principal, *, model: str, version: str | None, role: str | None) -> None:
    """Tell the errors of a regression's units that are missing, where this can be done and the person may.

    Estimates of other models rest on counts and need nothing; what is missing here, each point says.
    """
    if inventory.model_detail(store, model).schema.task != "regression":
        return
    with suppress(NotEnoughDataError, RefusedError):
        estimation.estimate_losses(store, principal, model=model, version=version, role=role)


def save_segment(store: Store, principal: Principal, *, model: str, name: str, where: str) -> SavedSegment:
    """Save a segment and queue the counting of its rows; what no worker takes, the next intake counts."""
    saved = segments.save_segment(store, principal, model=model, name=name, where=where)
    jobs.submit(store, principal, SAVED_SEGMENT, segment_job(model, saved.label))
    return saved


def segment_job(model: str, label: str) -> Mapping[str, Any]:
    """Return the parameters of the job that counts a saved segment (``@name``)."""
    return {"model": model, "segment": label}


def retire_segment(store: Store, principal: Principal, *, model: str, name: str, reason: str) -> SavedSegment:
    """Let a saved segment stand no longer."""
    return segments.retire_segment(store, principal, model=model, name=name, reason=reason)


def start_job(store: Store, principal: Principal, *, kind: str, parameters: Mapping[str, Any]) -> Job:
    """Queue long work; while the same is queued or runs already, that one is returned."""
    return jobs.submit(store, principal, kind, parameters)


def stop_job(store: Store, principal: Principal, *, job: int, reason: str) -> Job:
    """Cancel a job that waits or runs."""
    return jobs.cancel(store, principal, job, reason=reason)


def check(store: Store, principal: Principal, *, model: str) -> tuple[Verdict, ...]:
    """Bring everything up to date and return the verdicts of the last closed unit."""
    log.settle(store, principal, model=model)
    refresh(store, principal, model=model)
    return checks.latest_verdicts(store, model=model)


def take_in_history(
    store: Store,
    principal: Principal,
    *,
    model: str,
    version: str,
    predictions: Sequence[Path],
    actuals: Sequence[Path],
    say: Say,
    role: str = LogRole.SERVED,
) -> None:
    """Take in a whole history of files; the profiles and states follow once, at the end.

    Raises
    ------
    BadInputError
        When a file is refused: a history with a hole is not left standing as if it were whole.
    """
    for file in predictions:
        outcome = log.ingest_file(store, principal, model=model, version=version, file=file, role=role)
        _must_land(file, outcome)
        say(f"{model}: {outcome.accepted:,} predictions of {file.stem}")
    for file in actuals:
        outcome = log.ingest_actuals(store, principal, model=model, file=file, all_days=False)
        _must_land(file, outcome)
        say(f"{model}: {outcome.accepted:,} actuals of {file.stem}")
    refresh(store, principal, model=model, say=say)


def _must_land(file: Path, outcome: FileOutcome) -> None:
    if outcome.refused:
        raise BadInputError(f"{file.name} was refused: {outcome.reason}")
