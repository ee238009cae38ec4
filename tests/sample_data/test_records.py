"""The governance records and cards of the sample: complete, in the form of the program, staged where invented."""

from pathlib import Path

import pytest

from app.demo_releases import CHALLENGERS, GOVERNED, SAMPLES
from core.cards.card import FIELDS
from core.cards.card import checked as checked_card
from core.inventory.fields import BY_CODE, FieldType, Group, missing
from core.inventory.record import read_record, record_text
from core.inventory.tiers import tier_score
from core.log.plain_yaml import read_text, read_yaml
from core.log.schema import load_schema

SCHEMAS = {
    schema.model: schema
    for schema in map(load_schema, [*SAMPLES.glob("*/model.yaml"), SAMPLES / "employment" / "slices.yaml"])
}
MODELS = sorted(GOVERNED)
INVENTED = ("credit-risk", "demand", "ticket-routing")


def record_of(model):
    return read_record(SAMPLES / GOVERNED[model].record)


def test_every_model_of_the_sample_has_a_record():
    assert set(GOVERNED) == set(SCHEMAS)
    assert {SAMPLES / one.record for one in GOVERNED.values()} == set(SAMPLES.glob("*/*record.yaml"))


@pytest.mark.parametrize("model", MODELS)
def test_a_record_holds_what_its_tier_requires_and_computes_to_the_declared_tier(model):
    document = record_of(model)
    score = tier_score(document)
    assert score.tier == SCHEMAS[model].risk_tier
    assert missing(document, score.tier) == ()
    assert document["staged"] is True


@pytest.mark.parametrize("model", MODELS)
def test_what_is_invented_is_called_staged_in_every_text_of_purpose_and_operation(model):
    document = record_of(model)
    texts = (FieldType.TEXT, FieldType.LINE)
    invented = [
        code
        for code, value in document.items()
        if BY_CODE[code].group in (Group.PURPOSE, Group.OPERATION)
        and BY_CODE[code].type in texts
        and code not in ("population", "monitoring_plan", "limits_reason")
        and "staged" not in str(value).lower()
    ]
    assert invented == []
    if model in INVENTED:
        assert document["description"].startswith("Staged: ")
        assert document["training_data"].startswith("Staged: ")


@pytest.mark.parametrize("model", MODELS)
def test_a_record_written_and_read_again_is_the_same(model, tmp_path):
    document = record_of(model)
    copy = tmp_path / "record.yaml"
    copy.write_text(record_text(document), encoding="utf-8")
    assert read_record(copy) == document


@pytest.mark.parametrize("model", MODELS)
def test_the_documents_that_a_record_names_are_there(model):
    for named in record_of(model).get("documents", []):
        assert (Path(SAMPLES).parent / named).exists()


@pytest.mark.parametrize("model", sorted(CHALLENGERS))
def test_the_card_of_a_challenger_says_everything_that_any_tier_requires(model):
    card, notes = CHALLENGERS[model]
    written = checked_card(read_yaml(read_text(SAMPLES / card), card))
    assert [field.code for field in FIELDS if field.required_to and field.code not in written] == []
    assert "staged" in str(written).lower()
    assert notes.startswith("Staged: ")
