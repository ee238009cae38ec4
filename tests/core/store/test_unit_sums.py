from datetime import date

import numpy as np

from core.store.unit_sums import UnitSums, put_unit_sums, unit_sums

DAY = date(2013, 7, 1)


def one(day=DAY, basis="a", total=1.5, role="served"):
    return UnitSums(role=role, day=day, basis=basis, sums=np.array([3.0, total]))


def test_sums_are_kept_by_version_kind_role_and_day_and_replaced(fleet):
    with fleet.write() as session:
        put_unit_sums(session, 1, "shap", [one(), one(role="reference", total=9.0)])
        put_unit_sums(session, 1, "estimated_loss", [one(total=7.0)])
        put_unit_sums(session, 1, "shap", [one(basis="b", total=2.5)])
    with fleet.read() as session:
        (found,) = unit_sums(session, 1, "shap", ("served",))
        assert (found.basis, found.sums.tolist()) == ("b", [3.0, 2.5])
        assert [x.sums[1] for x in unit_sums(session, 1, "estimated_loss", ("served", "canary"))] == [7.0]
        assert [x.role for x in unit_sums(session, 1, "shap", ("served", "reference"))] == ["reference", "served"]
        assert unit_sums(session, 1, "shap", ("served",), days=[date(2013, 7, 2)]) == ()
        assert unit_sums(session, 2, "shap", ("served",)) == ()
