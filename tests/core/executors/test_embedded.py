from core.executors.embedded import Embedded
from core.executors.port import Outcome
from tests.core.executors.made_up import DELIVERY


def test_the_embedded_executor_acknowledges_at_once_and_names_the_event():
    answer = Embedded().deliver(DELIVERY)
    assert answer.outcome is Outcome.ACKNOWLEDGED
    assert DELIVERY.event_id in answer.detail
