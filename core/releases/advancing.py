"""When a plan may go on to its next step, and in words why not yet."""

from datetime import datetime, timedelta

from core.releases.awaited import is_silent
from core.releases.plan import plan_of
from core.releases.release import Release
from core.releases.states import ReleaseState
from core.releases.written import moment


def has_next_step(release: Release) -> bool:
    """Whether a release is live with a part of its plan, so that it goes on some day."""
    return release.state is ReleaseState.LIVE and not plan_of(release.plan).is_full(release.step)


def why_held(release: Release, at: datetime, *, barred: str) -> str:
    """Return in a part of a sentence why the next step cannot be asked for at `at`; empty when it can.

    A step whose time to be acknowledged went by may be asked for again.

    Parameters
    ----------
    barred : str
        Why the plan must not go on (`core.store.release_facts.barred`); empty when nothing holds it.
    """
    plan = plan_of(release.plan)
    if release.state is not ReleaseState.LIVE or release.live_since is None:
        return f"it is {release.state}: only what is live goes on"
    if plan.is_full(release.step):
        return "its plan is done: it takes all of the traffic"
    if release.executing_since is not None and not is_silent(release):
        return f"step {release.step + 1} was sent at {moment(release.executing_since)} and is not acknowledged yet"
    stands = plan.steps[release.step - 1]
    until = release.live_since + timedelta(days=stands.days)
    return f"step {release.step} ({stands.kind}) stands until {moment(until)}" if at < until else barred
