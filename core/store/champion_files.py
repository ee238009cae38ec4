"""What the file of each model's champion should say, read from the database in one transaction."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from core.executors.champion_file import Champion, Share
from core.inventory.records import ModelInfo, ModelState
from core.releases.awaited import DeliveryKind
from core.releases.plan import plan_of
from core.releases.release import PRODUCTION, Release
from core.releases.states import ReleaseState
from core.store import models, outbox, releases

TAKING_PART = frozenset(
    {ReleaseState.LIVE, ReleaseState.ROLLBACK_REQUESTED, ReleaseState.ROLLING_BACK, ReleaseState.UNKNOWN}
)


def champions(session: Session) -> Mapping[str, Champion | None]:
    """Return the champion of every model by the model's key; None: nothing is live, or the model is retired."""
    on_their_way: dict[int, Release] = {}
    for release in releases.releases(session, environment=PRODUCTION, states=TAKING_PART):
        plan = plan_of(release.plan)
        if release.step > 0 and not plan.is_full(release.step):
            on_their_way.setdefault(release.model_id, release)
    return {model.key: _champion(session, model, on_their_way.get(model.id)) for model in models.models(session)}


def _champion(session: Session, model: ModelInfo, on_its_way: Release | None) -> Champion | None:
    if model.champion_id is None or model.state is ModelState.RETIRED:
        return None
    version = models.version_by_id(session, model.champion_id)
    return Champion(
        model=model.name,
        model_key=model.key,
        version=version.name,
        artifact_sha256=version.artifact_sha256,
        since=model.champion_since,
        release=model.champion_release_id,
        event_id=_event(session, model.champion_release_id, version.name),
        on_its_way=None if on_its_way is None else _share(session, on_its_way),
    )


def _event(session: Session, release_id: int | None, version: str) -> str | None:
    """Return the last event by which a release made this version live: what it only asks for is none."""
    told = () if release_id is None else outbox.by_release(session, release_id)
    moving = [one.event_id for one in told if one.kind != DeliveryKind.DRILL and one.payload["version"] == version]
    return moving[-1] if moving else None


def _share(session: Session, release: Release) -> Share:
    plan = plan_of(release.plan)
    step = plan.steps[release.step - 1]
    return Share(
        version=release.version,
        artifact_sha256=models.version_by_id(session, release.version_id).artifact_sha256,
        mode=step.kind.value,
        share=step.share,
        release=release.id,
        step=release.step,
        steps=len(plan.steps),
    )
