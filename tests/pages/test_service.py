"""The Service page shows the numbers of the command line."""

import pytest

from core.selection import MetricQuery
from core.serving.service import service_points
from core.serving.serving import milliseconds
from core.windows import Window, parse_unit
from tests.pages.test_pages import opened


@pytest.mark.parametrize("window", ["2024-03-01..2024-04-01", "2024-03-12..2024-03-13"])
def test_the_tiles_equal_the_command_line(valued, window, monkeypatch):
    at = opened(valued.home, "service", monkeypatch, model="loans", window=window)
    assert not at.exception
    tiles = {tile.label: tile.value for tile in at.metric}
    start, end = window.split("..")
    query = MetricQuery(model="loans", window=Window(parse_unit(start, "day"), parse_unit(end, "day")))
    found = {one.metric: one for one in service_points(valued, query).points}
    assert tiles["latency, p95"] == milliseconds(found["latency_p95"].value)
    assert tiles["errors"] == f"{100 * found['error_rate'].value:.1f} %"
    assert tiles["requests"] == f"{found['error_rate'].n:,}"


def test_what_is_not_logged_is_said_and_not_drawn(valued, monkeypatch):
    at = opened(valued.home, "service", monkeypatch, model="sales")
    assert not at.exception
    assert "errors and latency are not logged" in at.title[0].value
    assert [tile.value for tile in at.metric][1:] == ["–"] * 4


def test_a_segment_shows_its_own_requests(valued, monkeypatch):
    at = opened(valued.home, "service", monkeypatch, model="loans", segment="channel=app", window="7d")
    assert not at.exception
    assert int(at.metric[0].value) < 420
    assert any("latency is counted for all requests only" in one.value for one in at.caption)
