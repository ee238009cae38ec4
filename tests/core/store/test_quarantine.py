from datetime import UTC, datetime

from core.log.outcomes import Kind, QuarantinedRow
from core.store.batches import stage
from core.store.quarantine import (
    add_quarantined,
    quarantine_entries,
    quarantine_page,
    quarantined_rows,
    rule_counts,
)
from tests.log_kit import watched


def test_rows_come_back_in_the_order_of_the_file_and_counts_last(store):
    watched(store)
    rows = [
        QuarantinedRow(row=None, column="a", rule="r", value="", fix="f", count=70),
        QuarantinedRow(row=9, column="a", rule="r", value="'; DROP TABLE quarantine;--", fix="f"),
        QuarantinedRow(row=2, column="", rule="row_broken", value="x", fix="g"),
    ]
    at = datetime(2013, 7, 1, tzinfo=UTC)
    with store.write() as session:
        batch = stage(
            session,
            model_id=1,
            version_id=1,
            kind=Kind.PREDICTIONS,
            role=None,
            file="f",
            content_hash="a",
            by="b",
            at=at,
        )
        add_quarantined(session, batch, rows)
        add_quarantined(session, batch, [])
    with store.read() as session:
        assert quarantined_rows(session, batch) == (rows[2], rows[1], rows[0])


def test_the_quarantine_of_a_model_is_counted_by_rule_and_read_by_page(troubled):
    with troubled.read() as session:
        assert [(one.column, one.rule, one.n) for one in rule_counts(session, 1)] == [("score", "score_range", 7)]
        assert quarantine_entries(session, 1) == 7
        page = quarantine_page(session, 1, offset=5, limit=5)
        assert [row.row for _, row in page] == [6, 7]
        assert quarantine_page(session, 99, offset=0, limit=5) == ()
        assert quarantine_entries(session, 99) == 0
