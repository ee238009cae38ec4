"""Every page with a saved segment in the header, before and after its rows were counted; and the command line."""

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import actions, navigation, words
from app.cli import main
from app.jobs import KINDS
from core.access.principal import LOCAL, WORKER
from core.jobs.service import claim, finish, latest_job
from core.segments.filters import Condition, Filter, to_text
from core.store.database import open_store
from tests.pages.made_up import run

ROOT = Path(__file__).parents[2]
FILES = {entry[2]: entry[0] for entries in navigation.SECTIONS.values() for entry in entries}
ON_ROWS = ("segments", "attribution", "explain", "fairness")
PAGES = ("drift", "performance", "calibration", "quality", "service", "overview", "fleet", "inventory")
NUMBERS = PAGES[:5]
MODEL, NAME, LABEL = "made-up-delay", "windy north", "@windy north"
WINDY = Filter(conditions=(Condition(column="wind", low=10.0), Condition(column="place", levels=("north",))))
RARE = Filter(conditions=(Condition(column="wind", low=500.0),))
PATIENCE_SECONDS = 60


@pytest.fixture
def home(filled_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled_home, tmp_path / "own"))


def count(home: Path) -> None:
    store = open_store(home)
    KINDS[actions.SAVED_SEGMENT](store, {"model": MODEL}, lambda share, text: None)
    store.engine.dispose()


def save(home: Path, wanted: Filter = WINDY) -> None:
    store = open_store(home)
    actions.save_segment(store, LOCAL, model=MODEL, name=NAME, where=to_text(wanted))
    store.engine.dispose()


def opened(home: Path, url: str, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    monkeypatch.setenv("WATCHROOM_HOME", str(home))
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=PATIENCE_SECONDS)
    for name, value in {"model": MODEL, "segment": LABEL, **query}.items():
        at.query_params[name] = value
    at.run()
    if url != navigation.home_of(navigation.DEFAULT_VIEW):
        at.switch_page(f"../pages/{FILES[url]}").run()
    return at


def text(at: AppTest) -> str:
    return " ".join(one.value for one in (*at.title, *at.markdown, *at.caption))


@pytest.mark.parametrize("url", PAGES)
def test_every_page_shows_a_saved_segment_like_any_other_rows(url, home, monkeypatch):
    save(home)
    count(home)
    at = opened(home, url, monkeypatch, window="7d")
    assert not at.exception
    assert at.selectbox(key="segment").value == LABEL
    assert at.selectbox(key="segment").options[:3] == ["all segments", LABEL, "place = north"]
    assert "cannot be shown" not in at.title[0].value
    assert "still being counted" not in text(at)


@pytest.mark.parametrize("url", [url for url in ON_ROWS if url in FILES])
def test_pages_that_ask_the_rows_take_a_saved_segment_or_say_why_not(url, home, monkeypatch):
    save(home)
    count(home)
    at = opened(home, url, monkeypatch, window="7d")
    assert not at.exception
    assert len(at.title) == 1
    assert at.selectbox(key="segment").value == LABEL


@pytest.mark.parametrize("url", NUMBERS)
@pytest.mark.parametrize("reference", ["training", "previous", "same_weekday"])
def test_every_reference_can_be_shown_for_a_saved_segment(url, reference, home, monkeypatch):
    save(home)
    count(home)
    at = opened(home, url, monkeypatch, reference=reference)
    assert not at.exception
    assert "cannot be shown" not in at.title[0].value


@pytest.mark.parametrize("url", NUMBERS)
def test_a_saved_segment_without_rows_is_told_and_breaks_no_page(url, home, monkeypatch):
    save(home, RARE)
    count(home)
    at = opened(home, url, monkeypatch)
    assert not at.exception
    assert len(at.title) == 1


@pytest.mark.parametrize("url", [*NUMBERS, "overview"])
def test_a_page_says_how_far_the_counting_is_and_offers_nothing_false(url, home, monkeypatch):
    save(home)
    at = opened(home, url, monkeypatch)
    assert not at.exception
    assert "0 of 82 units are done" in text(at)
    assert "You can leave this page" in text(at)
    store = open_store(home)
    job = latest_job(store, actions.SAVED_SEGMENT, actions.segment_job(MODEL, LABEL))
    assert job is not None
    assert job.is_open
    store.engine.dispose()


def test_the_page_shows_the_numbers_once_the_worker_is_done(home, monkeypatch):
    save(home)
    store = open_store(home)
    job = claim(store, WORKER, "w1")
    while job.kind != actions.SAVED_SEGMENT:  # what the pages of other tests asked for
        finish(store, WORKER, job)
        job = claim(store, WORKER, "w1")
    assert KINDS[job.kind](store, job.parameters, lambda share, text: None) == "82 units"
    finish(store, WORKER, job, message="82 units")
    store.engine.dispose()
    at = opened(home, "performance", monkeypatch)
    assert not at.exception
    assert "still being counted" not in text(at)
    assert at.metric


def test_a_retired_segment_in_a_url_falls_back_to_all_rows(home, monkeypatch):
    save(home)
    store = open_store(home)
    actions.retire_segment(store, LOCAL, model=MODEL, name=NAME, reason="no use")
    store.engine.dispose()
    at = opened(home, "drift", monkeypatch)
    assert at.selectbox(key="segment").value == "all"


def test_the_overview_tells_the_worth_of_the_segment_and_says_of_which_rows(home, monkeypatch):
    save(home)
    count(home)
    at = opened(home, "overview", monkeypatch)
    assert not at.exception
    assert "decided on" in text(at)
    assert words.plain(f"{MODEL} in {LABEL}") in text(at)


def test_the_command_line_gives_the_same_numbers_for_a_saved_segment(home, capsys):
    save(home)
    count(home)
    asked = ["metrics", MODEL, "--family", "performance", "--json", "--window", "2024-02-20..2024-02-27"]
    run(home, [*asked, "--segment", LABEL])
    segment = json.loads(capsys.readouterr().out)
    run(home, asked)
    whole = json.loads(capsys.readouterr().out)
    n = [{point["metric"]: point["n"] for point in one["points"]} for one in (segment, whole)]
    assert 0 < n[0]["roc_auc"] < n[1]["roc_auc"]


def test_the_command_line_names_the_saved_segments_when_one_is_not_known(home, capsys):
    save(home)
    with pytest.raises(SystemExit):
        raise SystemExit(main(["metrics", MODEL, "--family", "drift", "--segment", "@nobody", "--home", str(home)]))
    told = capsys.readouterr()
    assert "no saved segment 'nobody'" in told.err + told.out
    assert LABEL in told.err + told.out
