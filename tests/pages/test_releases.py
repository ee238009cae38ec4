"""The queue of releases, the request of one, the number in the navigation, and the way back in the header."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import words
from app.delivering import deliver_due
from app.releases import queries
from core.access.principal import LOCAL
from core.jobs.service import latest_job
from core.releases.deciding import service as deciding
from core.releases.executing import service as executing
from core.releases.release import DRILL
from core.releases.rollback import service as rolling_back
from core.releases.service import find_release, releases
from core.releases.states import ReleaseState
from core.store.database import Store
from tests.pages.dossiers import acting, governed_home, keys, pending, said
from tests.pages.test_pages import opened
from tests.release_kit import OMAR, VERA


@pytest.fixture
def store(tmp_path: Path, empty_home: Path) -> Store:
    return governed_home(empty_home, tmp_path / "home")


@pytest.fixture
def shown(monkeypatch):
    def show(store: Store, name: str, url: str = "releases", **query: str) -> AppTest:
        at = opened(store.home, url, monkeypatch, **query)
        return acting(at, name)

    return show


def live(store: Store) -> int:
    """Make v2 live, and return the number of its release."""
    release = pending(store)
    deciding.approve(store, OMAR, release.id, digest=release.digest, reason="the evidence holds")
    executing.execute(store, OMAR, release.id)
    deliver_due(store)
    return release.id


def test_without_a_release_the_next_step_is_said(store, shown):
    at = shown(store, "Dana")
    assert not at.exception
    assert at.title[0].value == "No release is on its way"
    assert "No version was ever released here" in said(at)
    assert "releases.request" in keys(at)


def test_the_title_says_how_many_wait_for_whoever_acts_and_the_row_what_to_do(store, shown):
    pending(store)
    at = shown(store, "Omar")
    assert at.title[0].value == "1 release waits for you"
    row = at.dataframe[0].value.iloc[0]
    assert (row["next"], row["release"], row["due"]) == ("you: decide", "churn v2", "14 d")
    assert row["waits for"] == "approval"
    assert "First churn v2 wants to replace v1" in said(at)


def test_who_requested_it_reads_that_it_waits_for_others_and_why(store, shown):
    pending(store)
    at = shown(store, "Dana")
    assert at.title[0].value == "Nothing waits for you, 1 release is on its way"
    row = at.dataframe[0].value.iloc[0]
    assert row["next"] == "others"
    assert row["why you cannot"] == "Your roles (engineer) do not allow this"


def test_what_is_counted_for_the_navigation_is_what_waits_for_each(store, monkeypatch):
    from app import persona

    pending(store)
    waits = {}
    for name in ("Omar", "Vera", "Dana", "Vic", LOCAL.name, "nobody at all"):
        monkeypatch.setattr(persona, "name", lambda name=name: name)
        waits[name] = queries.waiting(str(store.home))
    assert waits == {"Omar": 1, "Vera": 1, "Dana": 0, "Vic": 0, LOCAL.name: 0, "nobody at all": 0}


def test_a_store_that_does_not_open_has_nothing_that_waits(tmp_path):
    assert queries.waiting(str(tmp_path / "nothing")) == 0


def test_a_viewer_cannot_request(store, shown):
    assert "releases.request" not in keys(shown(store, "Vic"))


def test_a_request_is_submitted_its_evidence_queued_and_its_dossier_opened(store, shown):
    at = shown(store, "Dana")
    at.button(key="releases.request").click().run()
    assert at.selectbox(key="request.version.churn").options == ["v3", "v2"]
    at.selectbox(key="request.version.churn").set_value("v2")
    next(one for one in at.text_area if one.key and one.key.startswith("request.reason")).set_value("better")
    at.button(key="request.confirm").click().run()
    assert not at.exception
    (made,) = releases(store)
    assert made.release.state is ReleaseState.PENDING_EVIDENCE
    assert made.release.reason == "better"
    assert latest_job(store, "release_evidence", {"release": 1, "round": 1}) is not None
    assert at.title[0].value == "churn v2 wants to replace v1"


def test_a_second_request_while_one_is_open_is_said_to_be_too_many(store, shown):
    pending(store)
    at = shown(store, "Dana")
    at.button(key="releases.request").click().run()
    assert "Release 1 of v2 is open: a model has one at a time" in said(at)
    assert "request.confirm" not in keys(at)


def test_a_plan_can_be_written_and_one_that_cannot_be_is_refused(store, shown):
    at = shown(store, "Dana")
    at.button(key="releases.request").click().run()
    at.radio(key="request.plan").set_value("own plan").run()
    at.text_area(key="request.steps").set_value("steps: [{kind: canary, share: 2}]").run()
    assert "lies between 0 and 1" in said(at)
    assert at.button(key="request.confirm").disabled
    at.radio(key="request.plan").set_value("as the tier asks").run()
    at.button(key="request.confirm").click().run()
    (made,) = releases(store)
    assert [step["kind"] for step in made.release.plan["steps"]] == ["shadow", "canary", "full"]


def test_what_is_live_and_what_has_ended_stands_below(store, shown):
    number = live(store)
    release = pending(store, version="v3")
    deciding.reject(store, VERA, release.id, reason="worse in the north")
    at = shown(store, "Omar")
    table = at.dataframe[0].value
    assert list(table["number"]) == [release.id, number]
    assert list(table["state"]) == ["rejected", "● live"]
    assert table["why"].iloc[0] == "worse in the north"


def test_the_header_of_every_page_names_the_live_version_and_the_open_release(store, shown):
    pending(store)
    for url in ("drift", "model", "releases"):
        at = shown(store, "Omar", url)
        assert not at.exception
        popover = next(one for one in at.get("popover") if "live" in one.proto.popover.label)
        assert popover.proto.popover.label == words.plain("v1 live · v2 waits")
        assert "churn v1 is live" in said(at)
        assert "nothing was live before v1" in said(at)
        assert "header.rollback" not in keys(at)


def test_a_rollback_is_requested_in_the_header_and_is_not_done_before_it_is_confirmed(store, shown):
    number = live(store)
    at = shown(store, "Omar", "drift")
    assert "v2 → v1, live before" in said(at)
    at.button(key="header.rollback").click().run()
    assert at.button(key="rollback.confirm").label == "Request rollback to v1"
    reason(at, "")
    assert "The reason is needed" in said(at)
    reason(at, "The desk sees empty scores")
    assert not at.exception
    assert find_release(store, number).state is ReleaseState.ROLLBACK_REQUESTED
    assert "unconfirmed · 0 s" in said(at)
    deliver_due(store)
    at.run()
    assert "confirmed" not in said(at)
    assert "churn v1 is live" in said(at)
    assert find_release(store, number).state is ReleaseState.ROLLED_BACK


def reason(at: AppTest, text: str) -> None:
    next(one for one in at.text_area if one.key and one.key.startswith("rollback.reason")).set_value(text)
    at.button(key="rollback.confirm").click().run()


def test_the_drawer_of_a_rollback_stays_open_on_the_dossier_too(store, shown):
    live(store)
    at = shown(store, "Omar", "dossier")
    at.button(key="header.rollback").click().run()
    at.run()
    assert "rollback.confirm" in keys(at)


def test_a_drill_moves_nothing(store, shown):
    live(store)
    at = shown(store, "Omar", "drift")
    at.button(key="header.drill").click().run()
    reason(at, "quarterly")
    (made, _) = releases(store)
    assert made.release.environment == DRILL
    deliver_due(store)
    at.run()
    assert "churn v2 is live" in said(at)


def test_the_dossier_of_what_is_live_leads_to_the_rollback_and_says_what_became_of_it(store, shown):
    number = live(store)
    assert "dossier.rollback" not in keys(shown(store, "Vic", "dossier", release=str(number)))
    at = shown(store, "Omar", "dossier", release=str(number))
    assert "The way back: v2 → v1" in said(at).replace("\\", "")
    at.button(key="dossier.rollback").click().run()
    next(one for one in at.text_area if one.key.startswith("rollback.reason")).set_value("it is wrong")
    at.button(key="rollback.confirm").click().run()
    assert "rollback requested, not confirmed" in at.toast[0].value.replace("\\", "")
    assert find_release(store, number).state is not ReleaseState.LIVE


def test_a_message_says_what_the_store_has_now_and_not_what_the_click_found(store, shown):
    from app.releases import panel

    number = live(store)
    at = shown(store, "Omar", "dossier", release=str(number))
    at.session_state[panel.SAID] = number
    at.run()
    assert at.info[0].value.replace("\\", "") == "Release 1, churn v2: live."


def test_who_may_not_take_back_has_no_button(store, shown):
    live(store)
    assert not {"header.rollback", "header.drill"} & keys(shown(store, "Vic", "drift"))
    assert {"header.rollback", "header.drill"} & keys(shown(store, "Ana", "drift")) == {"header.rollback"}


def test_the_dossier_of_a_drill_has_no_evidence_and_says_what_is_practised(store, shown):
    live(store)
    made = rolling_back.drill(store, OMAR, model="churn", reason="quarterly")
    at = shown(store, "Omar", "dossier", release=str(made.id))
    assert not at.exception
    assert at.title[0].value == "A rollback of churn v2 to v1 is practised"
    assert "quarterly" in said(at)
    deliver_due(store)
    assert not at.run().exception
    assert not at.table
