"""The Segments page on a store with one weak segment: found, looked at, saved and retired."""

import json
from pathlib import Path

import pytest

from core.access.principal import LOCAL
from core.jobs.service import open_jobs
from core.segments.search_losses import LossKind
from core.segments.service import find_worst_segments, saved_segments
from core.selection import MetricQuery
from core.store.database import init_store, open_store
from tests.pages.test_pages import opened
from tests.weak_fleet import QUIET, UNKNOWN, WEEK, build


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weak")
    store = build(init_store(folder / "home"), folder / "files")
    for loss in (LossKind.ERROR, LossKind.LOG_LOSS):
        find_worst_segments(store, LOCAL, MetricQuery(model="churn", version="v1", window=WEEK), loss=loss)
    return folder / "home"


def text(window):
    return f"{window.start}..{window.end}"


def shown(home, monkeypatch, window=WEEK, loss="error", **query):
    return opened(home, "segments", monkeypatch, window=text(window), loss=loss, **query)


def test_the_title_is_the_weak_segment_and_the_table_has_it_first(home, monkeypatch):
    at = shown(home, monkeypatch)
    assert not at.exception
    assert at.title[0].value.replace("\\", "").startswith("plan = plus and age > 5")
    assert at.dataframe[0].value["segment"][0].startswith("plan = plus and age > 5")
    assert at.metric[0].value.endswith("%")


def test_the_selected_segment_stands_in_the_url_for_the_next_page(home, monkeypatch):
    at = shown(home, monkeypatch)
    where = json.loads("".join(at.query_params["where"]))
    assert where[0] == {"column": "plan", "in": ["plus"]}


def test_the_columns_of_the_heat_map_are_those_of_the_segment_and_can_be_changed(home, monkeypatch):
    at = shown(home, monkeypatch)
    assert (at.selectbox(key="segments.down").value, at.selectbox(key="segments.across").value) == ("plan", "age")
    at.selectbox(key="segments.across").set_value("income").run()
    assert not at.exception
    assert at.selectbox(key="segments.across").value == "income"


def test_the_protected_column_is_not_offered(home, monkeypatch):
    assert set(shown(home, monkeypatch).selectbox(key="segments.down").options) == {"plan", "income", "age"}


def test_a_link_to_a_protected_column_is_refused_and_one_to_other_rows_is_named(home, monkeypatch):
    refused = shown(home, monkeypatch, where='[{"column":"sex","in":["f"]}]')
    assert any("protected" in one.value for one in refused.markdown)
    named = shown(home, monkeypatch, where='[{"column":"age","above":70}]')
    assert any("age > 70" in one.value.replace("\\", "") for one in named.caption)


def test_another_loss_is_chosen_by_the_switch(home, monkeypatch):
    at = shown(home, monkeypatch)
    at.segmented_control(key="segments.loss").set_value("log_loss").run()
    assert not at.exception
    assert "log loss" in at.title[0].value


def test_a_window_that_was_not_searched_yet_starts_its_work_once(home, monkeypatch):
    at = shown(home, monkeypatch, QUIET)
    assert not at.exception
    assert at.title[0].value.replace("\\", "") == "Where churn is worst"
    jobs = [one for one in open_jobs(open_store(home)) if one.kind == "worst_segments"]
    assert [one.parameters["window"] for one in jobs] == [text(QUIET)]
    at.run()
    assert len([one for one in open_jobs(open_store(home)) if one.kind == "worst_segments"]) == 1


def test_a_window_without_actuals_is_a_designed_state(home, monkeypatch):
    at = shown(home, monkeypatch, UNKNOWN)
    assert at.title[0].value == "Too few actuals to search for weak segments"
    assert not at.dataframe


def test_a_segment_is_saved_listed_and_retired(home, monkeypatch):
    at = shown(home, monkeypatch)
    at.text_input(key="segments.name").set_value("older plus")
    next(one for one in at.button if one.label == "Save").click()
    at.run()
    assert not at.exception
    (saved,) = saved_segments(open_store(home), "churn")
    assert saved.label == "@older plus"
    assert any("@older plus" in one.value.replace("\\", "").replace("\u2060", "") for one in at.markdown)
    at.button(key=f"segments.retire.{saved.id}").click().run()
    assert saved_segments(open_store(home), "churn") == ()


def test_the_popover_closes_once_the_segment_is_saved_and_stays_open_on_a_refusal(home, monkeypatch):
    at = shown(home, monkeypatch)
    at.session_state["segments.save"] = True
    at.run()
    save = next(one for one in at.button if one.label == "Save")
    save.click().run()
    assert at.session_state["segments.save"]
    at.text_input(key="segments.name").set_value("closing")
    next(one for one in at.button if one.label == "Save").click().run()
    assert not at.session_state["segments.save"]
