"""The title is the finding in words made from the numbers."""

from dataclasses import replace
from datetime import date

from app.attribution import findings
from app.attribution.views import AttributionView
from core.attribution.attribution import Change
from core.attribution.shift import Moved, Verdict
from core.windows import Grain, Window
from tests.core.attribution.test_display import amount, change, shift


def view(of: Change | None, **how) -> AttributionView:
    fixed = {
        "changes": (),
        "why_not": "",
        "no_cause": "",
        "of_all": False,
        "waits": "",
        "removed": "",
    } | how
    return AttributionView(
        model="m", version="v1", rows="rows", window=Window(date(2024, 1, 1), date(2024, 1, 8)), grain=Grain.DAY,
        reference="training", columns=("plan",), metrics=("roc_auc",), column="plan", metric="roc_auc", change=of,
        n_reference=100, n_current=90, where="", provisional=False, provenance_id="", job={}, **fixed,
    )  # fmt: skip


def told(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def test_the_title_names_the_size_the_kind_and_the_leading_segment():
    one = change(1)
    part = replace(one.parts[0], mix=amount(-0.02), within=amount(-0.08))
    title = told(findings.title(view(replace(one, parts=(part,)))))
    assert title == (
        "ROC AUC fell 0.100 against training: 0.080 of it within segments, led by plan s0; "
        "the mix of segments explains 0.020"
    )


def test_a_change_that_is_half_mix_is_laid_on_neither_alone():
    half = replace(change(1), mix=amount(-0.05), within=amount(-0.05))
    assert "Both at once" in told(findings.sentence(view(half)))
    little = replace(change(1), mix=amount(-0.01), within=amount(-0.09))
    assert "not because others became frequent" in told(findings.sentence(view(little)))


def test_a_mix_that_pulls_back_is_said():
    one = replace(change(1), mix=amount(0.02), within=amount(-0.12))
    assert "the mix of segments alone would have raised it by 0.020" in told(findings.title(view(one)))


def test_a_change_by_chance_has_no_cause_to_look_for():
    one = replace(change(1), change=amount(0.001))
    assert told(findings.title(view(one))) == "ROC AUC did not clearly change against training"
    assert "no cause to look for" in told(findings.sentence(view(one)))


def test_what_cannot_be_split_says_why():
    shown = view(None, why_not="no actuals yet")
    assert told(findings.sentence(shown)) == "No actuals yet."


def test_the_verdict_is_said_in_its_words():
    assert told(findings.cause_finding(shift())).startswith("The relation changed:")
    unknown = replace(shift(), verdict=Verdict.UNKNOWN)
    assert told(findings.cause_finding(unknown)).startswith("Cannot be told apart here")


def test_the_input_that_moved_most_is_named_with_what_its_number_means():
    found = replace(shift(), moved=(Moved(feature="income", auc=0.517),))
    assert told(findings.moved_finding(found)) == "income moved most: AUC 0.52 (0.50: not at all)"
    assert findings.moved_finding(replace(found, moved=())) == "No input can be compared"
