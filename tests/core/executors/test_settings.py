from datetime import timedelta

import pytest

from core.errors import BadInputError
from core.executors.settings import ExecutorSettings, checked, fault

URL = "https://deploy.example.com/releases"


def test_a_store_that_names_nothing_has_the_embedded_executor_and_a_quarter_of_an_hour():
    usual = ExecutorSettings()
    assert (usual.executor, usual.is_webhook, usual.within) == ("embedded", False, timedelta(minutes=15))
    assert checked("embedded", [], 15) == usual
    assert fault(usual) is None


def test_a_webhook_names_its_own_host_and_what_else_it_may_reach():
    kept = checked(URL, ["Deploy.example.com", "10.0.0.8"], 30)
    assert kept.as_json() == {
        "executor": URL,
        "hosts": ["deploy.example.com", "10.0.0.8"],
        "within_minutes": 30,
    }
    assert kept.is_webhook
    assert fault(kept) is None


@pytest.mark.parametrize(
    ("executor", "hosts", "minutes", "words"),
    [
        (URL, [], 15, r"deploy.example.com is not among the allowed ones \(none\)"),
        (URL, ["example.com"], 15, r"not among the allowed ones \(example.com\)"),
        ("http://deploy.example.com/", ["deploy.example.com"], 15, "it must begin with https://"),
        (URL, ["*.example.com"], 15, "neither the name of a host nor an address"),
        ("embedded", ["deploy.example.com"], 15, "reaches no host"),
        ("embedded", [], 0, "1 to 1,440 minutes"),
        ("embedded", [], 1_441, "1 to 1,440 minutes"),
    ],
)
def test_what_cannot_be_used_is_refused_and_found_when_it_was_written_by_hand(executor, hosts, minutes, words):
    with pytest.raises(BadInputError, match=words):
        checked(executor, hosts, minutes)
    assert fault(ExecutorSettings(executor=executor, hosts=tuple(hosts), within_minutes=minutes)) is not None
