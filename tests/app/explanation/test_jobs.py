import pytest

from app.explanation.jobs import explanation_job, shap_units_job
from app.jobs import KINDS
from core.errors import BadInputError
from tests.core.explain.conftest import churn, explained

__all__ = ["churn", "explained"]
ASKED = {
    "model": "logged",
    "version": "v1",
    "window": "2024-04-03..2024-04-10",
    "reference": "training",
    "segment": "all",
}


def say(share: float, what: str) -> None:
    assert 0.0 <= share <= 1.0


def test_both_kinds_are_known_to_the_worker():
    assert {"explanation", "shap_units"} <= set(KINDS)


def test_each_part_says_what_it_did(explained):
    assert explanation_job(explained, {**ASKED, "part": "sample"}, say).startswith("1,050 rows explained by logged")
    row = {**ASKED, "part": "row", "row": "s000003", "changes": None}
    assert explanation_job(explained, row, say) == "one row explained by logged columns"
    near = {**ASKED, "model": "churn", "part": "counterfactuals", "row": "s000003", "target": [0.5, True]}
    assert "rows tried" in explanation_job(explained, near, say)


def test_an_unknown_part_is_refused(explained):
    with pytest.raises(BadInputError, match="no part 'dance'"):
        explanation_job(explained, {**ASKED, "part": "dance"}, say)


def test_units_of_a_version_without_a_file_are_none(explained):
    assert shap_units_job(explained, {"model": "logged", "version": "v1"}, say) == "0 units explained by samples"
