"""Title and sentence of the Fleet."""

from dataclasses import replace

from app.fleet import findings
from core.states import State


def test_fleet_title_counts_what_needs_attention(fleet_view):
    assert findings.fleet_title(fleet_view) == "flight\\-delay needs attention"
    row = fleet_view.rows[0]
    two = replace(fleet_view, rows=(row, replace(row, state=State.HEALTHY)))
    assert findings.fleet_title(two) == "1 of 2 models needs attention: flight\\-delay"
    assert "wind\\_speed drifted" in findings.fleet_sentence(fleet_view)


def test_fleet_title_names_the_worst_of_several(fleet_view):
    row = fleet_view.rows[0]
    several = replace(fleet_view, rows=(row, row, replace(row, state=State.HEALTHY)))
    assert findings.fleet_title(several) == "2 of 3 models need attention, flight\\-delay most"


def test_fleet_without_alarms_does_not_call_silence_healthy(fleet_view):
    row = fleet_view.rows[0]
    silent = replace(row, state=State.NOT_APPLICABLE, why="no reference yet")
    healthy = replace(row, state=State.HEALTHY, why="")
    assert findings.fleet_title(replace(fleet_view, rows=(silent,))) == "Nothing can be said yet about 1 model"
    assert findings.fleet_sentence(replace(fleet_view, rows=(silent,))) == "No reference yet\\."
    assert "without a verdict" in findings.fleet_title(replace(fleet_view, rows=(healthy, silent)))
    assert findings.fleet_title(replace(fleet_view, rows=(healthy, healthy))) == "All 2 models are healthy"
    assert findings.fleet_sentence(replace(fleet_view, rows=(healthy,))) == "No check is over its limit."
