"""What the checks judge."""

from dataclasses import replace


def test_the_evidence_hands_out_schema_and_limits_of_its_outline(evidence):
    assert evidence.schema is evidence.outline.schema
    assert evidence.limits is evidence.outline.limits
    other = replace(evidence, dated=not evidence.dated)
    assert other.outline is evidence.outline
