import json
from pathlib import Path

import pytest
import yaml

from app.cli import run
from core.audit.actions import AuditAction
from core.inventory.record import record_text
from core.store.database import open_store
from tests.audited import newest
from tests.governed import OWNER, VIEWER, WHOLE


@pytest.fixture
def home(fleet):
    assert run(["person", "add", OWNER.name, "--role", "owner", "--home", str(fleet.home)]) == 0
    assert run(["person", "add", VIEWER.name, "--role", "viewer", "--home", str(fleet.home)]) == 0
    return str(fleet.home)


def asked(capsys, *arguments):
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_record_goes_in_from_a_file_and_comes_out_as_the_same_file(home, tmp_path, capsys):
    file = tmp_path / "record.yaml"
    file.write_text(record_text({**WHOLE, "exposure_amount": 5e7}))
    found = asked(capsys, "model", "record", "churn", str(file), "--home", home)
    assert (found["status"], found["tier"], found["tier_from"], found["missing"]) == ("approved", 2, "computed", [])
    assert run(["model", "record", "churn", "--home", home]) == 0
    out = tmp_path / "out.yaml"
    out.write_text(capsys.readouterr().out)
    again = asked(capsys, "model", "record", "churn", str(out), "--home", home)
    assert again == found
    assert yaml.safe_load(out.read_text()) == {**WHOLE, "exposure_amount": 50_000_000}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour: red", "record.yaml: 'colour' is not a field of the record."),
        ("owner: [", "record.yaml is not readable YAML"),
        ("status: approved", "The record cannot leave proposed: a model of tier 2 also needs description"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence_and_exit_code_2(home, tmp_path, capsys, text, words):
    if text is not None:
        (tmp_path / "record.yaml").write_text(text)
    assert run(["model", "record", "churn", str(tmp_path / "record.yaml"), "--home", home]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_a_refused_edit_is_exit_code_1(home, tmp_path, capsys):
    (tmp_path / "record.yaml").write_text("description: x")
    arguments = ["model", "record", "churn", str(tmp_path / "record.yaml"), "--home", home, "--as", VIEWER.name]
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["refused"] == "not_allowed"


def test_what_is_still_missing_is_said(home, tmp_path, capsys):
    (tmp_path / "record.yaml").write_text("description: x")
    assert run(["model", "record", "churn", str(tmp_path / "record.yaml"), "--home", home]) == 0
    assert "churn: proposed, tier 2 (declared); missing: model_type" in capsys.readouterr().out


def test_a_card_is_printed_as_markdown_and_as_html(home, capsys):
    assert run(["card", "churn", "v1", "--home", home]) == 0
    assert capsys.readouterr().out.startswith("---\npipeline_tag: tabular-classification\n")
    assert run(["card", "churn", "v1", "--html", "--home", home, "--as", VIEWER.name]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")
    found = asked(capsys, "card", "churn", "v1", "--home", home)
    assert found["markdown"].startswith("---")
    assert "summary" in found["missing"]
    assert 0 < found["completeness"] < 1


def test_a_card_of_what_is_not_there_is_exit_code_2(home, capsys):
    assert run(["card", "churn", "v9", "--home", home]) == 2
    assert "known versions: v1" in capsys.readouterr().err


def test_the_policy_is_shown_and_set_by_an_administrator_who_says_why(home, capsys):
    assert asked(capsys, "policy", "--home", home)["name"] == "standard"
    assert run(["policy", "--home", home]) == 0
    assert "* standard/2: every control of the matrix as it stands" in capsys.readouterr().out
    assert run(["policy", "demo", "--reason", "a demonstration", "--home", home]) == 0
    assert capsys.readouterr().out.startswith("The policy is demo: ")
    found = asked(capsys, "policy", "--home", home)
    assert (found["name"], [one["name"] for one in found["policies"]]) == ("demo", ["standard", "demo"])
    with_reason = newest(open_store(Path(home)), n=1)[0]
    assert (with_reason.action, with_reason.reason) == (AuditAction.POLICY_SET, "a demonstration")


def test_a_policy_that_is_not_there_and_a_person_who_may_not_are_refused(home, capsys):
    assert run(["policy", "lax", "--home", home]) == 2
    assert "There is no policy 'lax': choose from standard, demo." in capsys.readouterr().err
    assert run(["policy", "demo", "--home", home, "--as", OWNER.name, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["refused"] == "not_allowed"
    assert asked(capsys, "policy", "--home", home)["name"] == "standard"
