from datetime import UTC, datetime

from core.log.outcomes import Kind, QuarantinedRow
from core.store.batches import stage
from core.store.quarantine import add_quarantined, quarantined_rows
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
