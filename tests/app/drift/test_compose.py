"""What the Drift page makes of stored states and of the inventory."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.drift.compose import is_of_stored_rule, last_unit, releases
from app.drift.queries import drift, drift_feature
from app.views import Selection
from core.inventory.records import ModelInfo, ModelState, VersionInfo
from core.inventory.service import ModelDetail
from core.log.schema import load_schema
from core.windows import Window
from tests.pages.made_up import HOSTILE, MODEL_YAML, build

SELECTED = {"model": "made-up-delay", "version": "v1", "reference": "training", "segment": "all"}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("drift_views")
    return str(build(folder / "home", folder))


@pytest.fixture
def inventory(tmp_path) -> ModelDetail:
    file = tmp_path / "model.yaml"
    file.write_text(MODEL_YAML.format(name="made-up", hostile=HOSTILE).replace("UTC", "America/New_York"))
    versions = tuple(
        VersionInfo(
            id=number, model_id=1, name=f"v{number}", schema_id=1, schema_revision=1, artifact_sha256=None,
            binning_id=None, reference_sha256=None, reference_rows=None, provisional=False,
            created_at=datetime(2024, 3, number, 3, tzinfo=UTC), row_version=1,
        )
        for number in (1, 2)
    )  # fmt: skip
    model = ModelInfo(
        id=1, key="m0001", name="made-up", owner="made-up", risk_tier=2, state=ModelState.ACTIVE, schema_id=1,
        champion_id=2, champion_since=datetime(2024, 3, 2, 4, tzinfo=UTC), created_at=versions[0].created_at,
        row_version=1,
    )  # fmt: skip
    return ModelDetail(model=model, schema=load_schema(file), schema_revision=1, versions=versions)


def test_releases_are_told_by_the_models_own_calendar_a_day_once(inventory):
    assert [(event.day, event.text) for event in releases(inventory)] == [
        (date(2024, 2, 29), "v1 added"),
        (date(2024, 3, 1), "v2 added, v2 live"),
    ]
    silent = replace(inventory, model=replace(inventory.model, champion_id=None), versions=())
    assert releases(silent) == ()


def test_a_day_whose_labels_are_out_is_not_mature_and_an_older_one_is(home):
    newest = drift(home, window="1d", **SELECTED).performance
    older = drift(home, window="2024-03-01..2024-03-02", **SELECTED).performance
    week = drift(home, window="7d", **SELECTED).performance
    assert (newest.mature, older.mature, week.mature) == (False, True, False)


def test_a_week_draws_the_judged_days_and_a_segment_of_a_seasonal_feature_no_limit(home):
    week = drift_feature(home, window="7d", feature="temp", **SELECTED)
    assert week.series.limits
    assert week.standings == ()
    day = drift_feature(home, window="1d", feature="temp", **SELECTED)
    assert len(day.standings) == 5
    assert week.series.excess == day.series.excess
    segment = drift_feature(home, window="1d", feature="temp", **{**SELECTED, "segment": "place=north"})
    assert segment.series.limits == ()
    other = drift_feature(home, window="1d", feature="wind", **{**SELECTED, "segment": "place=north"})
    assert other.series.limits


def test_stored_verdicts_are_of_training_and_everybody():
    selected = Selection(window="7d", **SELECTED)
    assert is_of_stored_rule(selected)
    assert not is_of_stored_rule(replace(selected, segment="place=north"))
    assert not is_of_stored_rule(replace(selected, reference="previous"))
    assert last_unit(Window(date(2024, 1, 1), date(2024, 1, 8))) == date(2024, 1, 7)
