"""The Explain page on a store whose explanation is worked out: its parts, its row, and what it withholds."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.access.principal import LOCAL
from core.explain.service import explain
from core.selection import MetricQuery
from core.store.database import open_store
from core.windows import Grain, parse_window
from tests import explained_fleet
from tests.pages.test_pages import opened

WINDOW = "2024-04-03..2024-04-10"
ASKED = {"model": "logged", "version": "v1", "window": WINDOW}

BEHIND = '[{"column":"plan","in":["max"]}]'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("explain")
    made: SimpleNamespace = explained_fleet.take_in(
        open_store(Path(shutil.copytree(empty_home, folder / "home"))), folder / "files"
    )
    query = MetricQuery(model="logged", version="v1", window=parse_window(WINDOW, Grain.DAY))
    explain(made.store, LOCAL, query)
    explain(made.store, LOCAL, query, where=BEHIND)
    explain(made.store, LOCAL, MetricQuery(model="churn", version="v1", window=query.window))
    yield folder / "home"
    made.store.engine.dispose()


def test_the_title_says_what_moves_the_scores(home, monkeypatch):
    at = opened(home, "explain", monkeypatch, **ASKED)
    assert not at.exception
    assert at.title[0].value.startswith("income moves the scores most: 6")
    assert any("1,050 predictions" in one.value for one in at.caption)


def test_a_row_has_its_reasons_and_its_values(home, monkeypatch):
    at = opened(home, "explain", monkeypatch, **ASKED, part="row")
    assert not at.exception
    shown = at.dataframe[0].value.set_index("feature")
    assert set(shown.index) == {"income", "age", "plan"}
    assert "withheld" not in shown["value"].tolist()
    assert any("the score by" in one.value for one in at.markdown)


def test_of_the_rows_behind_a_finding_the_furthest_off_is_explained_first(home, monkeypatch):
    at = opened(home, "explain", monkeypatch, **ASKED, part="row", where=BEHIND)
    assert not at.exception
    listed = at.dataframe[0].value
    assert list(listed.columns) == ["row", "day", "score", "decided", "came true"]
    assert len(listed) == 5
    assert at.subheader[0].value.startswith(f"prediction {listed['row'][0]}")
    assert any("the scores furthest from what came true" in one.value for one in at.markdown)


def test_a_protected_feature_is_withheld_in_the_row_view(home, monkeypatch):
    at = opened(home, "explain", monkeypatch, **{**ASKED, "model": "churn"}, part="row")
    assert not at.exception
    shown = at.dataframe[0].value.set_index("feature")
    assert (shown.loc["age", "value"], shown.loc["age", "SHAP"]) == ("withheld", "withheld")
    assert any("no single one follows from the sum" in one.value for one in at.caption)


def test_importance_since_training_stands_beside_the_reference(home, monkeypatch):
    at = opened(home, "explain", monkeypatch, **ASKED, part="time")
    assert not at.exception
    assert any("NDCG" in one.value for one in at.markdown)


def test_a_filter_on_a_protected_column_is_refused_with_a_sentence(home, monkeypatch):
    where = '[{"column":"age","above":30}]'
    at = opened(home, "explain", monkeypatch, **{**ASKED, "model": "churn"}, where=where)
    assert not at.exception
    assert at.title[0].value == "The filter of this link cannot be used"
    assert any("protected" in one.value for one in at.markdown)


def test_a_filter_that_cannot_be_read_leads_to_all_rows(home, monkeypatch):
    at = opened(home, "explain", monkeypatch, **ASKED, where="zzz")
    assert at.title[0].value == "The filter of this link cannot be used"
    link = next(one for one in at.get("page_link") if one.proto.label == "All rows → Explain")
    assert "where=" not in link.proto.query_string
