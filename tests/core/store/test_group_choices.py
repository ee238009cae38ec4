from datetime import UTC, datetime

from core.fairness.choice import GroupChoice
from core.store import group_choices as stored
from core.store import models as stored_models

AT = datetime(2024, 4, 10, tzinfo=UTC)


def _choice(group, reason="because"):
    return GroupChoice(column="sex", group=group, reason=reason, chosen_by="olga", chosen_at=AT)


def test_the_last_choice_of_a_column_counts_and_comes_back_whole(fleet):
    with fleet.write() as session:
        model = stored_models.model_by_name(session, "churn").id
        stored.add(session, model_id=model, choice=_choice("F"))
        stored.add(session, model_id=model, choice=_choice("M", "better"))
    with fleet.read() as session:
        assert stored.newest(session, model) == {"sex": _choice("M", "better")}
        assert stored.reference_groups(session, model) == {"sex": "M"}


def test_a_withdrawn_choice_is_remembered_but_is_no_reference(fleet):
    with fleet.write() as session:
        model = stored_models.model_by_name(session, "churn").id
        stored.add(session, model_id=model, choice=_choice("F"))
        stored.add(session, model_id=model, choice=_choice(None))
    with fleet.read() as session:
        assert stored.newest(session, model)["sex"].group is None
        assert stored.reference_groups(session, model) == {}
