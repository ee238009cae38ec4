"""The Data quality page on a store with troubles, and the way to take a batch back."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import navigation
from core.access.principal import LOCAL
from core.log.outcomes import BatchState
from core.log.service import batches
from core.log.service import revert_batch as core_revert
from core.store.database import init_store, open_store
from tests.audited import newest
from tests.pages.made_up import run
from tests.pages.test_pages import opened
from tests.troubled_fleet import LAST_DAY, UNIT_DAY, build

UNIT = f"{UNIT_DAY}..{LAST_DAY.replace(day=UNIT_DAY.day + 1)}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("troubled")
    build(init_store(folder / "home"), folder / "files")
    return folder / "home"


def part(at: AppTest, name: str) -> AppTest:
    at.segmented_control(key="quality.view").set_value(name)
    return at.run()


def test_the_title_is_the_changed_unit(home, monkeypatch):
    at = opened(home, "quality", monkeypatch, window=UNIT)
    assert not at.exception
    assert at.title[0].value.replace("\\", "") == "income is 1,000 times larger than in the reference: a changed unit?"
    shown = at.dataframe[0].value.set_index("feature")
    assert shown.index[0] == "income"
    assert shown.loc["income", "state"][0] == "■ critical"
    tiles = {tile.label: tile.value for tile in at.metric}
    assert tiles["rows"] == "150"
    assert tiles["late"] == "≤ 6 h"
    assert tiles["quarantined"] == "7"


def test_what_is_over_a_limit_once_is_told_and_is_no_alarm(home, monkeypatch):
    at = opened(home, "quality", monkeypatch)
    assert at.title[0].value.startswith("Over a limit, no alarm yet: plan missing")
    assert at.dataframe[0].value.set_index("feature").loc["plan", "state"][0] == "● healthy"


def test_the_page_shows_the_numbers_of_the_command_line(home, monkeypatch, capsys):
    at = opened(home, "quality", monkeypatch)
    capsys.readouterr()
    run(home, ["metrics", "churn", "--family", "quality", "--json"])
    points = json.loads(capsys.readouterr().out)["points"]
    known = {(point["metric"], point["feature"]): point["value"] for point in points}
    tiles = {tile.label: tile.value for tile in at.metric}
    assert tiles["rows"] == f"{known['volume', None]:.0f}"
    assert tiles["complete rows"] == f"{100 * known['completeness', None]:.1f} %"
    shown = at.dataframe[0].value.set_index("feature")
    assert shown.loc["plan", "missing"].endswith(f"{100 * known['missing_share', 'plan']:.1f} %")


def test_the_contract_says_who_accepted_it(home, monkeypatch):
    at = part(opened(home, "quality", monkeypatch), "Contract")
    assert not at.exception
    assert any("accepted by local" in shown.value for shown in at.markdown)
    assert list(at.dataframe[0].value["feature"]) == ["income", "age", "plan"]


def test_rows_that_were_kept_out_have_row_column_rule_and_fix(home, monkeypatch):
    at = part(opened(home, "quality", monkeypatch), "Kept out")
    assert not at.exception
    shown = at.dataframe[0].value
    assert list(shown["row"]) == [str(number) for number in range(1, 8)]
    assert set(shown["file"]) == {f"{LAST_DAY}.parquet"}
    assert set(shown["rule"]) == {"score range"}
    assert all(shown["fix"])


@pytest.mark.parametrize("window", ["1d", "7d", "28d", UNIT])
@pytest.mark.parametrize("segment", ["all", "channel=phone"])
def test_every_choice_of_the_header_can_be_shown(window, segment, home, monkeypatch):
    at = opened(home, "quality", monkeypatch, window=window, segment=segment)
    assert not at.exception
    assert len(at.title) == 1
    assert at.dataframe


@pytest.mark.parametrize("button", ["quality.feature.why", "quality.feature.explain", "quality.explain_tiles"])
def test_every_number_and_colour_is_explained(button, home, monkeypatch):
    at = opened(home, "quality", monkeypatch, window=UNIT)
    at.button(key=button).click().run()
    assert not at.exception
    assert any(shown.label == "The method" for shown in at.expander)


def test_a_batch_is_taken_back_with_a_reason_and_its_true_state_is_shown(home, monkeypatch):
    at = part(opened(home, "quality", monkeypatch), "Batches")
    last = max(batches(open_store(home), "churn"), key=lambda one: one.id)
    at.selectbox(key="quality.batch.churn").set_value(last.id)
    at.button(key="quality.revert").click().run()
    assert not at.exception
    at.button(key="quality.confirm").click().run()
    assert any("Say why" in shown.value for shown in at.error)
    assert _state(home, last.id) is BatchState.LANDED
    at.text_area[0].set_value("scores above 1")
    at.button(key="quality.confirm").click().run()
    assert not at.exception
    assert _state(home, last.id) is BatchState.REVERTED
    assert any("taken back" in shown.value for shown in at.success)
    entry = next(one for one in newest(open_store(home)) if one.action == "log:batch:revert")
    assert entry.reason == "scores above 1"
    key = _batch(home, last.id).details["revert_key"]
    again = core_revert(open_store(home), LOCAL, batch_id=last.id, reason="again", key=key)
    assert again.batch == last.id
    assert sum(one.action == "log:batch:revert" for one in newest(open_store(home))) == 1


def _batch(home: Path, number: int):
    return next(one for one in batches(open_store(home), "churn") if one.id == number)


def _state(home: Path, number: int) -> BatchState:
    return _batch(home, number).state


def test_the_page_is_in_the_navigation():
    assert navigation.path("quality").name == "quality.py"
