"""Every number and every check has its heading in docs/method, so that a screen can lead to it."""

import re
from pathlib import Path

import pytest

from core.calibration.calibration import METRICS as CALIBRATION
from core.calibration.classes import CLASSWISE
from core.checks.limits import load_limits
from core.drift.points import METRICS as DRIFT
from core.estimation.points import COVERAGE
from core.fairness.gaps import METRICS as GAPS
from core.fairness.rates import METRICS as GROUP_FIGURES
from core.fairness.reference_group import IMPACT_RATIO
from core.impact.impact import METRICS as IMPACT
from core.performance.of_task import METRICS as PERFORMANCE
from core.quality.shares import METRICS as QUALITY
from core.releases.gates.gate import GATES
from core.releases.gates.limits import gate_limits
from core.serving.serving import METRICS as SERVICE

FOLDER = Path(__file__).parents[1] / "docs" / "method"


def headings(name: str) -> list[str]:
    return re.findall(r"^## (.+)$", (FOLDER / name).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("drift.md", DRIFT),
        ("performance.md", PERFORMANCE),
        ("quality.md", QUALITY),
        ("calibration.md", (*CALIBRATION, CLASSWISE)),
        ("service.md", SERVICE),
        ("impact.md", IMPACT),
        ("estimation.md", (COVERAGE,)),
        ("fairness.md", (*GROUP_FIGURES, *GAPS, IMPACT_RATIO)),
        ("verdict.md", tuple(load_limits().checks)),
        ("releases.md", GATES),
    ],
)
def test_every_metric_and_check_has_its_own_heading(file: str, names: tuple[str, ...]) -> None:
    assert [name for name in names if headings(file).count(name) != 1] == []


def test_the_limits_in_the_text_are_the_limits_in_force() -> None:
    text = (FOLDER / "verdict.md").read_text(encoding="utf-8")
    checks = load_limits().checks
    drift, auc = checks["feature_drift"], checks["roc_auc_change"]
    assert (drift.warning, drift.critical, auc.warning, auc.critical) == (0.10, 0.25, 0.02, 0.05)
    assert "`psi_excess` ≥ .10 warning, ≥ .25 critical" in text
    assert "| `roc_auc_change` | .02 lower | .05 lower |" in text


def test_the_margins_of_releases_in_the_text_are_those_in_force() -> None:
    text = (FOLDER / "releases.md").read_text(encoding="utf-8")
    limits = gate_limits()
    binary = limits.performance["binary"]
    assert [binary[name].margin for name in ("roc_auc", "log_loss", "brier_score")] == [0.005, 0.01, 0.005]
    assert (limits.calibration, limits.fairness, limits.worst_segment) == (0.05, 0.05, 0.10)
    assert (limits.training_drift, limits.latency.ratio, limits.latency.floor_ms) == (0.25, 1.25, 10.0)
    assert "| .005 |" in text
    assert "margin .05 (the floor of a warning" in text
    assert ".05: from 0 to .05, from .05 to .07" in text
    assert "limit .25 by its 95 % interval" in text
    assert "1.25, and less than 10 ms more never fails" in text
