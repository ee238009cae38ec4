import pytest

from core.access.principal import LOCAL
from core.doctor.executors import executor_findings
from core.doctor.service import examine
from core.executors.service import set_executor
from core.executors.settings import ExecutorSettings
from core.executors.signature import SECRET_VARIABLE

URL = "https://deploy.example.com/releases"
WEBHOOK = ExecutorSettings(executor=URL, hosts=("deploy.example.com",))
LONG = b"x" * 32


def codes(settings: ExecutorSettings, secret: bytes | None, waiting: int = 0) -> list[str]:
    return [one.code for one in executor_findings(settings, secret, waiting=waiting)]


def test_the_embedded_executor_needs_nothing():
    assert codes(ExecutorSettings(), None) == []


@pytest.mark.parametrize(
    ("settings", "secret", "waiting", "found"),
    [
        (WEBHOOK, LONG, 0, []),
        (WEBHOOK, None, 0, ["webhook_secret_missing"]),
        (WEBHOOK, b"", 0, ["webhook_secret_missing"]),
        (WEBHOOK, LONG[1:], 0, ["webhook_secret_short"]),
        (WEBHOOK, LONG, 2, ["deliveries_waiting"]),
        (ExecutorSettings(executor="http://a.example/", hosts=("a.example",)), LONG, 0, ["executor_unusable"]),
        (ExecutorSettings(executor=URL), LONG, 0, ["executor_unusable"]),
        (ExecutorSettings(executor=URL, hosts=("*",)), None, 0, ["executor_unusable", "webhook_secret_missing"]),
    ],
)
def test_a_webhook_needs_a_plain_https_address_a_named_host_and_a_long_secret(settings, secret, waiting, found):
    assert codes(settings, secret, waiting) == found


def test_no_finding_shows_the_secret():
    for one in executor_findings(WEBHOOK, b"hush-hush", waiting=1):
        assert "hush" not in one.what + one.fix


def test_the_doctor_looks_at_the_store_and_at_the_environment(both):
    set_executor(both, LOCAL, executor=URL, hosts=["deploy.example.com"])
    found = {one.code for one in examine(both.home, environment={}).findings}
    assert "webhook_secret_missing" in found
    found = {one.code for one in examine(both.home, environment={SECRET_VARIABLE: "x" * 32}).findings}
    assert not {code for code in found if code.startswith("webhook")}
