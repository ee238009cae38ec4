"""The demo is built once, through the program, and compared with what scenario.yaml says of it."""

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from app import demo
from app.questions import metric_query
from core.audit.service import verify
from core.checks.service import recent_states
from core.errors import BadInputError
from core.inventory.service import model_detail, models
from core.log.service import batches
from core.quality.service import quality_points
from core.states import State
from core.store.database import init_store, open_store

SCENARIO = yaml.safe_load((Path(__file__).parents[2] / "sample_data" / "scenario.yaml").read_text(encoding="utf-8"))
BREACHES = (State.WARNING, State.CRITICAL)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "home"
    lines = []
    built = demo.build(folder, say=lines.append)
    assert built["built"]
    assert any("predictions" in line for line in lines)
    return folder


@pytest.fixture(scope="module")
def store(home):
    return open_store(home)


@pytest.fixture(scope="module", params=sorted(SCENARIO["models"]))
def model(request):
    return request.param


def test_the_store_holds_exactly_the_models_of_the_scenario(store):
    assert {model.name for model in models(store)} == set(SCENARIO["models"])
    assert model_detail(store, "flight-delay").champion.name == SCENARIO["models"]["flight-delay"]["version"]


def test_the_clock_stands_where_the_scenario_says(store, model):
    clock = SCENARIO["models"][model]["clock"]
    assert store.clock.frozen_at == (clock if isinstance(clock, datetime) else datetime.fromisoformat(clock))


def test_the_last_days_state_is_the_expected_one_family_by_family(store, model):
    expected = SCENARIO["models"][model]
    last = recent_states(store, model=model, count=1)[-1]
    assert last.day == expected["served"][1]
    assert last.state.value == expected["state"]
    assert {name: family.state.value for name, family in last.families.items()} == {
        name: family["state"] for name, family in expected["families"].items()
    }


def test_the_first_breach_of_every_family_is_the_expected_day(store, model):
    states = recent_states(store, model=model, count=1000)
    for name, family in SCENARIO["models"][model]["families"].items():
        breached = [state.day for state in states if state.families[name].state in BREACHES]
        assert (min(breached) if breached else None) == family["first_breach"], name


def test_every_flight_was_accepted_and_the_summer_is_out_of_range_not_quarantined(store):
    taken = batches(store, "flight-delay")
    assert sum(batch.quarantined for batch in taken) == 0
    assert sum(batch.accepted for batch in taken if batch.kind.value == "predictions") == 255_987
    july = metric_query(store, "flight-delay", window="2013-07-01..2013-08-01")
    points = {(p.feature, p.metric): p for p in quality_points(store, july).points}
    assert points["temp", "out_of_range_share"].value > 0.9
    assert points["temp", "violation_share"].value > 0.9


def test_the_audit_chain_of_the_demo_holds(store):
    assert verify(store).ok


def test_the_second_run_builds_nothing(home):
    again = demo.build(home, say=lambda text: None)
    assert not again["built"]


def test_another_persons_store_is_never_touched(tmp_path):
    init_store(tmp_path / "mine").engine.dispose()
    with pytest.raises(BadInputError, match="a store of your own"):
        demo.build(tmp_path / "mine", say=lambda text: None)


def test_an_outdated_fleet_is_built_anew_and_what_a_killed_build_left_is_swept(home):
    left = home.with_name(f"{home.name}.building-killed")
    left.mkdir()
    stamp = home / demo.STAMP
    stamp.write_text('{"fleet": "older"}', encoding="utf-8")
    assert demo.build(home, say=lambda text: None)["built"]
    assert not left.exists()
    assert not demo.build(home, say=lambda text: None)["built"]


def test_the_folder_of_the_demo_is_the_option_else_the_environments_else_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("WATCHROOM_HOME", raising=False)
    assert demo.demo_home(None).name == ".watchroom-demo"
    monkeypatch.setenv("WATCHROOM_HOME", str(tmp_path))
    assert demo.demo_home(None) == tmp_path
    assert demo.demo_home(tmp_path / "other") == tmp_path / "other"
