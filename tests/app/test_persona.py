from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.access.principal import LOCAL
from core.access.service import add_person

ACTING = """
import streamlit as st
from app import chosen, persona
persona.choose(chosen.home())
who = persona.acting(chosen.home())
st.write(f"{who.name}: {', '.join(sorted(who.roles))}")
"""


def page(monkeypatch, home: Path) -> AppTest:
    monkeypatch.setenv("WATCHROOM_HOME", str(home))
    return AppTest.from_string(ACTING, default_timeout=30)


def test_a_store_without_people_is_this_machines_alone(monkeypatch, store):
    at = page(monkeypatch, store.home).run()
    assert at.markdown[-1].value == "local: administrator"
    assert not at.sidebar.selectbox


def test_who_is_chosen_acts_with_the_roles_that_the_store_gives_now(monkeypatch, store):
    add_person(store, LOCAL, "ana", ["validator"])
    at = page(monkeypatch, store.home).run()
    assert "administrator · single-user mode" in at.sidebar.caption[0].value
    at.sidebar.selectbox[0].set_value("ana").run()
    assert at.markdown[-1].value == "ana: validator"
    add_person(store, LOCAL, "ana", ["viewer"])
    assert at.run().markdown[-1].value == "ana: viewer"


def test_who_is_gone_no_longer_acts(monkeypatch, store):
    at = page(monkeypatch, store.home)
    at.session_state["persona"] = "nobody"
    add_person(store, LOCAL, "ana", ["validator"])
    assert at.run().markdown[-1].value == "local: administrator"
