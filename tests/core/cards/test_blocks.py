from dataclasses import replace

from core.cards.blocks import MISSING, STAGED, UNKNOWN, Note, Table, Words, interval, number, sections
from core.cards.card import Card, completeness
from tests.core.cards.known_version import FACTS


def card(texts, **changes):
    facts = replace(FACTS, **changes)
    return Card(facts=facts, texts=texts, completeness=completeness(texts, facts.known, facts.tier))


def parts(texts, **changes):
    return {part.title: part.blocks for section in sections(card(texts, **changes)) for part in section.parts}


def test_a_card_stands_under_the_headings_of_hugging_face():
    assert [section.title for section in sections(card({}))] == [
        "Model Details",
        "Uses",
        "Bias, Risks, and Limitations",
        "Training Details",
        "Evaluation",
        "Model Examination",
        "Monitoring",
    ]


def test_what_was_written_stands_and_what_is_missing_says_so_where_the_tier_asks():
    found = parts({"summary": "It predicts."}, tier=3)
    assert found["Summary"] == (Words(text="It predicts."),)
    assert found["Limitations"] == (Note(text=MISSING),)
    assert "Recommendations" not in found
    assert "License" not in found


def test_what_is_known_is_filled_in():
    found = parts({})
    (results,) = found["Results"]
    assert results.header[2] == "Value, 1 to 2 Nov 2026"
    assert results.rows == (("ROC AUC", "0.81", "0.79", "[0.77, 0.81]", "1,000", ""),)
    assert ("Rows", "6,000") in found["Reference"][0].rows
    assert found["Limits"][0].rows == (("Feature drift", "0.1", "–"),)
    assert ("Risk tier", "2") in found["Model Description"][0].rows


def test_gaps_between_groups_are_told_without_the_size_of_any_group():
    note, gaps = parts({})["Fairness"]
    assert gaps.rows[0][:2] == ("sex", "gap in selection rates")
    assert isinstance(gaps, Table)
    assert gaps.header == ("Protected column", "Metric", "Value", "95 % interval")
    assert "no size is told" in note.text


def test_what_is_not_known_says_why():
    found = parts(
        {},
        fairness=(),
        fairness_why="Not shown: …",
        results=(),
        reference_rows=None,
        artifact_sha256=None,
        known=frozenset(),
    )
    assert found["Fairness"] == (Note(text="Not shown: …"),)
    assert found["Reference"] == (Note(text=UNKNOWN),)
    assert ("Model file (SHA-256)", "not handed in") in found["Model Description"][0].rows


def test_an_invented_record_says_so():
    assert parts({}, staged=True)["Model Description"][0] == Note(text=STAGED)


def test_numbers_have_four_digits():
    assert (number(1234.5678), interval(0.1, None), interval(0.123456, 0.2)) == ("1235", "–", "[0.1235, 0.2]")
