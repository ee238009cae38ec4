import pytest

from core.errors import BadInputError
from core.explain.asking import Sample, class_of, row_parameters, sample_parameters, target_of, target_parameters
from core.explain.counterfactuals import Target
from core.selection import MetricQuery
from core.store.explained_rows import load_explained

QUERY = MetricQuery(model="churn")


@pytest.fixture
def material(explained):
    with explained.read() as session:
        return load_explained(session, explained, QUERY, "", explained.clock.now()).material


def test_every_part_of_a_question_names_another_answer(material):
    sample = Sample(where="", of_class="", n=2000, seed=0)
    names = [
        sample_parameters(material, QUERY, sample),
        sample_parameters(material, QUERY, Sample(where="", of_class="", n=2000, seed=1)),
        row_parameters(material, QUERY, "r1", "", None),
        row_parameters(material, QUERY, "r1", "", {"income": 1.0}),
        target_parameters(material, QUERY, "r1", "", None),
        target_parameters(material, QUERY, "r1", "", Target(level=0.3, above=True)),
    ]
    assert len({repr(sorted(one.items(), key=str)) for one in names}) == len(names)


def test_the_target_is_the_other_side_of_the_threshold(material):
    assert target_of(material, None, 0.7) == Target(level=0.5, above=False)
    assert target_of(material, None, 0.2) == Target(level=0.5, above=True)
    wanted = Target(level=0.9, above=True)
    assert target_of(material, wanted, 0.2) is wanted


def test_a_regression_needs_a_target_and_other_tasks_have_no_class(three_tasks, material):
    assert class_of(material, "") == ""
    with pytest.raises(BadInputError, match="task is binary: it has one score and no class 'anything'"):
        class_of(material, "anything")
    with three_tasks.read() as session:
        now = three_tasks.clock.now()
        demand = load_explained(session, three_tasks, MetricQuery(model="demand"), "", now).material
        tickets = load_explained(session, three_tasks, MetricQuery(model="tickets"), "", now).material
    with pytest.raises(BadInputError, match="no threshold to cross"):
        target_of(demand, None, 3.0)
    assert class_of(tickets, "") == tickets.schema.classes[0]
    with pytest.raises(BadInputError, match="no class 'nothing'"):
        class_of(tickets, "nothing")
