from app.overview.glossary import filled, glossary
from core.checks.limits import load_limits


def test_every_family_and_every_check_against_a_reference_has_plain_words():
    words = glossary()
    checks = load_limits().checks.values()
    assert {one.family for one in checks} <= set(words.families)
    told = {one.code for one in checks if one.warning is not None or one.critical is not None}
    assert told - set(words.findings) == set()


def test_every_source_of_values_has_its_words_and_its_meaning():
    assert set(glossary().sources) == {"assumed", "measured", "staged"}
    assert set(glossary().sources) <= set(glossary().terms)


def test_the_words_of_a_model_are_put_in_as_they_are():
    assert filled("{rows} of {row}", row="{rows}", rows="{feature}") == "{feature} of {rows}"
    assert glossary().meaning("outcome known", rows="loans").startswith("The share of loans")


def test_no_plain_word_names_a_metric():
    text = " ".join((*glossary().findings.values(), *glossary().terms.values())).lower()
    assert not any(name in text for name in ("psi", "auc", "brier", "log loss", "rmse", "recall"))
