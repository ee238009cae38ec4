"""What is wrong, or worth knowing, about an installation: pure rules over facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

PYTHON_MINIMUM = (3, 11)
MIB = 2**20
DISK_WARNING = 1_024 * MIB
DISK_ERROR = 100 * MIB
ANCHOR_OVERDUE_S = 2 * 3_600.0
READABLE_BY_ALL = 0o007
NETWORK_TYPES = frozenset(
    {
        "9p",
        "afs",
        "ceph",
        "cifs",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.s3fs",
        "fuse.sshfs",
        "lustre",
        "nfs",
        "nfs4",
        "smb3",
    }
)


class Severity(StrEnum):
    """How much a finding matters: an error always fails the examination, a warning under ``--strict``."""

    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding: a stable code, what it is, and what to do."""

    code: str
    severity: Severity
    what: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """All findings, and whether the installation may run as it is."""

    ok: bool
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as `watchroom doctor --json` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRule:
    """One option of the web server: where it is set, its value when it is not, and which values are safe."""

    code: str
    section: str
    option: str
    variable: str
    default: str
    safe: tuple[str, ...]
    what: str


SERVER_RULES = (
    ServerRule(
        code="telemetry_on",
        section="browser",
        option="gatherUsageStats",
        variable="STREAMLIT_BROWSER_GATHER_USAGE_STATS",
        default="true",
        safe=("false",),
        what="The web server reports its usage to a third party.",
    ),
    ServerRule(
        code="address_open",
        section="server",
        option="address",
        variable="STREAMLIT_SERVER_ADDRESS",
        default="every interface",
        safe=("127.0.0.1", "localhost", "::1"),
        what="The web server answers the whole network, and local mode knows no passwords.",
    ),
    ServerRule(
        code="agent_api_on",
        section="server",
        option="enableAgentApi",
        variable="STREAMLIT_SERVER_ENABLE_AGENT_API",
        default="false",
        safe=("false",),
        what="Programs may drive the dashboard over HTTP.",
    ),
    ServerRule(
        code="error_details_shown",
        section="client",
        option="showErrorDetails",
        variable="STREAMLIT_CLIENT_SHOW_ERROR_DETAILS",
        default="full",
        safe=("none",),
        what="Pages show the program's inside when something fails.",
    ),
    ServerRule(
        code="xsrf_protection_off",
        section="server",
        option="enableXsrfProtection",
        variable="STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION",
        default="true",
        safe=("true",),
        what="Other sites may act in a visitor's name.",
    ),
    ServerRule(
        code="cors_protection_off",
        section="server",
        option="enableCORS",
        variable="STREAMLIT_SERVER_ENABLE_CORS",
        default="true",
        safe=("true",),
        what="Pages of other sites may read the dashboard.",
    ),
    ServerRule(
        code="static_serving_on",
        section="server",
        option="enableStaticServing",
        variable="STREAMLIT_SERVER_ENABLE_STATIC_SERVING",
        default="false",
        safe=("false",),
        what="The web server hands out the files of a folder.",
    ),
)


def report(findings: Sequence[Finding], *, strict: bool = False) -> DoctorReport:
    """Return the report: not ok with an error, and under `strict` with a warning."""
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return DoctorReport(ok=not any(f.severity in failing for f in findings), findings=tuple(findings))


def python_findings(version: tuple[int, int]) -> Iterator[Finding]:
    """Yield a finding when the interpreter is older than 3.11."""
    if version < PYTHON_MINIMUM:
        yield Finding(
            code="python_old",
            severity=Severity.ERROR,
            what=f"Python {version[0]}.{version[1]} is older than 3.11.",
            fix="Install Python 3.11 or newer, delete .venv and run make install.",
        )


