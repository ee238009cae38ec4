"""The whole job through the command line, as another program would call it."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from app.cli import run
from core.store.tables import BinningRow, VersionRow
from tests.small_fleet import write_files


@pytest.fixture
def home(tmp_path):
    return str(tmp_path / "home")


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path / "files")


def call(capsys, *arguments, home, code=0):
    """Run a command with --json; returns its document."""
    left = run([*map(str, arguments), "--home", home, "--json"])
    captured = capsys.readouterr()
    assert left == code, captured.err
    return json.loads(captured.out) if captured.out else captured.err


def refused(capsys, *arguments, home=None):
    """Run a command that must leave with 2; returns its one sentence."""
    left = run([*map(str, arguments), *(["--home", home] if home else [])])
    captured = capsys.readouterr()
    assert (left, captured.out) == (2, "")
    assert "Traceback" not in captured.err
    assert captured.err.count("\n") == 1
    return captured.err


def begin(capsys, home, files):
    call(capsys, "init", home=home)
    call(capsys, "model", "add", files.schema, home=home)
    return call(capsys, "version", "add", "churn", "v1", "--reference", files.reference, home=home)


def test_init_makes_the_profiles_of_an_earlier_watchroom_anew(fleet, capsys):
    asked = ("metrics", "churn", "--family", "performance")
    before = call(capsys, *asked, home=str(fleet.home))
    with fleet.write() as session:
        session.add(BinningRow(id="0" * 64, blob=b"old", kernel_version=0, created_at=datetime(2024, 1, 1, tzinfo=UTC)))
        session.flush()
        session.execute(update(VersionRow).values(binning_id="0" * 64))
    run(["init", "--home", str(fleet.home)])
    told = capsys.readouterr()
    assert told.out == f"The store is ready in {fleet.home}.\n"
    assert "churn: profiled by an earlier Watchroom, now anew" in told.err
    assert call(capsys, *asked, home=str(fleet.home)) == before
    run(["init", "--home", str(fleet.home)])
    assert capsys.readouterr().err == ""


def test_the_main_job_from_an_empty_folder_to_a_verdict(capsys, home, files):
    added = begin(capsys, home, files)
    assert set(added) == {"model", "version", "schema", "binning", "artifact_sha256", "reference_rows"}
    assert added["reference_rows"] == 6000

    taken = call(capsys, "ingest", "churn", "v1", files.predictions, home=home)
    assert {key: taken[key] for key in ("model", "version", "role")} == {
        "model": "churn",
        "version": "v1",
        "role": "served",
    }
    (one,) = taken["files"]
    assert set(one) == {"file", "batch", "duplicate", "accepted", "quarantined", "refused", "reason", "days"}
    assert (one["accepted"], one["quarantined"], one["refused"], len(one["days"])) == (6000, 0, False, 40)

    known = call(capsys, "actuals", "churn", files.actuals, home=home)["files"][0]
    assert (known["matched"], known["unmatched"], known["corrected"]) == (5700, 0, 0)

    verdicts = call(capsys, "check", "churn", home=home, code=1)["verdicts"]
    keys = {"check", "family", "segment", "feature", "state", "raw_state", "value", "limit", "ci_low", "ci_high", "n"}
    assert all(set(v) == keys | {"window_start", "window_end", "reason"} for v in verdicts)
    critical = {(v["check"], v["feature"]) for v in verdicts if v["state"] == "critical"}
    assert ("feature_drift", "income") in critical
    assert ("feature_drift", "age") not in critical


def test_metrics_have_the_documented_form_and_never_a_silent_nan(capsys, home, files):
    begin(capsys, home, files)
    call(capsys, "ingest", "churn", "v1", files.predictions, home=home)
    for family in ("drift", "performance", "quality"):
        answer = call(capsys, "metrics", "churn", "--family", family, home=home)
        assert (answer["model"], answer["version"], answer["family"]) == ("churn", "v1", family)
        for point in answer["points"]:
            assert set(point) == {
                *("metric", "window_start", "window_end", "segment", "feature", "value"),
                *("ci_low", "ci_high", "n", "status", "reason", "provenance_id"),
            }
            assert (point["value"] is None) == (point["status"] == "not_applicable")
            assert point["value"] is not None or point["reason"]
    performance = call(capsys, "metrics", "churn", "--family", "performance", home=home)
    assert {p["status"] for p in performance["points"]} == {"not_applicable"}
    assert all("no actuals yet" in p["reason"] for p in performance["points"])


def test_windows_references_and_segments_are_options(capsys, home, files):
    begin(capsys, home, files)
    call(capsys, "ingest", "churn", "v1", files.predictions, home=home)

    def metrics(*more):
        return call(capsys, "metrics", "churn", "--family", "drift", *more, home=home)["points"]

    week = metrics("--window", "2024-03-04..2024-03-11", "--reference", "previous")
    assert {(p["window_start"], p["window_end"]) for p in week} == {("2024-03-04", "2024-03-11")}
    assert len({p["window_start"] for p in metrics("--every", "week")}) == 7
    by = metrics("--by", "plan")
    assert {"basic", "plus", "max"} <= {p["segment"]["plan"] for p in by}
    one = metrics("--segment", "plan=max")
    assert {p["segment"]["plan"] for p in one} == {"max"}


def test_the_same_file_again_is_already_ingested(capsys, home, files):
    begin(capsys, home, files)
    first = call(capsys, "ingest", "churn", "v1", files.predictions, home=home)["files"][0]
    again = call(capsys, "ingest", "churn", "v1", files.predictions, home=home)["files"][0]
    assert (again["duplicate"], again["batch"]) == (True, first["batch"])


def test_a_batch_is_listed_reverted_and_may_come_again(capsys, home, files):
    begin(capsys, home, files)
    batch = call(capsys, "ingest", "churn", "v1", files.predictions, home=home)["files"][0]["batch"]
    listed = call(capsys, "batch", "list", "churn", home=home)["batches"]
    assert [row["batch"] for row in listed] == [batch]
    call(capsys, "batch", "revert", batch, "--reason", "wrong export", home=home)
    points = call(capsys, "metrics", "churn", "--family", "drift", home=home)["points"]
    assert {p["status"] for p in points} == {"not_applicable"}
    again = call(capsys, "ingest", "churn", "v1", files.predictions, home=home)["files"][0]
    assert (again["duplicate"], again["accepted"]) == (False, 6000)


def test_a_refused_file_leaves_with_2_and_the_others_still_land(capsys, home, files, tmp_path):
    begin(capsys, home, files)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 nothing")
    answer = call(capsys, "ingest", "churn", "v1", broken, files.predictions, home=home, code=2)["files"]
    assert [row["refused"] for row in answer] == [True, False]
    assert answer[1]["accepted"] == 6000
    assert "broken.parquet" in answer[0]["reason"]


def test_profile_says_what_it_did(capsys, home, files):
    begin(capsys, home, files)
    call(capsys, "ingest", "churn", "v1", files.predictions, home=home)
    again = call(capsys, "profile", "churn", "--compact", home=home)
    assert (again["model"], again["windows"]) == ("churn", 0)


def test_people_act_under_their_roles(capsys, home, files):
    begin(capsys, home, files)
    call(capsys, "person", "add", "ana", "--role", "viewer", home=home)
    answer = call(capsys, "model", "retire", "churn", "--as", "ana", home=home, code=1)
    assert answer["refused"] == "not_allowed"
    assert "ana" in answer["why"]
    assert "watchroom person add" in refused(capsys, "model", "list", "--as", "nobody", home=home)


def test_records_can_be_verified_exported_and_examined(capsys, home, files, tmp_path):
    begin(capsys, home, files)
    report = call(capsys, "audit", "verify", home=home)
    assert report["ok"]
    assert set(report) == {"ok", "entries", "first_bad", "anchor_age_s", "why"}
    assert run(["audit", "verify", "--only-new", "--home", str(home)]) == 0
    told = capsys.readouterr().out
    assert f"The chain holds: {report['entries']:,} entries." in told
    assert f"Looked at from entry {report['entries'] + 1:,} on" in told
    assert "The last anchor holds entry 1, is 0 min old and lies only beside the database." in told
    call(capsys, "audit", "export", tmp_path / "export", home=home)
    checked = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "export" / "verify.py")], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert set(call(capsys, "doctor", home=home)) == {"ok", "findings"}


def test_the_inventory_is_told(capsys, home, files):
    begin(capsys, home, files)
    assert call(capsys, "champion", "churn", home=home)["version"] == "v1"
    assert [m["model"] for m in call(capsys, "model", "list", home=home)["models"]] == ["churn"]
    shown = call(capsys, "model", "show", "churn", home=home)
    assert (shown["champion"], shown["schema"]) == ("v1", 1)
    assert call(capsys, "model", "add", files.schema, home=home)["outcome"] == "unchanged"


def test_a_worker_without_jobs_leaves_at_once(capsys, home):
    call(capsys, "init", home=home)
    assert call(capsys, "worker", "--once", home=home) == {"jobs": 0}


def test_a_job_profiles_a_model(capsys, home, files):
    from pathlib import Path

    from core.access.principal import LOCAL
    from core.jobs.service import newest_jobs, submit
    from core.store.database import open_store

    begin(capsys, home, files)
    store = open_store(Path(home))
    submit(store, LOCAL, "profile", {"model": "churn"})
    assert call(capsys, "worker", "--once", home=home) == {"jobs": 1}
    assert [job.state.value for job in newest_jobs(store, n=5)] == ["DONE"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["model", "list"], "watchroom init"),
        (["nonsense"], "nonsense"),
        (["metrics"], "MODEL"),
        (["serve", "--port", "99999"], "port"),
        (["model", "add"], "--guess"),
        (["ingest", "--nope"], "no such option"),
        (["person", "add", "ana"], "--role"),
    ],
)
def test_bad_use_gets_one_sentence(capsys, tmp_path, arguments, told):
    sentence = refused(capsys, *arguments, home=str(tmp_path / "none"))
    assert told.lower() in sentence.lower()
    assert "does not know" not in sentence


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["metrics", "chrun", "--family", "drift"], "known models: churn"),
        (["metrics", "churn", "--family", "magic"], "drift, performance, quality"),
        (["metrics", "churn", "--family", "drift", "--window", "yesterday"], "START..END"),
        (["metrics", "churn", "--family", "drift", "--every", "hour"], "day, week or month"),
        (["metrics", "churn", "--family", "drift", "--window", "2024-03-04..2024-03-05", "--every", "day"], "not both"),
        (["metrics", "churn", "--family", "drift", "--segment", "plan"], "COLUMN=VALUE"),
        (["metrics", "churn", "--family", "drift", "--role", "boss"], "served"),
        (["metrics", "churn", "--family", "drift", "--reference", "last"], "same_weekday"),
        (["check", "churn", "--fail-on", "panic"], "critical or warning"),
        (["version", "add", "churn", "v1", "--artifact", "/nowhere/model.skops"], "not a file"),
        (["profile", "churn", "--engine", "spark"], "inline"),
        (["batch", "revert", "77", "--reason", "x"], "77"),
        (["ingest", "churn", "v9", "a.parquet"], "v9"),
    ],
)
def test_bad_input_gets_one_sentence_that_says_what_to_do(capsys, home, files, arguments, told):
    begin(capsys, home, files)
    assert told in refused(capsys, *arguments, home=home)


def test_the_program_runs_from_the_shell(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "model", "list", "--home", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_quarantined_rows_are_told_with_row_column_rule_and_fix(capsys, home, files, tmp_path):
    import polars as pl

    begin(capsys, home, files)
    bad = tmp_path / "bad.parquet"
    score = pl.when(pl.int_range(pl.len()) == 6).then(1.7).otherwise(pl.col("score"))
    pl.read_parquet(files.predictions).with_columns(score=score).write_parquet(bad)
    (taken,) = call(capsys, "ingest", "churn", "v1", bad, home=home)["files"]
    assert (taken["accepted"], taken["quarantined"], taken["refused"]) == (5999, 1, False)
    assert "row 7" in taken["reason"]
    assert "'score'" in taken["reason"]
    assert "[0, 1]" in taken["reason"]


def test_a_sentence_about_a_hostile_name_does_not_steer_the_terminal(capsys, home):
    call(capsys, "init", home=home)
    told = refused(capsys, "check", "nope\n\x1b[31m\u202e", home=home)
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "There is no model 'nope \\x1b[31m\\u202e'" in told
