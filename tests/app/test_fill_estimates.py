import json
from pathlib import Path

import pytest

from app import actions, jobs
from app.cli import run
from core.access.principal import LOCAL, Principal, Role
from core.estimation.service import estimation_points
from core.jobs.service import submit
from core.selection import MetricQuery


def mae(store):
    points = estimation_points(store, MetricQuery(model="demand")).points
    return next(point for point in points if point.metric == "mae")


def test_the_command_line_tells_the_units_that_are_missing(three_tasks, capsys):
    home = str(three_tasks.home)
    window = "2024-03-02..2024-03-03"
    assert run(["metrics", "demand", "--family", "estimation", "--window", window, "--home", home, "--json"]) == 0
    found = {point["metric"]: point for point in json.loads(capsys.readouterr().out)["points"]}
    assert found["mae"]["value"] == pytest.approx(4.0, rel=0.15)
    assert found["label_coverage"]["value"] == 1.0
    assert found["mape"]["status"] == "not_applicable"


def test_the_job_does_the_same(three_tasks):
    job = submit(three_tasks, LOCAL, "estimated_loss", {"model": "demand", "version": "v1"})
    said = jobs.run(Path(three_tasks.home), job, lambda share, text: None)
    assert said == "16 units"
    assert "there is no row model" not in mae(three_tasks).reason


def test_who_may_only_look_gets_the_reason_instead(three_tasks):
    viewer = Principal("eve", frozenset({Role.VIEWER}))
    actions.fill_estimates(three_tasks, viewer, model="demand", version=None, role=None)
    assert "there is no row model of the errors yet" in mae(three_tasks).reason


def test_other_models_need_nothing(fleet):
    actions.fill_estimates(fleet, LOCAL, model="churn", version=None, role=None)
    points = estimation_points(fleet, MetricQuery(model="churn")).points
    assert points[0].value is not None
