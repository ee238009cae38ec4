"""What takes more than one service to do with a release: asking for it with its evidence, and carrying it out.

A page queues the gathering as a job; the command line gathers at once.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.delivering import deliver_due
from app.releases.gathered import gather_evidence
from core.access.matrix import Action, may
from core.access.principal import Principal
from core.errors import BadInputError
from core.log.names import shown
from core.log.plain_yaml import read_text, read_yaml
from core.releases import service as releases
from core.releases.acknowledging import service as acknowledging
from core.releases.dossier import dossier_html, dossier_json
from core.releases.executing import service as executing
from core.releases.plan import AT_ONCE, Plan, plan_of
from core.releases.release import Release
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rollback
from core.releases.service import ReleaseDetail
from core.releases.states import ReleaseState
from core.store.database import Store

Say = Callable[[str], None]


def files_of(store: Store, detail: ReleaseDetail) -> dict[str, bytes]:
    """Return the dossier to take away, by file name; nothing before there is evidence.

    One self-contained page, the frozen document as JSON, and the packed profiles that its numbers were computed from
    (`core.releases.gathering.packing`).
    """
    pack = detail.pack
    if pack is None:
        return {}
    name = f"release-{detail.release.id}-round-{detail.release.round}-{pack.digest[:8]}"
    return {
        f"{name}.html": dossier_html(pack.document, digest=pack.digest).encode(),
        f"{name}.json": dossier_json(pack.document).encode(),
        f"{name}.zip": releases.packed_profiles(store, pack.digest),
    }


def take_away(store: Store, detail: ReleaseDetail, folder: Path) -> tuple[Path, ...]:
    """Write the dossier into a folder; returns the files.

    Raises
    ------
    BadInputError
        When there is no evidence yet, or the folder cannot be written.
    """
    files = files_of(store, detail)
    if not files:
        raise BadInputError(f"Release {detail.release.id} has no evidence yet: there is nothing to take away.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise BadInputError(f"The folder {shown(folder)} cannot be written: {error.strerror}.") from None
    return tuple(folder / name for name in files)


def read_plan(file: Path | None) -> Plan:
    """Return the plan in a YAML file; without one everything goes live at once.

    Raises
    ------
    BadInputError
        When the file cannot be read or states no plan.
    """
    return AT_ONCE if file is None else plan_of(read_yaml(read_text(file), file.name), file.name)


def request(
    store: Store, principal: Principal, *, model: str, version: str, plan: Plan, reason: str, say: Say
) -> Release:
    """Draft a release, submit it and gather its evidence."""
    draft = requesting.request(store, principal, model=model, version=version, plan=plan, reason=reason)
    return resubmit(store, principal, draft.id, reason=reason, say=say)


def resubmit(store: Store, principal: Principal, release_id: int, *, reason: str, say: Say) -> Release:
    """Submit a release (again) and gather the evidence; where it waits for evidence already, gather that."""
    known = releases.find_release(store, release_id)
    if known.state is not ReleaseState.PENDING_EVIDENCE:
        requesting.submit(store, principal, release_id, reason=reason)
    return gather(store, principal, release_id, say=say)


def gather(store: Store, principal: Principal, release_id: int, *, say: Say) -> Release:
    """Gather the evidence of the present round and freeze it; a round that has its evidence stays as it is."""
    return gather_evidence(store, principal, release_id, report=lambda _, message: say(message))


def dossier(store: Store, principal: Principal, release_id: int) -> ReleaseDetail:
    """Return one release with all of its evidence that `principal` may read."""
    detail = releases.release_detail(store, principal, release_id)
    if not may(principal, Action.FAIRNESS_READ):
        return detail
    return replace(detail, pack=releases.group_figures(store, principal, release_id))


def execute(store: Store, principal: Principal, release_id: int, *, say: Say) -> Release:
    """Have the executor begin, and ask it at once: the embedded one answers in the same breath."""
    executing.execute(store, principal, release_id)
    return _delivered(store, release_id, say)


def advance(store: Store, principal: Principal, release_id: int, *, say: Say) -> Release:
    """Have the executor take the next step of the plan."""
    executing.advance(store, principal, release_id)
    return _delivered(store, release_id, say)


def acknowledge(
    store: Store, principal: Principal, release_id: int, *, event: str | None, reason: str, say: Say
) -> Release:
    """Take a person's word that what was asked for is done."""
    acknowledging.acknowledge(store, principal, release_id, event=event, reason=reason)
    return _delivered(store, release_id, say)


def say_failed(
    store: Store, principal: Principal, release_id: int, *, event: str | None, reason: str, say: Say
) -> Release:
    """Take a person's word that what was asked for did not happen."""
    acknowledging.fail(store, principal, release_id, event=event, reason=reason)
    return _delivered(store, release_id, say)


def take_back(store: Store, principal: Principal, *, model: str, to: str | None, reason: str, say: Say) -> Release:
    """Request a rollback of a model."""
    asked = rollback.request_rollback(store, principal, model=model, to=to, reason=reason)
    return _delivered(store, asked.id, say)


def drill(store: Store, principal: Principal, *, model: str, reason: str, say: Say) -> Release:
    """Practise a rollback of a model."""
    asked = rollback.drill(store, principal, model=model, reason=reason)
    return _delivered(store, asked.id, say)


def _delivered(store: Store, release_id: int, say: Say) -> Release:
    deliver_due(store, say=say)
    return releases.find_release(store, release_id)
