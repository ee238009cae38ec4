from core.executors.embedded import Embedded
from core.executors.port import Executor, Outcome
from core.executors.service import STATES
from core.executors.target import parse_target
from core.executors.webhook import Webhook


def test_both_executors_answer_the_same_question():
    webhook = Webhook(target=parse_target("https://a.example"), allowed=frozenset(), secret=None)
    executors: list[Executor] = [Embedded(), webhook]
    assert all(callable(one.deliver) for one in executors)


def test_every_outcome_but_failure_ends_a_delivery():
    assert set(STATES) == set(Outcome) - {Outcome.FAILED}
