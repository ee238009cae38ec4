from pathlib import Path

import pytest

from core.errors import NotEnoughDataError
from core.store import models
from core.store.database import Store
from core.store.pairs import (
    CHALLENGER_ROLES,
    CHAMPION_ROLES,
    compared_version,
    mature_units,
    reference_counts,
    unit_counts,
)
from tests.compared_fleet import take_in


def test_both_sides_of_a_comparison_are_read_alike_on_either_database(both: Store, tmp_path: Path):
    store = take_in(both, tmp_path / "files", shadow_days=10).store
    with store.read() as session:
        model, at = models.model_by_name(session, "churn"), store.clock.now()
        first, second = models.versions(session, model.id)
        ours = compared_version(session, model, first.id, CHAMPION_ROLES, at)
        theirs = compared_version(session, model, second.id, CHALLENGER_ROLES, at)
        days = mature_units(session, ours, theirs, at, most_rows=10_000)
        assert (len(ours.units), len(theirs.units), len(days)) == (40, 10, 10)
        assert mature_units(session, ours, theirs, at, most_rows=450) == days[-3:]
        assert mature_units(session, ours, ours, at, most_rows=10_000)[-1] < ours.units[-1].day  # labels still arrive
        reference = reference_counts(session, ours)
        assert reference is not None
        assert reference.n_days == 40
        assert unit_counts(session, theirs, days[:2]).n_days == 2
        with pytest.raises(NotEnoughDataError):
            unit_counts(session, theirs, ())
