from dataclasses import replace
from pathlib import Path

from core.releases.gathering.comparing import sampled_features
from core.releases.gathering.trying import NO_FILE, artifact_of, scored_model, tried


def test_one_opening_tells_both_flips_and_importance(facts):
    rows = sampled_features(facts, facts.challenger, n=100)
    found = tried(facts.log_dir, facts.challenger, rows, None, shaken=True, explained=True)
    assert [one.kind for one in found.flips] == ["perturbation", "missing", "boundary"]
    assert {one.n for one in found.flips} == {100}
    assert found.importance is not None
    assert sum(found.importance.shares.values()) > 0.999


def test_a_version_without_a_kept_file_says_so(facts):
    rows = sampled_features(facts, facts.challenger, n=10)
    assert tried(facts.log_dir, facts.champion, rows, None, shaken=True, explained=True).why_not == NO_FILE
    assert artifact_of(Path("/nowhere"), facts.challenger) is None


def test_a_file_that_was_changed_is_not_run_and_it_is_said(facts, tmp_path: Path):
    version = replace(facts.challenger.version, artifact_sha256="0" * 64)
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / ("0" * 64)).write_bytes(b"another file")
    rows = sampled_features(facts, facts.challenger, n=10)
    found = tried(tmp_path, replace(facts.challenger, version=version), rows, None, shaken=True, explained=False)
    assert found.flips == ()
    assert "could not be run" in found.why_not


def test_no_rows_are_no_trial(facts):
    found = tried(facts.log_dir, facts.challenger, None, None, shaken=True, explained=True)
    assert "no rows" in found.why_not


def test_the_model_is_described_by_its_schema(facts):
    described = scored_model(facts.challenger.schema)
    assert (described.features, described.categorical) == (("income", "age", "plan"), frozenset({"plan"}))
