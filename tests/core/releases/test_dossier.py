import json
import re

import pytest

from core.releases.dossier import dossier_html, dossier_json

HOSTILE = '<script>alert("x")</script><img src="https://elsewhere/x.png">'
GATE = {
    "gate": "performance",
    "outcome": "fail",
    "measure": "area under the ROC curve worse by",
    "value": 0.02,
    "limit": 0.005,
    "limit_kind": "at most",
    "ci_low": 0.01,
    "ci_high": 0.03,
    "n": 4000,
    "reason": HOSTILE,
    "details": {},
}
ESTIMATE = {"value": 0.8, "low": 0.7, "high": 0.9, "n": 10, "reason": ""}
DOCUMENT = {
    "model": HOSTILE,
    "version": "v2",
    "champion": "v1",
    "requested_by": "Dana Reyes",
    "reason": HOSTILE,
    "tier": 2,
    "policy": {"name": "demo", "version": 1},
    "window": {"start": "2016", "end": "2019", "last": "2018", "units": 3},
    "pairs": {"joined": 20, "known": 10, "compared": 10, "coverage": [{"decision": 1, "n": 8, "known": 4}]},
    "gates": [GATE],
    "worse_first": [
        {"what": HOSTILE, "kind": "metric", "gate": "performance", "champion": 0.9, "challenger": 0.88, "n": 4000}
        | {"worse_by": 0.02, "ci_low": 0.01, "ci_high": 0.03, "limit": 0.005, "conclusive": True}
    ],
    "metrics": [{"metric": "roc_auc", "champion": ESTIMATE, "challenger": None, "change": None}],
    "curves": {"champion": {"roc": [[0, 0], [1, 1]]}, "challenger": {"roc": [[0, 0], [0.5, 1], [1, 1]]}},
    "fairness": {
        "gaps": [],
        "columns": [{"column": HOSTILE, "groups": [{"group": HOSTILE, "withheld": True, "champion": None}]}],
    },
    "importance": {
        "champion": {"why": HOSTILE, "points": []},
        "challenger": {"points": [{"feature": HOSTILE, "share": 1}]},
    },
    "findings": [{"id": 1, "severity": "high", "title": HOSTILE, "effect": "block"}],
    "card": {"markdown": HOSTILE, "missing": [HOSTILE], "completeness": 0.5},
    "record": {"business_use": HOSTILE},
    "changed": {"code": HOSTILE},
}


@pytest.fixture
def page() -> str:
    return dossier_html(DOCUMENT, digest="ab" * 32)


def test_no_text_becomes_markup_and_nothing_is_fetched_from_anywhere(page: str):
    assert "<script" not in page
    assert "<img" not in page
    assert not re.search(r"""(?:src|href|action)\s*=""", page.replace("&lt;", "").replace("src=&quot;", ""))
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_a_reader_finds_outcome_number_interval_limit_n_and_digest(page: str):
    for wanted in ("■ fail", "0.0200 [0.0100, 0.0300]", "at most 0.0050", "4,000", "ab" * 32, "demo/1"):
        assert wanted in page


def test_what_gets_worse_comes_before_the_gates(page: str):
    assert page.index("What gets worse first") < page.index("<h2>Gates</h2>")


def test_selective_labels_are_told(page: str):
    assert "actuals known of 50.0% of the rows decided 1" in page


def test_a_withheld_group_shows_no_number(page: str):
    row = page[page.index("withheld") :].split("</tr>", maxsplit=1)[0]
    assert not re.search(r"\d", row.replace("withheld", ""))


def test_the_same_document_gives_the_same_page_and_the_same_json():
    assert dossier_html(DOCUMENT, digest="x") == dossier_html(DOCUMENT, digest="x")
    assert json.loads(dossier_json(DOCUMENT)) == DOCUMENT


def test_an_empty_document_is_still_a_page():
    page = dossier_html({"model": "churn", "version": "v1"}, digest="x")
    assert "There is no model card." in page
