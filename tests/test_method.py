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
