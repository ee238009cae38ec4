"""A whole history of files landed in a model's log, every version of it, and judged once at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from app import actions
from core.access.principal import LOCAL
from core.clock import Clock
from core.errors import BadInputError
from core.log import service as log
from core.log.outcomes import FileOutcome, LogRole
from core.store.database import Store

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLog:
    """The files that one version logged, and in which role."""

    version: str
    role: LogRole
    files: Sequence[Path]


def at_start(store: Store, day: date) -> Store:
    """Return the store with its clock at the start of a day in New York."""
    return replace(store, clock=Clock(datetime.combine(day, time(), ZoneInfo("America/New_York"))))


def take_in(store: Store, *, model: str, logs: Sequence[VersionLog], actuals: Sequence[Path], say: Say) -> None:
    """Land the predictions of every version and then the actuals; profiles and states follow once, for all of them."""
    for one in logs:
        accepted = sum(land_predictions(store, model=model, log_of=one, file=file).accepted for file in one.files)
        say(f"{model}: {accepted:,} predictions of {one.version} ({one.role})")
    matched = sum(land_actuals(store, model=model, file=file).accepted for file in actuals)
    say(f"{model}: {matched:,} actuals")
    actions.refresh(store, LOCAL, model=model)
    say(f"{model}: profiles and states")


def land_predictions(store: Store, *, model: str, log_of: VersionLog, file: Path) -> FileOutcome:
    """Land one file of predictions; a refusal ends the build."""
    version, role = log_of.version, log_of.role
    return _landed(file, log.ingest_file(store, LOCAL, model=model, version=version, file=file, role=role))


def land_actuals(store: Store, *, model: str, file: Path) -> FileOutcome:
    """Land one file of actuals; a refusal ends the build."""
    return _landed(file, log.ingest_actuals(store, LOCAL, model=model, file=file, all_days=False))


def _landed(file: Path, outcome: FileOutcome) -> FileOutcome:
    if outcome.refused:
        raise BadInputError(f"{file.name} was refused: {outcome.reason}")
    return outcome
