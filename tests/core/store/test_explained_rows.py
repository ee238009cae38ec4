import pytest

from core.errors import BadInputError
from core.selection import MetricQuery, Slice
from core.store.explained_rows import artifact_path, load_explained
from core.store.models import model_by_name, version_by_name
from tests.core.explain.conftest import churn, explained

__all__ = ["churn", "explained"]


def test_a_version_with_a_file_and_one_with_logged_values_are_told_apart(explained):
    with explained.read() as session:
        at = explained.clock.now()
        of_file = load_explained(session, explained, MetricQuery(model="churn"), "", at).material
        of_log = load_explained(session, explained, MetricQuery(model="logged"), "", at).material
    assert (of_file.artifact is not None, of_file.logged) == (True, {})
    assert (of_log.artifact, len(of_log.logged)) == (None, 3)
    assert (of_file.n_rows, of_file.window, len(of_file.all_days)) == (150, "2024-04-09..2024-04-10", 40)


def test_a_file_that_is_not_kept_here_is_none(explained):
    with explained.read() as session:
        model = model_by_name(session, "churn")
        version = version_by_name(session, model.id, "v1")
        path = artifact_path(explained, model, version)
        assert path is not None
        path.unlink()
        assert artifact_path(explained, model, version) is None


def test_a_segment_and_a_filter_are_kept_together(explained):
    query = MetricQuery(model="churn", slice=Slice(column="plan", level="max"))
    with explained.read() as session:
        found = load_explained(session, explained, query, '[{"column":"income","above":50}]', explained.clock.now())
    assert found.part.words == "plan = max and income > 50"


def test_a_protected_column_is_no_filter(explained):
    with explained.read() as session, pytest.raises(BadInputError, match="protected"):
        load_explained(
            session, explained, MetricQuery(model="churn"), '[{"column":"age","above":50}]', explained.clock.now()
        )
