"""A home with a governed model and the evidence of a release made up by hand, for the tests of the release pages."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from app import persona
from core.access.principal import LOCAL, Principal
from core.home.service import freeze_clock
from core.inventory.recording.service import set_policy
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.release import Release
from core.releases.requesting import service as requesting
from core.store.database import Store, open_store
from core.store.release_facts import validity_now
from tests.governed import NOW
from tests.release_kit import ADAM, DANA, gates, governed

_JUDGED = ("metric", "outcome", "worse_by", "limit", "ci_low", "ci_high", "n")
METRICS = [
    dict(zip(_JUDGED, ("accuracy", "fail", 0.054, 0.01, 0.05, 0.06, 900), strict=True)),
    dict(zip(_JUDGED, ("roc_auc", "pass", -0.01, 0.005, -0.02, 0.0, 900), strict=True)),
]
CURVE = {"roc": [[0.0, 0.0], [0.4, 0.8], [1.0, 1.0]], "pr": [[0.0, 1.0], [1.0, 0.4]]}
_WORSE = {"kind": "metric", "gate": "performance", "limit": 0.02, "n": 900}
HOSTILE = "=1+1 *bold* [x](http://x.example)"


def side(value: float) -> dict[str, Any]:
    return {"value": value, "low": value - 0.01, "high": value + 0.01, "n": 1_000, "reason": ""}


DOCUMENT: Mapping[str, Any] = {
    "model": "churn",
    "version": "v2",
    "champion": "v1",
    "window": {"start": "2026-10-01", "end": "2026-11-01", "last": "2026-10-31", "units": 31},
    "pairs": {
        "joined": 1_000,
        "known": 900,
        "compared": 900,
        "sampled": "",
        "coverage": [{"decision": 0, "n": 600, "known": 600}, {"decision": 1, "n": 400, "known": 300}],
    },
    "worse_first": [
        {
            "what": f"log loss where {HOSTILE}",
            "kind": "segment",
            "n": 90,
            "gate": "worst_segment",
            "worse_by": 0.05,
            "ci_low": 0.04,
            "ci_high": 0.06,
            "limit": 0.03,
            "conclusive": True,
        },
        {**_WORSE, "what": "accuracy", "worse_by": 0.01, "ci_low": -0.01, "ci_high": 0.03, "conclusive": False},
        {**_WORSE, "what": "F1", "worse_by": 0.04, "ci_low": 0.03, "ci_high": 0.05, "conclusive": True},
    ],
    "metrics": [
        {
            "metric": "roc_auc",
            "champion": side(0.69),
            "challenger": side(0.70),
            "change": {"worse_by": -0.01, "ci_low": -0.02, "ci_high": 0.0, "n": 900, "method": "DeLong"},
        },
        {
            "metric": "accuracy",
            "champion": side(0.73),
            "challenger": side(0.68),
            "change": {"worse_by": 0.054, "ci_low": 0.05, "ci_high": 0.06, "n": 900, "method": "McNemar"},
        },
        {"metric": "recall", "champion": side(0.5), "challenger": None, "change": None},
    ],
    "curves": {
        "champion": {**CURVE, "reliability": [{"mean_score": 0.2, "observed": 0.25, "n": 500}]},
        "challenger": {**CURVE, "reliability": []},
    },
    "segments": [
        {
            "where": HOSTILE,
            "n": 90,
            "champion": 0.5,
            "harm": 0.06,
            "low": 0.04,
            "least": 0.03,
            "high": 0.08,
            "shown": 0.05,
        },
    ],
    "segment_search": {"loss": "log loss", "searched": 40, "detectable": 0.01, "limit": 0.03, "champion": 0.45},
    "fairness": {
        "why": "",
        "columns": [
            {
                "column": "region",
                "groups": [
                    {
                        "group": HOSTILE,
                        "withheld": False,
                        "champion": {"n": 500, "recall": [0.5, 0.4, 0.6]},
                        "challenger": {"n": 500, "recall": [0.45, 0.4, 0.5]},
                    },
                    {"group": "small", "withheld": True, "champion": None, "challenger": None},
                ],
            }
        ],
        "gaps": [
            {
                "gap": "equal_opportunity_difference",
                "column": "region",
                "champion": 0.02,
                "challenger": 0.05,
                "worse_by": 0.03,
                "ci_low": 0.01,
                "ci_high": 0.05,
                "n": 900,
                "reason": "",
            }
        ],
    },
    "importance": {
        "champion": {"n": 300, "unit": "", "explainer": "", "why": "", "points": []},
        "challenger": {"n": 300, "unit": "", "explainer": "", "why": "", "points": []},
        "changes": [
            {"feature": "income", "champion": 0.7, "challenger": 0.4},
            {"feature": "age", "champion": 0.3, "challenger": 0.6},
        ],
    },
    "changed": {
        "features": {"added": ["weekend"], "removed": [], "kept": 3},
        "training": {"champion": {"reference_rows": 100}, "challenger": {"reference_rows": 200}},
        "training_data": HOSTILE,
        "artifact": {"champion": "a" * 64, "challenger": "b" * 64},
        "threshold": {"champion": 0.5, "challenger": 0.5},
        "code": "train.py",
    },
    "plan": {"steps": [{"kind": "full", "share": 1.0, "days": 0.0}]},
    "limits": {"gates": 1, "checks": 2},
    "artifact_sha256": "b" * 64,
    "card": {"markdown": "# churn v2", "missing": ["explanation"], "completeness": 0.9},
    "findings": [],
    "further_gates": [],
    "recomputable": {"metrics": "from the packed profiles"},
}
"""What `core.releases.gathering` freezes, in small."""


def governed_home(empty: Path, to: Path, *, tier: int = 3) -> Store:
    """Return a store in a new home with `churn` (v1 live, v2 and v3 not) and everybody, under the policy "demo"."""
    store = open_store(Path(shutil.copytree(empty, to)))
    freeze_clock(store, LOCAL, NOW)
    governed(store, tier=tier)
    set_policy(store, ADAM, "demo", reason="nobody waits in a test")
    return open_store(to)


def judged(*, failed: tuple[str, ...] = (), unclear: tuple[str, ...] = ()) -> list[GateResult]:
    """Return every gate, passed but for those named; the performance gate with its metrics."""
    found = []
    for one in gates(failed=failed, unclear=unclear):
        details = {"metrics": METRICS} if one.gate == "performance" else {}
        found.append(
            GateResult(
                gate=one.gate,
                outcome=one.outcome,
                measure="accuracy worse by",
                reason="as *measured*" if one.outcome is GateOutcome.PASSED else "the interval holds the limit",
                value=0.054,
                limit=0.01,
                limit_kind="at most",
                ci_low=0.05,
                ci_high=0.06,
                n=900,
                details=details,
            )
        )
    return found


def settled(store: Store, release: Release, found: Sequence[GateResult] | None = None) -> Release:
    """Freeze the made-up evidence of a submitted release."""
    with store.read() as session:
        key = validity_now(session, release, {}, at=store.clock.now())
    return requesting.settle_evidence(
        store,
        DANA,
        release.id,
        round_=release.round,
        document=json.loads(json.dumps({**DOCUMENT, "version": release.version})),
        profiles=b"packed counts",
        validity=key,
        gates=judged() if found is None else found,
    )


def pending(
    store: Store,
    *,
    by: Principal = DANA,
    failed: tuple[str, ...] = (),
    unclear: tuple[str, ...] = (),
    version: str = "v2",
) -> Release:
    """Return a release of Dana with its evidence."""
    draft = requesting.request(store, by, model="churn", version=version, reason="better")
    return settled(store, requesting.submit(store, by, draft.id), judged(failed=failed, unclear=unclear))


def acting(at: AppTest, name: str) -> AppTest:
    """Let somebody else act, and draw the page anew."""
    at.session_state[persona.KEY] = name
    return at.run()


def said(at: AppTest) -> str:
    """Return every text of the page without the marks that escape it."""
    parts = [*at.markdown, *at.caption, *at.subheader, *at.error, *at.warning, *at.success, *at.info]
    return " ".join(str(one.value) for one in parts).replace("\\", "").replace("\N{WORD JOINER}", "")


def keys(at: AppTest) -> set[str]:
    """Return the keys of the buttons that are shown."""
    return {button.key for button in at.button if button.key}
