"""Which units of a log have enough of their actuals to be judged."""

from datetime import date, datetime, timedelta

from core.checks.evidence import Outline
from core.log.schema import ModelSchema
from core.performance.maturity import Maturity, maturity
from core.windows import Grain, day_starts_at, following


def coverage(outline: Outline, at: datetime) -> dict[date, Maturity]:
    """Return for each unit whether its actuals are complete enough to be judged; each row counts once."""
    expected = _expected_coverage(outline)
    return {
        unit.day: maturity(
            coverage=unit.n_labelled / unit.n_rows if unit.n_rows else float("nan"),
            window_end_at=_end_at(unit.day, outline.schema, at),
            at=at,
            actual_delay=outline.schema.actual_delay,
            expected_coverage=expected,
        )
        for unit in outline.log
    }


def _expected_coverage(outline: Outline) -> float:
    """Return the share of rows whose actual ever comes: that of the reference, 1 when it has none."""
    rows = sum(unit.n_rows for unit in outline.reference)
    labelled = sum(unit.n_labelled for unit in outline.reference)
    return labelled / rows if rows and labelled else 1.0


def _end_at(day: date, schema: ModelSchema, at: datetime) -> datetime:
    """Return when a unit ended; a numbered batch has no date and counts as past its delay."""
    if schema.grain is Grain.BATCH:
        return at - schema.actual_delay - timedelta(days=1)
    return day_starts_at(following(day, schema.grain), schema.zone)
