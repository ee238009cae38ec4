import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.access.principal import LOCAL, WORKER, Principal, Role
from core.errors import RefusedError
from core.releases.gates.gate import GATES, GateOutcome
from core.releases.gathering.facts import Handed
from core.releases.gathering.packing import unpack_profiles
from core.releases.gathering.service import GatheredEvidence, gather
from core.releases.gathering.tables import curves, metric_table
from core.releases.requesting.service import request, settle_evidence, submit
from core.store.database import Store
from core.store.releases import find_pack, packed_profiles
from tests.compared_fleet import take_in


def gate(found: GatheredEvidence, name: str):
    return next(one for one in found.gates if one.gate == name)


def test_every_gate_that_the_tier_asks_for_is_judged_and_the_others_stand_beside(found: GatheredEvidence):
    beside = [one["gate"] for one in found.document["further_gates"]]
    assert beside == ["worst_segment", "fairness"]  # tier 3 asks for calibration only
    assert [one.gate for one in found.gates] == [name for name in GATES if name not in beside]


def test_both_versions_are_compared_on_the_rows_that_both_scored(fleet: SimpleNamespace, found: GatheredEvidence):
    assert found.document["pairs"]["compared"] == 38 * 150  # two of forty days have no actuals yet
    known = fleet.served.head(38 * 150)
    auc = next(one for one in found.document["metrics"] if one["metric"] == "roc_auc")
    theirs = roc_auc_score(known["left"], known["score"])
    assert auc["change"]["champion"] == pytest.approx(theirs, abs=1e-9)
    assert auc["champion"]["value"] == pytest.approx(theirs, abs=2e-3)  # by score bins


def test_a_challenger_that_knows_less_does_not_pass(found: GatheredEvidence):
    assert gate(found, "performance").outcome is not GateOutcome.PASSED
    assert "area under the ROC curve" in [one["what"] for one in found.document["worse_first"]]


def test_the_model_file_is_tried_in_its_limited_process(found: GatheredEvidence):
    robustness = gate(found, "robustness")
    assert robustness.n == 1_000  # of the newest days
    assert {one["kind"] for one in robustness.details["kinds"]} == {"perturbation", "missing", "boundary"}
    assert found.document["importance"]["challenger"]["points"][0]["feature"] == "income"
    assert "no model file" in found.document["importance"]["champion"]["why"]


def test_what_is_not_there_is_named_and_never_passes(found: GatheredEvidence):
    assert gate(found, "latency").outcome is GateOutcome.INCONCLUSIVE
    assert gate(found, "documentation").outcome is GateOutcome.FAILED
    assert gate(found, "validation").outcome is GateOutcome.FAILED
    assert "consumers" in gate(found, "schema").reason
    assert gate(found, "rollout").value == 40.0


def test_the_shift_of_income_away_from_training_is_seen(found: GatheredEvidence):
    shifts = {one["feature"]: one["psi_excess"] for one in gate(found, "training_drift").details["features"]}
    assert shifts["age"] < 0.05


def test_the_document_is_plain_json_without_a_hole(found: GatheredEvidence):
    told = json.dumps(found.document, allow_nan=False)
    assert json.loads(told) == found.document


def test_every_number_of_the_profile_kind_is_recomputed_from_the_pack_alone(found: GatheredEvidence):
    parts = unpack_profiles(found.profiles)
    table = {one["metric"]: one for one in metric_table(parts["champion.window"], parts["challenger.window"], ())}
    for one in found.document["metrics"]:
        for side in ("champion", "challenger"):
            assert table[one["metric"]][side] == one[side]
    assert curves(parts["challenger.window"]) == found.document["curves"]["challenger"]


def test_the_pack_holds_no_count_of_a_protected_group(found: GatheredEvidence):
    for counts in unpack_profiles(found.profiles).values():
        blocks = {name: block for name, block in counts.layout.ints.items() if name.startswith("group_")}
        assert blocks
        assert not any(counts.ints[block.start : block.stop].any() for block in blocks.values())


def test_gathering_again_gives_the_same_evidence(fleet: SimpleNamespace, found: GatheredEvidence):
    again = gather(fleet.store, WORKER, fleet.release.id)
    assert again.profiles == found.profiles
    assert json.dumps(again.document, sort_keys=True) == json.dumps(found.document, sort_keys=True)


def test_groups_that_may_be_shown_are_compared(fleet: SimpleNamespace):
    shown = {"sex": (True, True, True, True), "nonsense": (True,)}
    found = gather(fleet.store, WORKER, fleet.release.id, handed=Handed(protected=shown))
    gaps = found.document["fairness"]["gaps"]
    assert {one["column"] for one in gaps} == {"sex"}
    assert np.isfinite(gaps[0]["worse_by"])


def test_somebody_without_the_right_gathers_nothing(fleet: SimpleNamespace):
    with pytest.raises(RefusedError):
        gather(fleet.store, Principal("Vic", frozenset({Role.VIEWER})), fleet.release.id)


def test_evidence_is_frozen_as_it_was_gathered_on_either_database(both: Store, tmp_path: Path):
    files = take_in(both, tmp_path / "files", shadow_days=5)
    release = submit(files.store, LOCAL, request(files.store, LOCAL, model="churn", version="v2").id)
    found = gather(files.store, WORKER, release.id)
    assert gate(found, "performance").reason.endswith("score the challenger in shadow")
    settled = settle_evidence(
        files.store,
        WORKER,
        release.id,
        round_=found.round,
        document=found.document,
        profiles=found.profiles,
        validity=found.validity,
        gates=found.gates,
    )
    with files.store.read() as session:
        pack = find_pack(session, settled.digest)
        assert packed_profiles(session, settled.digest) == found.profiles
    assert pack is not None
    assert {one["gate"]: one["outcome"] for one in pack.document["gates"]} == pack.validity["gate_outcomes"]
    assert {key: pack.document[key] for key in found.document} == found.document
