import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.access.service import add_person
from core.audit.offline import manifest_bytes, signature_holds, verify_export
from core.audit.service import export
from core.audit.signing import new_key, public_of, signature_of
from core.store import anchors
from tests.mutated_exports import mutants, written


@pytest.fixture(scope="module")
def exported(tmp_path_factory, empty_home) -> Path:
    from core.access.principal import LOCAL
    from core.store.database import open_store

    folder = tmp_path_factory.mktemp("export")
    store = open_store(Path(shutil.copytree(empty_home, folder / "home")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchors, "EVERY_ENTRIES", 8)
        add_people(store, LOCAL)
    export(store, LOCAL, folder / "out")
    store.engine.dispose()
    return folder / "out"


def add_people(store, principal) -> None:
    for n in range(20):
        add_person(store, principal, f"Zoë {n} 'é'", ["viewer", "owner"])


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
    code, outcome = offline(copy)
    key = (copy / "anchor.pub").read_text().strip()
    assert (code, outcome) == (
        0,
        {"ok": True, "entries": 21, "first_bad": None, "why": "", "key": key, "key_given": False},
    )
    assert [anchor["seq"] for anchor in manifest_of(copy)["anchors"]] == [1, 9, 17]


def test_the_folder_and_the_key_can_be_named(copy, tmp_path):
    key = (copy / "anchor.pub").read_text().strip()
    assert offline(copy, str(tmp_path))[0] == 1
    assert offline(copy, str(copy), "--key", key) == (0, offline(copy)[1] | {"key_given": True})
    for other in (public_of(new_key()), "", key[:-1]):
        code, outcome = offline(copy, "--key", other)
        assert (code, outcome["why"]) == (1, "the export is signed by another key than the one given")


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def resigned(folder: Path, private: bytes, **changed) -> None:
    """Write the manifest anew with a key of one's own, as a forger does who has read this program."""
    stated = manifest_of(folder) | changed | {"key": public_of(private)}
    stated["signature"] = signature_of(private, "export", stated)
    (folder / "manifest.json").write_bytes(manifest_bytes(stated))
    (folder / "anchor.pub").write_text(stated["key"] + "\n")


def test_an_export_signed_anew_by_a_forger_still_fails_at_its_anchors(copy):
    forger = new_key()
    resigned(copy, forger)
    assert verify_export(copy)["why"] == "the anchor of entry 1 is not signed by the export's key"


def test_a_forger_who_signs_everything_is_caught_by_the_key_and_only_by_it(copy):
    # the guard of --key: without it nothing could find this
    key, forger = (copy / "anchor.pub").read_text().strip(), new_key()
    stated = manifest_of(copy)["anchors"]
    resigned(copy, forger, anchors=[one | {"signature": signature_of(forger, "anchor", one)} for one in stated])
    assert verify_export(copy)["ok"]
    assert not verify_export(copy, key)["ok"]


def test_unsigned_anchors_count_only_when_they_are_older_than_every_signed_one(copy):
    private = new_key()
    old = [one | {"signature": ""} for one in manifest_of(copy)["anchors"]]
    resigned(copy, private, anchors=old)
    assert verify_export(copy)["ok"]
    first = old[0] | {"signature": signature_of(private, "anchor", old[0])}
    resigned(copy, private, anchors=[first, *old[1:]])
    assert verify_export(copy)["why"] == "the anchor of entry 9 is not signed by the export's key"


def test_two_anchors_that_contradict_each_other_are_a_break(copy):
    private = new_key()
    one = manifest_of(copy)["anchors"][1] | {"signature": ""}
    resigned(copy, private, anchors=[one, one | {"hash": "0" * 64}])
    outcome = verify_export(copy)
    assert (outcome["ok"], outcome["first_bad"]) == (False, 9)


def test_an_edited_byte_is_found_at_its_entry(copy):
    path = copy / "audit.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[6] = lines[6].replace(b'"actor":"local"', b'"actor":"locaI"')
    path.write_bytes(b"".join(lines))
    code, outcome = offline(copy)
    assert (code, outcome["ok"], outcome["first_bad"], outcome["entries"]) == (1, False, 7, 6)


def test_a_cut_tail_is_found_even_with_a_manifest_made_to_fit(copy):
    path = copy / "audit.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert "states 21 entries, the file holds 20" in verify_export(copy)["why"]
    path.write_bytes(b"".join(lines[:-5]))
    stated, kept = manifest_of(copy), json.loads(lines[15])
    resigned(copy, new_key(), entries=16, last_hash=kept["hash"])
    assert (verify_export(copy)["first_bad"], stated["entries"]) == (17, 21)


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


def test_no_mutated_export_is_ok_and_none_ends_in_a_traceback(copy):
    whole = {name: (copy / name).read_bytes() for name in ("audit.jsonl", "manifest.json", "anchor.pub")}
    there = whole
    for mutant in mutants(whole, random.Random(3), 3_000):
        there = written(copy, mutant, there)
        outcome = verify_export(copy)
        assert (outcome["ok"], bool(outcome["why"])) == (False, True), {
            name: mutant[name] for name in whole if mutant[name] != whole[name]
        }


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", "null", '{"entries": 21, "last_hash": 1, "sha256": 2, "anchors": [3]}', "[" * 9_999]
)
def test_a_manifest_that_is_none_is_refused(copy, manifest):
    (copy / "manifest.json").write_text(manifest)
    outcome = verify_export(copy)
    assert not outcome["ok"]
    assert outcome["why"].startswith("the export cannot be read")


@pytest.mark.parametrize("file", ["audit.jsonl", "manifest.json", "anchor.pub"])
def test_a_missing_file_is_refused(copy, file):
    (copy / file).unlink()
    assert not verify_export(copy)["ok"]


@pytest.mark.parametrize("field", ["entries", "last_hash", "sha256", "format", "exported_by"])
def test_a_manifest_that_states_something_else_is_refused(copy, field):
    stated = manifest_of(copy)
    stated[field] = 5 if field == "entries" else "0" * 64
    (copy / "manifest.json").write_bytes(manifest_bytes(stated))
    outcome = verify_export(copy)
    assert (outcome["ok"], outcome["first_bad"]) == (False, None)
    assert "manifest" in outcome["why"] or "reads watchroom" in outcome["why"]


# Ed25519


def test_the_checker_agrees_with_cryptography_on_signed_texts_of_every_length():
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    for n in [*range(40), 127, 128, 129, 1_000]:
        text = random.randbytes(n)
        signature = key.sign(text).hex()
        assert signature_holds(public, text, signature)
        assert not signature_holds(public, text + b"x", signature)


def test_the_checker_agrees_with_cryptography_on_tampered_ones():
    draw = random.Random(5)
    agreed = {True: 0, False: 0}
    for _ in range(300):
        key = Ed25519PrivateKey.generate()
        public, text = key.public_key().public_bytes_raw(), draw.randbytes(draw.randrange(60))
        parts = [bytearray(public), bytearray(text), bytearray(key.sign(text))]
        for _ in range(draw.choice([0, 1, 1, 1, 3])):
            part = draw.choice([part for part in parts if part])
            part[draw.randrange(len(part))] ^= 1 << draw.randrange(8)
        held = by_cryptography(*map(bytes, parts))
        assert signature_holds(parts[0].hex(), bytes(parts[1]), parts[2].hex()) is held
        agreed[held] += 1
    assert min(agreed.values()) > 40


def by_cryptography(public: bytes, text: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


# RFC 8032, section 7.1: TEST 1, 2 and 3, and TEST SHA(abc)
@pytest.mark.parametrize(
    ("public", "text", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
            "be24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
            "2aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e"
            "d28dc027beceea1ec40a",
        ),
    ],
)
def test_the_examples_of_the_standard_hold(public, text, signature):
    assert signature_holds(public, bytes.fromhex(text), signature)


def test_a_signature_whose_number_is_not_the_smallest_is_refused():
    # S + L satisfies the same equation: whoever accepts it accepts a second signature of the same text
    from core.audit.offline import ORDER

    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw().hex(), key.sign(b"text")
    larger = int.from_bytes(signature[32:], "little") + ORDER
    assert signature_holds(public, b"text", signature.hex())
    assert not signature_holds(public, b"text", (signature[:32] + larger.to_bytes(32, "little")).hex())


@pytest.mark.parametrize("public", ["", "zz" * 32, "ff" * 32, "ED" + "ff" * 30 + "7f", "02" + "00" * 31])
def test_what_is_no_point_of_the_curve_is_no_key(public):
    assert not signature_holds(public, b"", "00" * 64)
