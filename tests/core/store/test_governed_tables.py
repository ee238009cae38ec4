import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from core.store import governed_tables
from core.store.tables import Base


def test_every_table_of_governance_is_migrated_under_its_own_name(store):
    mine = {
        table.__tablename__
        for table in vars(governed_tables).values()
        if isinstance(table, type) and issubclass(table, Base) and table is not Base
    }
    assert len(mine) == 11
    assert mine <= set(inspect(store.engine).get_table_names())


def test_a_model_has_at_most_one_standing_override_of_its_tier(fleet):
    def put(ended: str) -> None:
        with fleet.write() as session:
            session.connection().exec_driver_sql(
                "INSERT INTO tier_overrides (model_id, tier, reason, set_by, set_at, expires_at, ended_at) VALUES "
                f"(1, 2, 'why', 'ana', '2014-01-01 00:00:00', '2015-01-01 00:00:00', {ended})"
            )

    put("'2014-02-01 00:00:00'")
    put("NULL")
    with pytest.raises(IntegrityError):
        put("NULL")
