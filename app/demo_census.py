"""The census records of the sample fleet: one set of files taken in twice, by year and by slice, with a challenger."""

from pathlib import Path

from app import actions
from app.demo_history import Say, VersionLog, take_in
from app.demo_people import DEVELOPER
from core.log.outcomes import LogRole
from core.store.database import Store


def take_in_census(store: Store, scratch: Path, say: Say) -> None:
    """Take in both models: the published scores as they were served, the challenger's in shadow on the same ids."""
    from sample_data.employment import census, files

    say("census records: 2015 as reference, 2016 to 2018 as log (US Census Bureau; scores by NannyML)")
    written, actuals = files.write_scored(scratch), files.write_actuals(scratch)
    artifacts = {files.PUBLISHED: None, files.CHALLENGER: census.ARTIFACT}
    roles = {files.PUBLISHED: LogRole.SERVED, files.CHALLENGER: LogRole.SHADOW}
    logs = [VersionLog(version=name, role=roles[name], files=one.predictions) for name, one in written.items()]
    for model in files.SCHEMAS:
        for version, artifact in artifacts.items():
            reference = written[version].reference
            actions.add_version(store, DEVELOPER, model=model, version=version, artifact=artifact, reference=reference)
        take_in(store, model=model, logs=logs, actuals=actuals, say=say)
