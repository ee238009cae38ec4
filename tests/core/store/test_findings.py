from dataclasses import replace

import pytest

from core.errors import ConflictError, NotFoundError
from core.findings.finding import Line, new_finding
from core.store import findings
from tests.governed import NOW, with_model


def test_a_finding_is_kept_as_it_was_raised_and_changed_only_as_it_was_read(both):
    store = with_model(both)
    new = new_finding(severity="low", category="use", title="t", text="", owner="Omar", due=None, today=NOW.date())
    with store.write() as session:
        made = findings.add_finding(session, new, model_id=1, line=Line.SECOND, by="Vera", at=NOW, version_id=2)
        assert findings.findings(session, model_id=1) == (made,)
        assert findings.findings(session, model_id=9) == ()
        assert findings.findings(session, release_id=1) == ()
        changed = findings.change_finding(session, made, {"state": "closed"})
        assert (changed.is_open, changed.row_version, made.version) == (False, 2, "v2")
        assert findings.findings(session, only_open=True) == ()
        with pytest.raises(ConflictError, match="changed by somebody else"):
            findings.change_finding(session, made, {"state": "open"})
        with pytest.raises(NotFoundError):
            findings.finding_by_id(session, made.id + 1)
    assert replace(changed, state=made.state, row_version=1) == made
