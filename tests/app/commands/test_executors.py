import json

import pytest

from app.cli import run
from core.executors.service import executor_settings
from core.store.database import Store
from tests.release_kit import governed

URL = "https://deploy.example.com/releases"


@pytest.fixture
def store(both: Store) -> Store:
    return governed(both)


def said(store: Store, capsys, *words: str) -> tuple[int, str, str]:
    code = run(["executor", *words, "--home", str(store.home)])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_webhook_is_set_with_the_hosts_that_it_may_reach(store, capsys):
    hosts = ("--allow", "deploy.example.com", "--allow", "10.0.0.8")
    code, out, _ = said(store, capsys, "set", URL, *hosts, "--minutes", "30", "--as", "Adam", "--json")
    wanted = {"executor": URL, "hosts": ["deploy.example.com", "10.0.0.8"], "within_minutes": 30}
    assert (code, json.loads(out)) == (0, wanted)
    _, out, _ = said(store, capsys, "show")
    assert out == f"{URL}; it may reach deploy.example.com, 10.0.0.8; an acknowledgement may take 30 minutes.\n"
    code, out, _ = said(store, capsys, "set", "embedded")
    assert (code, out) == (0, "Releases are carried out by: embedded.\n")


def test_a_host_that_is_not_named_and_a_plain_address_are_bad_input(store, capsys):
    for words in ((URL,), (URL.replace("https", "http"), "--allow", "deploy.example.com")):
        code, _, err = said(store, capsys, "set", *words)
        assert (code, err.count("\n")) == (2, 1)
    assert executor_settings(store).executor == "embedded"


def test_who_is_no_administrator_is_refused(store, capsys):
    code, out, _ = said(store, capsys, "set", "embedded", "--as", "Omar", "--json")
    assert (code, json.loads(out)["refused"]) == (1, "not_allowed")
