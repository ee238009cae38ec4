from core.store import sentences


def test_each_is_one_sentence_that_names_the_store():
    for said in (sentences.busy("here"), sentences.cannot_use("here", "it is damaged; restore it from a copy")):
        assert said.startswith("The store here ")
        assert said.endswith(".")
        assert "\n" not in said


def test_a_busy_store_says_for_how_long():
    assert f"{sentences.BUSY_SECONDS} seconds" in sentences.busy("here")
