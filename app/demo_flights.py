"""The flights of the sample fleet: a served version, and a challenger in shadow on the same ids since July."""

from pathlib import Path

from app import actions
from app.demo_history import Say, VersionLog, at_start, take_in
from app.demo_people import DEVELOPER
from core.log.outcomes import LogRole
from core.store.database import Store

MODEL = "flight-delay"


def take_in_flights(store: Store, scratch: Path, say: Say) -> None:
    """Take in the flights of 2013: references, April to December as served, July to December in shadow, the actuals."""
    from sample_data.flight_delay import files

    say(f"{MODEL}: reading the flights of 2013 (US Bureau of Transportation Statistics)")
    written, actuals = files.write_scored(scratch), files.write_actuals(scratch, files.FROZEN_AT)
    for version, one in written.items():
        artifact, then = files.VERSIONS[version].artifact, at_start(store, files.VERSIONS[version].since)
        actions.add_version(then, DEVELOPER, model=MODEL, version=version, artifact=artifact, reference=one.reference)
    roles = {files.SERVED: LogRole.SERVED, files.CHALLENGER: LogRole.SHADOW}
    logs = [VersionLog(version=name, role=roles[name], files=one.predictions) for name, one in written.items()]
    take_in(store, model=MODEL, logs=logs, actuals=actuals, say=say)
