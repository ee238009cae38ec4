"""The Audit page: whether the chain holds, the search, one entry in full, and who may take it away."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import words
from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person
from core.errors import RefusedError
from core.store.database import open_store
from tests.pages.test_pages import opened
from tests.tampering import tampered

HOSTILE = "=eve *bold* [x](http://x.example)"


@pytest.fixture
def home(bare_home) -> Path:
    st.cache_data.clear()
    store = open_store(bare_home)
    add_person(store, LOCAL, "vic", ["viewer"])
    add_person(store, LOCAL, "vera", ["validator"])
    add_person(store, LOCAL, "vic", ["viewer", "business"])
    with pytest.raises(RefusedError):
        add_person(store, Principal("vic", frozenset({Role.VIEWER})), HOSTILE, ["viewer"])
    store.engine.dispose()
    return bare_home


def entries(at: AppTest) -> list[int]:
    return at.dataframe[0].value["entry"].tolist()


def text_of(at: AppTest) -> str:
    return " ".join(shown.value for shown in [*at.markdown, *at.caption, *at.subheader]).replace("\\", "")


def test_the_title_is_that_the_chain_holds_and_the_banner_to_where(home, monkeypatch):
    at = opened(home, "audit", monkeypatch)
    assert not at.exception
    assert at.title[0].value == "The audit chain holds: 4 entries"
    assert "chain verified to entry 4, anchor less than a minute old" in text_of(at)
    assert "Tamper-evident" in text_of(at)
    assert "tamper-proof" not in text_of(at).lower()


def test_the_entries_are_shown_newest_first_in_words(home, monkeypatch):
    at = opened(home, "audit", monkeypatch)
    shown = at.dataframe[0].value
    assert entries(at) == [4, 3, 2, 1]
    assert shown["did"].tolist()[:2] == ["was refused (add person)", "gave a person roles"]
    assert shown["change"][1] == "roles: viewer → business, viewer"
    assert "needs one of: administrator" in shown["why"][0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"by": "vic"}, [4]),
        ({"about": "vera"}, [2]),
        ({"did": "access:person:add"}, [3, 2, 1]),
        ({"kind": "person", "text": "business"}, [3]),
        ({"days": "2020-01-01..2020-01-02"}, []),
        ({"by": "nobody at all"}, []),
    ],
)
def test_a_link_brings_its_search(query, found, home, monkeypatch):
    at = opened(home, "audit", monkeypatch, **query)
    assert not at.exception
    assert (entries(at) if at.dataframe else []) == found


def test_a_choice_in_the_search_narrows_the_entries_and_stands_in_the_url(home, monkeypatch):
    at = opened(home, "audit", monkeypatch)
    at.selectbox(key="audit.person").set_value("vic").run()
    assert entries(at) == [4]
    assert at.query_params["by"] == ["vic"] or at.query_params["by"] == "vic"
    at.selectbox(key="audit.person").set_value("").run()
    at.text_input(key="audit.text").set_value("viewer").run()
    assert entries(at) == [4, 3, 1]


def test_a_hostile_name_is_shown_as_it_is(home, monkeypatch):
    at = opened(home, "audit", monkeypatch, by="vic")
    assert not at.exception
    about = at.table[0].value.loc["about"].iloc[0]
    assert about == words.plain(f"person {HOSTILE}")
    assert at.dataframe[0].value["about"][0] == f"person {HOSTILE}"


def test_older_entries_are_a_page_away(home, monkeypatch):
    from app.audit import queries

    monkeypatch.setattr(queries, "PAGE", 2)
    at = opened(home, "audit", monkeypatch)
    assert entries(at) == [4, 3]
    at.button(key="audit.older").click().run()
    assert entries(at) == [2, 1]
    at.button(key="audit.newest").click().run()
    assert entries(at) == [4, 3]


def test_a_change_behind_what_was_verified_is_found_by_verify_now_and_stays_said(home, monkeypatch):
    at = opened(home, "audit", monkeypatch)
    store = open_store(home)
    tampered(store, "UPDATE audit SET actor = 'eve' WHERE seq = 2")
    at.run()
    assert at.title[0].value.startswith("The audit chain holds")
    at.button(key="audit.verify").click().run()
    assert not at.exception
    assert at.title[0].value == "The audit chain is broken at entry 2"
    assert "Entry 2 was changed after it was written" in text_of(at)
    at.run()
    assert at.title[0].value == "The audit chain is broken at entry 2"


def test_who_may_not_take_the_chain_away_cannot_press_the_button(home, monkeypatch):
    from app import persona

    at = opened(home, "audit", monkeypatch)
    assert not _export_button(at).proto.disabled
    at.session_state[persona.KEY] = "vic"
    at.run()
    assert _export_button(at).proto.disabled


def test_who_may_not_read_the_trail_sees_that_it_holds_and_no_entry(home, monkeypatch):
    from app import persona

    at = opened(home, "audit", monkeypatch)
    assert at.dataframe
    at.session_state[persona.KEY] = "vic"
    at.run()
    assert not at.exception
    assert at.title[0].value.startswith("The audit chain holds")
    assert not at.dataframe
    assert "audit read" in text_of(at)


def _export_button(at: AppTest):
    return next(one for one in at.get("download_button") if one.proto.label == "Export")


def test_the_export_is_made_in_the_name_of_who_acts(home):
    from app.audit import queries

    queries.export(str(home), "vera")
    with pytest.raises(RefusedError):
        queries.export(str(home), "vic")
    last = [(row.who, row.did) for row in queries.entries(str(home), queries.Asked()).rows[:2]]
    assert last == [("vic", "was refused (export zip)"), ("vera", "took the audit chain away")]
