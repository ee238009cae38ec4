"""Facts of the lineage, and its title."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

from app.lineage import findings
from app.lineage.queries import logs
from core.inventory.lineage import LogFact, ReleaseFact, lineage
from core.log.outcomes import BatchState, Kind
from tests.core.inventory.test_lineage import LOGS, V1, V2

AT = datetime(2026, 1, 1, tzinfo=UTC)


def batch(version_id: int, rows: int, days: list[str], **changes: object) -> SimpleNamespace:
    values = {
        "version_id": version_id,
        "role": "served",
        "kind": Kind.PREDICTIONS,
        "state": BatchState.LANDED,
        "accepted": rows,
        "details": {"days": days},
        **changes,
    }
    return SimpleNamespace(**values)


def test_rows_count_by_version_and_role_and_neither_reverted_files_nor_actuals_do():
    versions = [SimpleNamespace(id=1, name="v1"), SimpleNamespace(id=2, name="v2")]
    taken = [
        batch(1, 10, ["2026-01-02"]),
        batch(1, 5, ["2026-01-01", "2026-01-03"]),
        batch(1, 99, ["2025-01-01"], state=BatchState.REVERTED),
        batch(1, 99, ["2025-01-01"], kind=Kind.ACTUALS),
        batch(2, 7, [], role="shadow"),
    ]
    assert logs(versions, taken) == [
        LogFact(version="v1", role="served", rows=15, first="2026-01-01", last="2026-01-03"),
        LogFact(version="v2", role="shadow", rows=7, first="", last=""),
    ]


def test_the_title_says_whether_it_was_ever_released_and_the_sentence_what_is_missing():
    found = lineage("a*b", [V1, V2], [], LOGS)
    assert findings.title("a*b", found) == "a\\*b\\: 2 versions, never released here"
    assert "v2 has no model file here" in findings.sentence(found).replace("\\", "")
    released = lineage(
        "m", [replace(V1)], [ReleaseFact(id=1, version="v1", state="LIVE", environment="production")], []
    )
    assert findings.title("m", released).endswith("1 version, 1 release")
