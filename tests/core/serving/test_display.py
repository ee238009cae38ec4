from core.selection import MetricQuery
from core.serving.display import ServiceLimit, service_series
from core.serving.service import service_detail
from core.states import State
from core.windows import Grain


def test_lines_and_requests_have_one_length(valued):
    detail = service_detail(valued, MetricQuery(model="loans"))
    limit = ServiceLimit(name="warning", value=0.01, state=State.WARNING)
    series = service_series(
        detail.history, detail.windows, detail.schema.grain, ("error_rate", "latency_p99"), limits=[limit]
    )
    assert [line.metric for line in series.lines] == ["error_rate", "latency_p99"]
    assert {len(series.requests), len(series.starts), len(series.lines[0].value)} == {60}
    assert series.lines[1].low[0] is None
    assert series.limits == (limit,)
    assert series.grain is Grain.DAY
