"""The census records of the sample fleet: one set of files taken in twice, by year and by slice, with a challenger."""

from collections.abc import Callable
from pathlib import Path

from app import actions
from core.access.principal import LOCAL
from core.inventory.service import add_model
from core.log.outcomes import LogRole
from core.log.schema import load_schema
from core.store.database import Store

Say = Callable[[str], None]


def take_in(store: Store, scratch: Path, say: Say) -> None:
    """Take in both models: the published scores as they were served, the challenger's in shadow on the same ids."""
    from sample_data.employment import census, files

    say("census records: 2015 as reference, 2016 to 2018 as log (US Census Bureau; scores by NannyML)")
    written, actuals = files.write_scored(scratch), files.write_actuals(scratch)
    for model, schema in files.SCHEMAS.items():
        add_model(store, LOCAL, load_schema(census.HERE / schema))
        for version, artifact in ((files.PUBLISHED, None), (files.CHALLENGER, census.ARTIFACT)):
            reference = written[version].reference
            actions.add_version(store, LOCAL, model=model, version=version, artifact=artifact, reference=reference)
        for version, role, labels in (
            (files.CHALLENGER, LogRole.SHADOW, ()),
            (files.PUBLISHED, LogRole.SERVED, actuals),
        ):
            predictions = written[version].predictions
            actions.take_in_history(
                store,
                LOCAL,
                model=model,
                version=version,
                predictions=predictions,
                actuals=labels,
                say=say,
                role=role,
            )
