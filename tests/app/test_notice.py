"""Designed states instead of tracebacks."""

from streamlit.testing.v1 import AppTest

from core.errors import BadInputError


def test_an_error_is_one_escaped_sentence():
    def script(error):
        from app import notice

        notice.cannot_show(error)

    at = AppTest.from_function(script, args=(BadInputError("The column *a* is [gone](http://x)."),)).run()
    assert not at.exception
    assert any("\\*a\\*" in shown.value for shown in at.markdown)


def test_a_store_that_does_not_open_is_explained_with_commands():
    def script(error):
        from app import notice

        notice.cannot_open(error, "/tmp/some home")

    at = AppTest.from_function(script, args=(BadInputError("There is no store here."),)).run()
    assert at.title[0].value == "The store cannot be opened"
    assert [shown.value for shown in at.code] == [
        "watchroom doctor --home '/tmp/some home'",
        "watchroom init --home '/tmp/some home'",
    ]


def test_an_empty_store_shows_three_steps_with_commands():
    def script():
        from app import notice

        notice.begin("/tmp/home")

    at = AppTest.from_function(script).run()
    assert not at.exception
    assert len(at.code) == 3
    assert "model add --guess" in at.code[0].value
    assert "version add" in at.code[1].value
    assert "ingest" in at.code[2].value
