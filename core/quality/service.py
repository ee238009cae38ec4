"""Quality of the stored windows: what is missing, unseen, out of range, or against the contract."""

from collections.abc import Iterator

from core.errors import BadInputError, NotEnoughDataError
from core.points import MetricPoint, finite
from core.profile.profile import feature_counts
from core.profile.summing import window_sums
from core.quality.shares import METRICS, QualityShare, quality_shares
from core.selection import MetricAnswer, MetricQuery
from core.states import State
from core.store.database import Store
from core.store.models import model_by_name
from core.store.series import Series, load_series, model_schema, unanswered, with_removed
from core.windows import label


def quality_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return the quality shares of every feature and of the score, with interval and n.

    Raises
    ------
    BadInputError
        When a segment is asked for: the counters behind these shares are kept for the whole population.
    """
    if query.slice is not None:
        raise BadInputError("Quality is counted for the whole population; leave out --segment and --by.")
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now())
        except NotEnoughDataError as why:
            schema = model_schema(session, model_by_name(session, query.model))
            return unanswered(session, query, METRICS, (*schema.feature_names, "score"), str(why))
    return MetricAnswer(version=series.version.name, points=with_removed(series, _points(series)))


def _points(series: Series) -> Iterator[MetricPoint]:
    sums = window_sums(series.current, series.windows)
    found = {
        name: quality_shares(bins, feature_counts(series.layout, sums.ints, sums.floats, name))
        for name, bins in series.layout.binning.features.items()
    }
    for row in range(len(series.windows)):
        for name, shares in found.items():
            for share in shares:
                yield _point(series, name, share, row, sums.provenance_ids[row])


def _point(series: Series, feature: str, share: QualityShare, row: int, provenance_id: str) -> MetricPoint:
    window, grain = series.windows[row], series.schema.grain
    value = finite(float(share.value[row]))
    reason = share.reason or ("not applicable: no predictions in this window" if value is None else "")
    return MetricPoint(
        metric=share.metric,
        window_start=label(window.start, grain),
        window_end=label(window.end, grain),
        feature=feature,
        value=value,
        ci_low=finite(float(share.interval.low[row])),
        ci_high=finite(float(share.interval.high[row])),
        n=int(share.n[row]),
        status=State.NOT_APPLICABLE if value is None else State.HEALTHY,
        reason=reason,
        provenance_id=provenance_id,
    )
