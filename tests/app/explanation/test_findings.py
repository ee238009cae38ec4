from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app.explanation import findings
from app.explanation.views import ExplainView
from core.checks.limits import load_limits
from core.checks.verdicts import Verdict
from core.explain.attribution_drift import attribution_drift
from core.explain.counterfactuals import Counterfactual, Counterfactuals, Target
from core.explain.row_explanation import of_sample
from core.states import State
from core.windows import Window
from tests.core.explain.test_explanation import SCHEMA, made
from tests.core.explain.test_row_explanation import context

_, ROWS, FOUND = made()
N = np.full(3, 1000)
MOVED = attribution_drift(
    SCHEMA.feature_names,
    (np.array([[600.0, 500], [300, 200], [100, 50]]), N),
    (np.array([[50.0, 9], [300, 200], [900, 900]]), N),
)
WARNING = Verdict(
    check="attribution_drift",
    family="attribution",
    state=State.WARNING,
    raw_state=State.WARNING,
    value=0.8,
    limit=0.95,
    n=1000,
    window_start=date(2024, 4, 3),
    window_end=date(2024, 4, 10),
)


def view(**changes: object) -> ExplainView:
    whole = ExplainView(
        model="churn",
        version="v1",
        window=Window(date(2024, 4, 3), date(2024, 4, 10)),
        schema=SCHEMA,
        explanation=FOUND,
        drift=None,
        no_drift="none",
        verdict=None,
        limit=load_limits()["attribution_drift"],
        where="",
        rows="all customers",
        of_class="",
        job={},
        seconds=5.0,
    )
    return replace(whole, **changes)


def test_the_title_names_what_moves_the_scores_and_how_much_of_all():
    assert "the scores most: " in findings.title(view())
    assert findings.title(view()).endswith("of all movement")
    assert findings.title(view(explanation=None)) == "Why churn scores as it does"


def test_a_breach_takes_the_title_and_says_what_moved():
    title = findings.title(view(verdict=WARNING, drift=MOVED))
    assert title.startswith("The model rests on other features than in training: ")
    assert title.endswith("plan 10\\.0 % → 72\\.0 %")
    assert "before anything is retrained" in findings.sentence(view(verdict=WARNING))


def test_the_sample_is_stated_with_its_source_and_its_sum():
    told = findings.sample_caption(FOUND, "customers")
    assert told.startswith("all 60 customers · the model file")
    assert "adds up within 0.000001" in told
    assert "differ by up to 0.01" in told


def test_a_row_is_told_with_its_probability_and_what_is_withheld():
    one = of_sample(FOUND, "r7", context(ROWS))
    assert one is not None
    assert "log\\-odds" in findings.row_title(one, "customer")
    assert "no single one follows from the sum" in findings.withheld_words(one)
    assert "a probability of 62" in findings.base_words(one)


def test_a_change_says_where_the_score_goes():
    one = of_sample(FOUND, "r7", context(ROWS))
    assert one is not None
    changed = replace(one, changes={"income": 3.0}, prediction=one.prediction + 0.1)
    assert "rises to" in findings.change_words(one, changed)
    assert "stays at" in findings.change_words(one, replace(changed, prediction=one.prediction))


def test_counterfactuals_are_told_as_from_and_to():
    one = of_sample(FOUND, "r7", context(ROWS))
    assert one is not None
    near = Counterfactual(changes={"plan": "b"}, distance=1.0, prediction=0.61)
    found = Counterfactuals(
        target=Target(level=0.5, above=True), found=(near,), changeable=("plan",), reason="", tried=3
    )
    table = findings.counterfactual_rows(found, one)
    assert str(table["change"][0]).endswith("→ b")
    assert table["score"] == [0.61]


@pytest.mark.parametrize("name", ["importance", "beeswarm", "dependence", "row", "what-if", "counterfactuals", "drift"])
def test_every_picture_has_the_limits_of_its_method(name):
    assert len(findings.LIMITS[name]) > 60


def test_both_ends_of_a_reach_have_the_same_decimals():
    text = findings.beeswarm_finding(FOUND).replace("\\", "")
    ends = text.split(" moves scores by ")[1].removesuffix(f" {FOUND.unit}").split(" to ")
    assert len({len(end.partition(".")[2]) for end in ends}) == 1
