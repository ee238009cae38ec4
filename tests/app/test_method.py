"""The method text behind the numbers."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from app import method


@pytest.mark.parametrize("topic", method.TOPICS)
def test_every_topic_has_its_text_without_links_that_lead_nowhere(topic):
    text = method.text(topic)
    assert text.startswith("# ")
    assert not re.search(r"\]\((?!https?:)", text)


def test_an_unknown_topic_is_refused():
    with pytest.raises(KeyError):
        method.text("../../etc/passwd")


def test_the_text_is_read_only_when_it_is_unfolded():
    def script():
        from app import method

        method.fold("drift")

    at = AppTest.from_function(script).run()
    assert not at.exception
    assert not any("Population stability index" in shown.value for shown in at.markdown)


def test_formulas_are_drawn_as_code_that_wraps():
    def script():
        from app import method

        method.draw(method.text("drift"))

    at = AppTest.from_function(script).run()
    assert [shown.value.split(" =")[0] for shown in at.code] == ["psi", "psi_excess"]
    assert all(shown.proto.wrap_lines for shown in at.code)
    assert not any("\n\n    " in shown.value for shown in at.markdown)
