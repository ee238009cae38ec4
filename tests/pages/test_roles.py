"""Every page as somebody who may next to nothing: it says why, and never fails."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import persona
from core.access.principal import LOCAL
from core.access.service import add_person
from core.store.database import open_store
from tests.pages.test_pages import URLS, opened


@pytest.fixture(scope="module")
def home(filled_home, tmp_path_factory):
    home = Path(shutil.copytree(filled_home, tmp_path_factory.mktemp("roles") / "home"))
    store = open_store(home)
    add_person(store, LOCAL, "vic", ["viewer"])
    store.engine.dispose()
    return home


@pytest.mark.parametrize("url", URLS)
def test_a_page_is_drawn_for_somebody_who_may_only_look(url, home, monkeypatch):
    at = opened(home, url, monkeypatch)
    at.session_state[persona.KEY] = "vic"
    at.run()
    assert not at.exception
    assert len(at.title) == 1


def _two_notices() -> None:
    from app import notice
    from core.errors import CoreError

    for number in range(2):
        notice.cannot_show(CoreError(f"reason {number}"), title="This work cannot be started")


def test_a_page_may_have_two_things_that_it_cannot_show():
    at = AppTest.from_function(_two_notices).run()
    assert not at.exception
    assert [one.value for one in at.markdown if "reason" in one.value] == ["reason 0", "reason 1"]