def server_findings(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for every unsafe option of the web server; the environment beats the file."""
    for rule in SERVER_RULES:
        section = settings.get(rule.section)
        stated = section.get(rule.option) if isinstance(section, Mapping) else None
        value = environment.get(rule.variable, rule.default if stated is None else str(stated))
        if value.strip().lower() not in rule.safe:
            place = f"unset {rule.variable}" if rule.variable in environment else "edit .streamlit/config.toml"
            yield Finding(
                code=rule.code,
                severity=Severity.WARNING,
                what=f"{rule.what} ({rule.section}.{rule.option} is {value!r})",
                fix=f"Set {rule.section}.{rule.option} to {rule.safe[0]!r}: {place}.",
            )


def folder_findings(home: str, mode: int, filesystem: str, free_bytes: int) -> Iterator[Finding]:
    """Yield findings about the store's folder: who may read it, where it lies, how much room is left."""
    if mode & READABLE_BY_ALL:
        yield Finding(
            code="readable_by_all",
            severity=Severity.WARNING,
            what=f"Every user of this machine may read {home} (mode {mode & 0o777:04o}).",
            fix=f"Run chmod 700 {home}.",
        )
    if filesystem in NETWORK_TYPES:
        yield Finding(
            code="network_filesystem",
            severity=Severity.WARNING,
            what=f"{home} lies on a network file system ({filesystem}), where SQLite's locks cannot be trusted.",
            fix="Move the folder to a local disk.",
        )
    if free_bytes < DISK_WARNING:
        yield Finding(
            code="disk_low",
            severity=Severity.ERROR if free_bytes < DISK_ERROR else Severity.WARNING,
            what=f"{free_bytes // MIB} MiB are free on the disk of {home}.",
            fix="Free some space: an intake needs room for the file it takes in.",
        )


def sandbox_findings(*, isolated: bool, reason: str, exposed: str, possible: Sequence[str]) -> Iterator[Finding]:
    """Yield findings about the process that opens model files.

    Parameters
    ----------
    isolated, reason : whether it has a network namespace of its own, and why not
    exposed : str
        Why it can read files of other folders; empty when it cannot.
    possible : what else it could do and must not
    """
    if not isolated:
        yield Finding(
            code="sandbox_not_isolated",
            severity=Severity.WARNING,
            what=f"Model files are opened without a network namespace of their own: {reason}.",
            fix="Allow user namespaces for this user (user.max_user_namespaces, or the container's seccomp profile).",
        )
    if exposed:
        yield Finding(
            code="sandbox_reads_files",
            severity=Severity.WARNING,
            what=f"The process that opens model files may read whatever this user may read: {exposed}.",
            fix="Use a kernel with Landlock in force (Linux 5.13 or newer, landlock among its lsm=), and a container "
            "that does not forbid it; or run Watchroom as a user who may read little else.",
        )
    if possible:
        yield Finding(
            code="sandbox_open",
            severity=Severity.ERROR,
            what=f"The process that opens model files can reach: {', '.join(possible)}.",
            fix="Run Watchroom on Linux (x86_64 or aarch64) with seccomp, or open no model files here.",
        )


def store_missing(home: str) -> Finding:
    """Return the finding of a folder without a store."""
    return Finding(
        code="no_store",
        severity=Severity.ERROR,
        what=f"There is no store in {home}.",
        fix=f"Run watchroom init --home {home}.",
    )


def store_unusable(why: str) -> Finding:
    """Return the finding of a store that does not open; `why` says what to do."""
    return Finding(code="store_unusable", severity=Severity.ERROR, what=why, fix="Do what the sentence says.")


def database_findings(damage: str, staged_batches: int, frozen_at: str | None) -> Iterator[Finding]:
    """Yield findings about what stands in the database."""
    if damage:
        yield Finding(
            code="database_damaged",
            severity=Severity.ERROR,
            what=f"The database is damaged: {damage[:200]}",
            fix="Stop Watchroom and restore state.db from a copy.",
        )
    if staged_batches:
        yield Finding(
            code="staged_batches",
            severity=Severity.INFORMATION,
            what=f"{staged_batches} batches were begun and not finished.",
            fix="Nothing, or take the same file in again: the next intake settles them.",
        )
    if frozen_at is not None:
        yield Finding(
            code="clock_frozen",
            severity=Severity.INFORMATION,
            what=f"The clock of this store stands at {frozen_at}.",
            fix="Nothing for a demo; a store with real data needs a running clock.",
        )


def log_damaged(model: str, why: str) -> Finding:
    """Return the finding of a model whose log does not hold what the database says was taken in."""
    return Finding(
        code="log_damaged",
        severity=Severity.ERROR,
        what=f"The log of {model} is damaged: {why}",
        fix="Restore the store's log folder from a copy; the profiles on the screens are not affected.",
    )


def profiles_outdated(model: str) -> Finding:
    """Return the finding of a model whose profiles an earlier kernel counted: its pages cannot be shown."""
    return Finding(
        code="profiles_outdated",
        severity=Severity.ERROR,
        what=f"The profiles of {model} were made by an earlier Watchroom.",
        fix="Run watchroom init with this store: it makes them anew from the log.",
    )


def audit_findings(
    *, ok: bool, entries: int, why: str, anchor_age_s: float | None, unanchored: int
) -> Iterator[Finding]:
    """Yield findings about the audit chain; `unanchored` counts the entries after the last anchor."""
    if not ok:
        yield Finding(
            code="audit_broken",
            severity=Severity.ERROR,
            what=f"The audit chain does not verify: {why}.",
            fix="Keep the folder as it is, compare it with an export or a copy, and ask who had access.",
        )
    elif entries and anchor_age_s is None:
        yield Finding(
            code="audit_not_anchored",
            severity=Severity.WARNING,
            what="The audit chain has no anchor: entries cut off from its end could not be seen.",
            fix="Look whether anchors.jsonl was removed; the next change writes one.",
        )
    elif unanchored and anchor_age_s is not None and anchor_age_s > ANCHOR_OVERDUE_S:
        yield Finding(
            code="anchor_overdue",
            severity=Severity.WARNING,
            what=f"The audit chain's last anchor is {anchor_age_s / 3600:.0f} hours old, {unanchored} entries ago.",
            fix="Look whether anchors.jsonl can be written.",
        )


def anchor_findings(age_s: float, seq: int, further: Mapping[str, int]) -> Iterator[Finding]:
    """Yield where the anchors of the audit chain lie.

    Parameters
    ----------
    age_s, seq : age of the last anchor, and the entry it holds
    further : mapping of folder to int
        The folders outside the store's own, and the last entry that an anchor holds there; 0 without one.
    """
    told = f"The audit chain's last anchor holds entry {seq:,} and is {_duration(age_s)} old"
    if not further:
        yield Finding(
            code="anchors_beside_database",
            severity=Severity.INFORMATION,
            what=f"{told}; it lies only beside the database, where whoever can cut the chain can cut it too.",
            fix="Name a folder that they cannot change in WATCHROOM_ANCHORS; each anchor is then written there too.",
        )
        return
    behind = [folder for folder, last in further.items() if last < seq]
    if behind:
        yield Finding(
            code="anchors_missing",
            severity=Severity.WARNING,
            what=f"{told}; it does not stand in {', '.join(behind)}.",
            fix="Look whether the folder exists, can be written, and is this store's alone (WATCHROOM_ANCHORS).",
        )
    else:
        yield Finding(
            code="anchored",
            severity=Severity.INFORMATION,
            what=f"{told}; it stands in {', '.join(further)} too.",
            fix="Nothing: look now and then that nobody who writes the database can write there.",
        )


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3_600 else f"{seconds / 3_600:.0f} h"
