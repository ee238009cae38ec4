"""Rows that are not live are called what they are, before a version went live and right after it."""

from pathlib import Path

import pytest

from app import actions, shadow
from app.fleet.rows import fleet_row
from app.overview import queries as overview
from app.overview.findings import sentences
from app.performance import queries as performance
from app.serving import queries as serving
from app.views import Selection
from core.access.principal import LOCAL
from core.checks.service import standings
from core.errors import NotEnoughDataError
from core.inventory.service import model_detail
from core.performance.service import compare_versions
from core.selection import MetricQuery
from core.states import State
from core.store import models as stored
from tests.small_fleet import NOW, write_files


@pytest.fixture
def challenged(fleet, tmp_path: Path):
    """Return the small fleet with a version that ran in shadow."""
    files = write_files(tmp_path / "files")
    actions.add_version(fleet, LOCAL, model="churn", version="v2", artifact=None, reference=files.reference)
    actions.ingest(fleet, LOCAL, model="churn", version="v2", files=[files.predictions], role="shadow")
    return fleet


@pytest.fixture
def released(challenged):
    """Return it with that version live, and nothing logged under it since."""
    with challenged.write() as session:
        known = stored.model_by_name(session, "churn")
        second = stored.version_by_name(session, known.id, "v2")
        stored.change_model(session, known, {"champion_id": second.id, "champion_since": NOW})
    return challenged


def asked(version: str) -> dict[str, str]:
    return Selection(model="churn", version=version, window="1d", reference="training", segment="all").query()


def test_live_rows_need_no_word(challenged):
    assert shadow.told(str(challenged.home), "churn", "v1") == ""


def test_a_challenger_is_said_not_to_be_live(challenged):
    said = shadow.told(str(challenged.home), "churn", "v2")
    assert said.startswith("**v2 is not live; v1 is since ")
    assert said.endswith(".** Shown: its shadow predictions, 1 Mar to 9 Apr 2024.")


def test_a_version_without_live_rows_says_since_when_it_is_live_and_what_is_shown(released):
    said = shadow.told(str(released.home), "churn", "v2")
    assert said.startswith(
        "**v2 is live since 10 Apr 2024; no predictions are logged under it yet.** Shown: its shadow"
    )


def test_the_version_that_was_live_before_is_said_to_be_live_no_more(released):
    said = shadow.told(str(released.home), "churn", "v1")
    assert said == "**v1 is not live; v2 is since 10 Apr 2024.** Shown: its predictions, 1 Mar to 9 Apr 2024."


def test_groups_of_shadow_rows_are_not_said_to_be_shown(released):
    said = shadow.told(str(released.home), "churn", "v2", groups=True)
    assert said.endswith("the release dossier compares them.")


def test_its_pages_show_its_shadow_rows(released):
    home = str(released.home)
    assert performance.performance(home, **asked("v2")).versions
    assert serving.service(home, **asked("v2")).n


def test_beside_it_stands_the_version_that_was_live_before(released):
    found = compare_versions(released, MetricQuery(model="churn"))
    assert (found.champion.version, found.champion.role) == ("v2", "shadow")
    assert [(one.version, one.role) for one in found.others] == [("v1", "served")]


def test_a_version_that_was_live_before_is_shown_though_the_live_one_has_no_rows_at_all(challenged, tmp_path):
    files = write_files(tmp_path / "more")
    actions.add_version(challenged, LOCAL, model="churn", version="v3", artifact=None, reference=files.reference)
    with challenged.write() as session:
        known = stored.model_by_name(session, "churn")
        third = stored.version_by_name(session, known.id, "v3")
        stored.change_model(session, known, {"champion_id": third.id, "champion_since": NOW})
    with pytest.raises(NotEnoughDataError):
        compare_versions(challenged, MetricQuery(model="churn"))
    assert not performance.performance(str(challenged.home), **asked("v1")).versions


def test_the_fleet_says_that_nothing_came_since_it_went_live_and_is_not_green(released):
    row = fleet_row(model_detail(released, "churn"), standings(released).get("churn"))
    assert row.state is State.NOT_APPLICABLE
    assert row.why == "no predictions since v2 went live"


def test_the_overview_tells_what_the_version_before_was_worth_and_that_nothing_came_since(released):
    (story,) = overview.overview(str(released.home), "month", "churn").stories
    worth, _, attention = sentences(story)
    assert worth.startswith("In March 2024 churn v1 decided on ")
    assert attention == "Whether it runs as it should is not known: no predictions since v2 went live."
    assert story.attention.state is State.NOT_APPLICABLE
