import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.access.service import add_person
from core.audit.offline import verify_export
from core.audit.service import export


@pytest.fixture(scope="module")
def exported(tmp_path_factory, empty_home) -> Path:
    from core.access.principal import LOCAL
    from core.store.database import open_store

    folder = tmp_path_factory.mktemp("export")
    store = open_store(Path(shutil.copytree(empty_home, folder / "home")))
    for n in range(20):
        add_person(store, LOCAL, f"Zoë {n} 'é'", ["viewer", "owner"])
    export(store, LOCAL, folder / "out")
    store.engine.dispose()
    return folder / "out"


@pytest.fixture
def copy(exported, tmp_path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "copy"))


def offline(folder: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    run = subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py"), *arguments], capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    return run.returncode, json.loads(run.stdout)


def test_an_export_verifies_with_nothing_but_python(copy):
    assert offline(copy) == (0, {"ok": True, "entries": 21, "first_bad": None, "why": ""})


def test_the_folder_can_be_named(copy, tmp_path):
    assert offline(copy, str(tmp_path)) == (1, {"ok": False} | offline(copy, str(tmp_path))[1])


def test_an_edited_byte_is_found_at_its_entry(copy):
    path = copy / "audit.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[6] = lines[6].replace(b'"actor":"local"', b'"actor":"locaI"')
    path.write_bytes(b"".join(lines))
    code, outcome = offline(copy)
    assert (code, outcome["ok"], outcome["first_bad"], outcome["entries"]) == (1, False, 7, 6)


def test_a_cut_tail_is_found_even_with_a_manifest_made_to_fit(copy):
    path, manifest = copy / "audit.jsonl", copy / "manifest.json"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert "states 21 entries, the file holds 20" in verify_export(copy)["why"]
    stated = json.loads(manifest.read_text())
    stated["anchors"] = [{"seq": 21, "hash": json.loads(lines[-1])["hash"]}]
    manifest.write_text(json.dumps(stated))
    assert verify_export(copy)["first_bad"] == 21


def test_every_edited_byte_of_the_chain_is_found(copy):
    path = copy / "audit.jsonl"
    whole = path.read_bytes()
    random.seed(2)
    for _ in range(400):
        place = random.randrange(len(whole))
        edited = bytearray(whole)
        edited[place] ^= 1 << random.randrange(8)
        path.write_bytes(edited)
        outcome = verify_export(copy)
        assert not outcome["ok"], (place, whole[place - 20 : place + 20])
        line = whole[:place].count(b"\n") + 1
        assert outcome["first_bad"] in (line, line + 1, None), outcome


def test_every_mutated_export_is_refused_and_none_ends_in_a_traceback(copy):
    path = copy / "audit.jsonl"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    random.seed(3)

    def mutated() -> bytes:
        i, j = sorted(random.sample(range(len(lines)), 2))
        start = random.randrange(len(whole) - 1)
        return random.choice(
            [
                lambda: b"".join(lines[:i] + lines[i + 1 :]),
                lambda: b"".join([*lines[:i], lines[j], *lines[i:]]),
                lambda: b"".join([*lines[:i], lines[j], *lines[i + 1 : j], lines[i], *lines[j + 1 :]]),
                lambda: whole[:start] + random.randbytes(random.randrange(1, 9)) + whole[start:],
                lambda: whole[:start] + whole[start + random.randrange(1, 200) :],
                lambda: whole + random.choice([b"\n", b"{}\n", b"[" * 20_000, b"null\n", lines[0]]),
                lambda: b"".join([*lines[:i], lines[i].replace(b'"seq":', b'"seq": '), *lines[i + 1 :]]),
                lambda: b"".join([*lines[:i], lines[i].replace(b'"seq":', b'"seq":1,"seq":'), *lines[i + 1 :]]),
            ]
        )()

    for _ in range(1_000):
        path.write_bytes(mutation := mutated())
        outcome = verify_export(copy)
        assert (outcome["ok"], bool(outcome["why"])) == (False, True), mutation[:200]


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", "null", '{"entries": 21, "last_hash": 1, "sha256": 2, "anchors": [3]}', "[" * 9_999]
)
def test_a_manifest_that_is_none_is_refused(copy, manifest):
    (copy / "manifest.json").write_text(manifest)
    outcome = verify_export(copy)
    assert not outcome["ok"]
    assert outcome["why"].startswith("the export cannot be read")


@pytest.mark.parametrize("file", ["audit.jsonl", "manifest.json"])
def test_a_missing_file_is_refused(copy, file):
    (copy / file).unlink()
    assert not verify_export(copy)["ok"]


@pytest.mark.parametrize("field", ["entries", "last_hash", "sha256"])
def test_a_manifest_that_states_something_else_is_refused(copy, field):
    stated = json.loads((copy / "manifest.json").read_text())
    stated[field] = 5 if field == "entries" else "0" * 64
    (copy / "manifest.json").write_text(json.dumps(stated))
    outcome = verify_export(copy)
    assert (outcome["ok"], outcome["first_bad"]) == (False, None)
    assert "manifest" in outcome["why"]
