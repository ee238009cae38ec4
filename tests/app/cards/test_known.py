from dataclasses import replace

from app.cards.facts import card
from app.cards.known import parts_known
from core.access.principal import LOCAL
from core.audit.service import last_seq
from core.cards.card import KNOWN
from core.cards.service import edit_card, standing
from core.inventory.service import add_version, model_detail
from tests.governed import VIEWER


def live(store):
    return model_detail(store, "churn").champion


def counted(store, tier):
    """Return the completeness as the list of all models counts it."""
    return standing(store, model="churn", version="v1", tier=tier, known=parts_known(store, "churn", live(store)))


def test_the_card_its_gate_and_the_list_count_the_same(fleet):
    for texts in ({}, {"summary": "It predicts who leaves."}):
        edit_card(fleet, LOCAL, model="churn", version="v1", changes=texts)
        found = card(fleet, LOCAL, model="churn", version="v1")
        assert found.completeness == counted(fleet, found.facts.tier)
    assert "summary" not in found.completeness.missing
    assert "explanation" in found.completeness.missing


def test_what_is_known_does_not_depend_on_who_asks_and_is_no_audited_read(grouped):
    before = last_seq(grouped)
    assert parts_known(grouped, "churn", live(grouped)) == set(KNOWN) - {"explanation"}
    assert last_seq(grouped) == before
    seen = [card(grouped, who, model="churn", version="v1").completeness for who in (LOCAL, VIEWER)]
    assert seen[0] == seen[1]


def test_what_is_not_there_is_not_known(fleet):
    add_version(fleet, LOCAL, model="churn", version="v2", artifact_sha256="ab" * 32, has_reference=False)
    bare = next(one for one in model_detail(fleet, "churn").versions if one.name == "v2")
    assert parts_known(fleet, "churn", bare) == {"features", "limits", "explanation", "fairness"}
    assert "explanation" not in parts_known(fleet, "churn", replace(bare, artifact_sha256=None))
