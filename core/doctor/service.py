"""Examining an installation: gathers the facts and repairs nothing."""

import os
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.audit.chain import AnchorPlace
from core.audit.service import verify
from core.doctor import findings as rules
from core.doctor import guarding
from core.doctor.executors import executor_findings
from core.doctor.findings import DoctorReport, Finding, Severity
from core.errors import CoreError
from core.executors.signature import SECRET_VARIABLE
from core.explain.confine import OTHER_FILE, POSSIBLE
from core.explain.probing import examine_sandbox
from core.log.delta import open_log
from core.log.outcomes import BatchInfo, BatchState, Kind
from core.store import anchors, audit, health
from core.store.batches import batches
from core.store.database import DATABASE, Store, open_store, stands
from core.store.executor_settings import executor_settings
from core.store.models import models
from core.store.outbox import n_failing
from core.store.profiles import outdated_models

ROOT = Path(__file__).parents[2]
MOUNTS = Path("/proc/self/mounts")


def examine(
    home: Path, *, root: Path = ROOT, environment: Mapping[str, str] | None = None, strict: bool = False
) -> DoctorReport:
    """Return what is wrong, or worth knowing, about this machine, the store in `home` and the web server's settings.

    Parameters
    ----------
    root : Path
        Folder of the program, with ``.streamlit/config.toml``.
    environment : mapping, optional
        Variables that override the settings; the process's own by default.
    strict : bool
        Whether a warning is enough to say no.
    """
    found = [*rules.python_findings(sys.version_info[:2])]
    variables = os.environ if environment is None else environment
    found += _settings_findings(root, variables)
    found += _sandbox_findings()
    found += _home_findings(home.absolute(), variables)
    return rules.report(found, strict=strict)


def _settings_findings(root: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    path = root / ".streamlit" / "config.toml"
    settings: dict[str, Any] = {}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield Finding(
            code="settings_unreadable",
            severity=Severity.WARNING,
            what=f"The settings of the web server cannot be read: {error}",
            fix=f"Restore {path} from the release.",
        )
    yield from rules.server_findings(settings, environment)


def _sandbox_findings() -> Iterator[Finding]:
    """Start the process that opens model files, with no file in it, and let it try what it must not be able to do."""
    try:
        confinement, attempts = examine_sandbox()
    except CoreError as error:
        yield from rules.sandbox_findings(isolated=False, reason=str(error).rstrip("."), exposed="", possible=())
        return
    told_already = {OTHER_FILE} if confinement.exposed else set()
    yield from rules.sandbox_findings(
        isolated=confinement.isolated,
        reason=confinement.reason,
        exposed=confinement.exposed,
        possible=[what for what, ended in attempts.items() if ended == POSSIBLE and what not in told_already],
    )


def _home_findings(home: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    try:
        if not stands(home):
            yield rules.store_missing(str(home))
            return
        yield from _folder_findings(home)
        store = open_store(home)
        yield from _store_findings(store)
        yield from _executor_findings(store, environment)
    except CoreError as error:
        yield rules.store_unusable(str(error))
    else:
        store.engine.dispose()


def _folder_findings(home: Path) -> Iterator[Finding]:
    # Only a database file needs locks that a network file system may not keep.
    filesystem = filesystem_of(home, _mounts()) if (home / DATABASE).is_file() else ""
    yield from rules.folder_findings(str(home), home.stat().st_mode, filesystem, shutil.disk_usage(home).free)


def _store_findings(store: Store) -> Iterator[Finding]:
    frozen = store.clock.frozen_at
    with store.read() as session:
        yield from rules.database_findings(
            health.damage(session), health.staged_batches(session), frozen.isoformat() if frozen else None
        )
        yield from map(rules.profiles_outdated, outdated_models(session))
    yield from _log_findings(store)
    yield from _audit_findings(store)


def _executor_findings(store: Store, environment: Mapping[str, str]) -> Iterator[Finding]:
    secret = environment.get(SECRET_VARIABLE)
    with store.read() as session:
        yield from executor_findings(
            executor_settings(session), None if secret is None else os.fsencode(secret), waiting=n_failing(session)
        )


def _audit_findings(store: Store) -> Iterator[Finding]:
    report = verify(store)
    with store.read() as session:
        last, _ = audit.head(session)
        yield from guarding.guard_findings(health.missing_guards(session))
        role = health.role_facts(session)
    if role is not None:
        yield from guarding.role_findings(role.name, owner=role.owner, rights=role.rights)
    yield from rules.audit_findings(
        ok=report.ok,
        entries=report.entries,
        why=report.why,
        anchor_age_s=report.anchor_age_s,
        unanchored=last - report.anchored_to,
    )
    if report.ok and last and report.anchor_age_s is not None:
        further = {place.folder: max((a.seq for a in place.anchors), default=0) for place in _outside(store)}
        yield from rules.anchor_findings(report.anchor_age_s, report.anchored_to, further)


def _outside(store: Store) -> list[AnchorPlace]:
    return [place for place in anchors.places(store.home) if place.outside]


def _log_findings(store: Store) -> Iterator[Finding]:
    """Yield a finding for each model whose log lacks files, or is gone although batches have landed."""
    with store.read() as session:
        landed = {model: _landed_rows(batches(session, model.id)) for model in models(session)}
    for model, rows in landed.items():
        try:
            tables = open_log(store.log_dir(model.key))
        except CoreError as error:
            yield rules.log_damaged(model.name, str(error))
            continue
        held = sum(file.rows for file in tables.predictions.files)
        gone = [
            file.path
            for table in (tables.predictions, tables.actuals)
            for file in table.files
            if not (table.root / file.path).is_file()
        ]
        if held < rows:
            yield rules.log_damaged(model.name, f"it holds {held:,} rows, {rows:,} were taken in.")
        elif gone:
            yield rules.log_damaged(model.name, f"{len(gone):,} of its files are gone, the first is {gone[0]}.")


def _landed_rows(taken: Sequence[BatchInfo]) -> int:
    counted = [one for one in taken if one.kind is Kind.PREDICTIONS and one.state is BatchState.LANDED]
    return sum(one.accepted for one in counted)


def filesystem_of(path: Path, mounts: str) -> str:
    r"""Return the type of the file system that holds `path`, by the longest mount point in `mounts`; empty if unknown.

    >>> filesystem_of(Path("/srv/store"), "disk / ext4 rw 0 0\nbox:/x /srv nfs4 rw 0 0")
    'nfs4'
    """
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, found, *_ = line.split(" ")
        point = point.encode().decode("unicode_escape")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, found
    return kind


def _mounts() -> str:
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
