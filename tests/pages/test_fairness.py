"""The Fairness page: finding, withheld groups, the parts, and the choice of a reference group."""

from pathlib import Path

import pytest

from core.access.principal import LOCAL
from core.access.service import add_person
from core.fairness.service import choose_reference_group
from core.inventory.service import add_version
from core.releases.requesting.service import request
from core.releases.service import release_detail
from core.store.database import init_store, open_store
from tests import grouped_fleet
from tests.audited import newest
from tests.pages.test_pages import opened

PARTS = ("groups", "time", "crossed", "alike", "both", "whatif")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grouped")
    store, _ = grouped_fleet.take_in(init_store(folder / "home"), folder / "files")
    store.engine.dispose()
    return folder / "home"


def _text(at) -> str:
    parts = [*at.title, *at.markdown, *at.caption, *at.warning, *at.info]
    return " ".join(one.value for one in parts).replace("\\", "")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_drawn_with_its_limits_said(home, monkeypatch, part):
    at = opened(home, "fairness", monkeypatch, window="28d", part=part)
    assert not at.exception
    assert "apart" in at.title[0].value or "differ" in at.title[0].value
    assert "Limits:" in _text(at)


def test_a_withheld_group_is_named_with_the_reason_and_no_number(home, monkeypatch):
    at = opened(home, "fairness", monkeypatch, window="28d", of="p1")
    assert "island" in _text(at)
    assert "fewer than 10 people" in _text(at)
    table = at.dataframe[0].value
    row = table[table["group"] == "island"].iloc[0]
    assert row["n"] == "–"
    assert row["selected"] == "withheld"


def test_links_know_groups_and_columns_by_their_place_only(home, monkeypatch):
    at = opened(home, "fairness", monkeypatch, window="28d", of="p1")
    assert at.query_params["of"] in ("p1", ["p1"])
    assert not {"sex", "region", "island", "F", "M"} & {str(value) for value in at.query_params.values()}


def test_the_filter_of_a_link_is_kept_for_the_way_back_and_not_applied(home, monkeypatch):
    at = opened(home, "fairness", monkeypatch, window="28d", where='[{"column":"plan","in":["max"]}]')
    assert not at.exception
    assert "is kept for the way back and not applied here" in _text(at)
    assert any("where=" in one.proto.query_string for one in at.get("page_link"))
    assert at.title[0].value == opened(home, "fairness", monkeypatch, window="28d").title[0].value


def test_what_if_says_that_it_may_be_unlawful_and_applies_nothing(home, monkeypatch):
    at = opened(home, "fairness", monkeypatch, window="28d", part="whatif")
    assert "may be unlawful where groups are protected; ask counsel" in at.warning[0].value
    assert "Nothing is applied from here" in at.warning[0].value


def test_a_chosen_reference_group_is_told_with_name_and_reason(home, monkeypatch):
    store = open_store(home)
    choose_reference_group(store, LOCAL, model="churn", column="sex", group="M", reason="largest group")
    at = opened(home, "fairness", monkeypatch, window="28d", of="p0")
    assert "because largest group" in _text(at)
    tile = next(one for one in at.metric if one.label == "four fifths")
    assert float(tile.value) < 1
    store.engine.dispose()


def test_one_opening_is_one_line_of_the_audit(home, monkeypatch):
    at = opened(home, "fairness", monkeypatch, window="28d")
    store = open_store(home)
    before = newest(store, n=1)[0].seq
    at.run()
    assert newest(store, n=1)[0].seq == before
    assert newest(store, n=1)[0].action == "fairness:groups:read"
    store.engine.dispose()


def test_a_model_without_a_protected_column_says_what_to_do(filled_home, monkeypatch):
    at = opened(filled_home, "fairness", monkeypatch)
    assert not at.exception
    assert at.title[0].value == "Fairness is not shown for this model"
    assert "columns.protected" in _text(at)


def test_who_may_not_read_groups_is_told_so_in_a_sentence(home, monkeypatch):
    store = open_store(home)
    add_person(store, LOCAL, "vic", ["viewer"])
    store.engine.dispose()
    at = opened(home, "fairness", monkeypatch, window="28d")
    at.session_state["persona"] = "vic"
    at.run()
    assert not at.exception
    assert at.title[0].value == "Fairness is not shown for this model"
    assert "Vic (viewer) may not do this (fairness read); it needs one of: engineer" in _text(at)
    assert "columns.protected" not in _text(at)


def test_an_empty_store_is_told_how_to_begin(bare_home, monkeypatch):
    at = opened(bare_home, "fairness", monkeypatch)
    assert at.title[0].value == "There is nothing to compare yet"


def test_the_groups_are_headed_by_their_column_and_their_table_is_there_once(home, monkeypatch):
    at = opened(home, "fairness", monkeypatch, window="28d", of="p1")
    assert at.subheader[0].value == "Groups by region"
    assert len(at.get("expander")) == 1  # the method; the table is drawn in full, with its download
    assert "Download as CSV" in [one.proto.label for one in at.get("download_button")]


def test_a_chosen_point_of_the_frontier_is_attached_to_the_open_release_once(home, monkeypatch):
    store = open_store(home)
    at = opened(home, "fairness", monkeypatch, window="28d", part="whatif")
    assert "no open release" in _text(at)
    add_version(store, LOCAL, model="churn", version="v2", artifact_sha256=None, has_reference=False)
    release = request(store, LOCAL, model="churn", version="v2")
    add_person(store, LOCAL, "vic", ["viewer"])
    at = opened(home, "fairness", monkeypatch, window="28d", part="whatif")
    at.selectbox(key="fairness.point").set_value(1).run()
    for _ in range(2):
        at.button(key="fairness.attach").click().run()
        assert not at.exception
        assert f"The point is a comment of release {release.id}, churn v2." in _text(at)
    (said,) = release_detail(store, LOCAL, release.id).comments
    for part in (
        "nothing was applied",
        "instead of",
        "Accuracy: ",
        "Thresholds: ",
        "rows with their actual",
        "data version ",
        "ask counsel",
    ):
        assert part in said.text
    entry = next(one for one in newest(store, n=9) if one.action == "releases:comment:add")
    assert (entry.object_id, entry.actor) == (str(release.id), "local")
    at.session_state["persona"] = "vic"
    at.run()
    assert not at.exception
    assert not [one for one in at.button if one.key == "fairness.attach"]
    store.engine.dispose()
