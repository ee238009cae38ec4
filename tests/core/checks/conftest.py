import pytest

from core.checks.evidence import Evidence, Outline
from core.checks.limits import load_limits
from core.profile.records import REFERENCE_ROLE
from core.store.models import version_by_id
from core.store.profiles import summaries
from core.store.series import live_units, load_history


@pytest.fixture
def evidence(fleet):
    with fleet.read() as session:
        version = version_by_id(session, 1)
        history = load_history(session, version)
        outline = Outline(
            schema=history.schema,
            limits=load_limits(history.schema.limits),
            binning_id=version.binning_id,
            reference=summaries(session, version_id=1, binning_id=version.binning_id, roles=(REFERENCE_ROLE,)),
            log=live_units(session, version),
        )
    return Evidence(
        outline=outline,
        layout=history.layout,
        reference=history.reference,
        log=history.log,
        dated=history.dated,
    )
