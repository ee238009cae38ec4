"""Pages and their files."""

import pytest
from streamlit.testing.v1 import AppTest

from app import navigation


def test_every_page_has_a_file_of_at_most_eighty_lines_that_begins_with_its_purpose():
    files = [navigation.PAGES / file for entries in navigation.SECTIONS.values() for file, *_ in entries]
    assert sorted(files) == sorted(navigation.PAGES.rglob("*.py"))
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text.startswith('"""')
        assert text.count("\n") <= 80


def test_a_page_is_found_by_its_url():
    assert navigation.path("drift").name == "drift.py"
    assert navigation.path(navigation.home_of(navigation.DEFAULT_VIEW)).name == "fleet.py"
    with pytest.raises(StopIteration):
        navigation.path("nowhere")


def test_there_are_at_most_three_sections_and_no_empty_one():
    assert 1 <= len(navigation.SECTIONS) <= 3
    assert all(navigation.SECTIONS.values())


def test_what_waits_on_a_page_stands_behind_its_name_and_changes_neither_its_url_nor_its_place():
    def script():
        import streamlit as st

        from app import navigation

        plain, badged = navigation.pages("Engineering"), navigation.pages("Engineering", {"releases": 2})
        st.session_state["titles"] = [page.title for page in badged["Governance"]]
        st.session_state["urls"] = [[page.url_path for page in one["Governance"]] for one in (plain, badged)]

    at = AppTest.from_function(script).run()
    assert not at.exception
    assert "Releases :blue-badge[2]" in at.session_state["titles"]
    assert at.session_state["urls"][0] == at.session_state["urls"][1]
