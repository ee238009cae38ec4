from dataclasses import FrozenInstanceError

import pytest

from core.releases.release import Decision
from core.store.governed_tables import ReleaseDecisionRow
from tests.core.releases.made_up import RELEASE


def test_a_release_is_a_value():
    with pytest.raises(FrozenInstanceError):
        RELEASE.step = 2


def test_every_decision_fits_its_column():
    column = ReleaseDecisionRow.__table__.columns["decision"].type
    assert max(map(len, Decision)) <= column.length
