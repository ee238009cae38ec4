"""What validation found in the sample fleet: true of it, marked as staged, raised and closed by the side that may."""

import pytest

from app.demo_findings import FOUND, raise_findings
from app.demo_people import PEOPLE, VALIDATOR, add_people
from app.demo_releases import GOVERNED
from core.findings.finding import Line
from core.findings.service import findings
from tests.governed import with_model


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.model)
def test_a_finding_is_of_a_model_of_the_sample_owned_by_its_people_and_called_staged(found):
    assert found.model in GOVERNED
    assert found.owner in {person.name for person in PEOPLE}
    assert found.text.startswith("Staged: ")
    assert (found.closed is None) == (found.closure == "")
    assert found.closed is None or (found.closure.startswith("Staged: ") and found.closed > found.raised)


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.model)
def test_a_finding_stands_on_its_day_raised_by_the_second_line_and_closed_where_it_was(store, found):
    with_model(store, name=found.model)
    add_people(store)
    raise_findings(store, found.model)
    (made,) = findings(store, model=found.model)
    assert (made.title, made.line, made.raised_by) == (found.title, Line.SECOND, VALIDATOR.name)
    assert made.raised_at.date() == found.raised
    assert made.is_open is (found.closed is None)
    assert (made.closed_at and made.closed_at.date()) == found.closed
