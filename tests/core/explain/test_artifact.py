import io
import json
import pickle
import zipfile

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from core.errors import BadInputError
from core.explain import artifact
from core.explain.artifact import ArtifactFormat, keep, kept_files, path_of, recognise


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    return LogisticRegression().fit(rng.normal(size=(50, 2)), rng.integers(0, 2, 50))


@pytest.fixture(scope="module")
def skops_file(fitted):
    return skops.io.dumps(fitted)


def rezipped(content: bytes, change) -> bytes:
    """Return the zip with its schema.json changed by `change`."""
    given, made = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for part in given.infolist():
            inside = given.read(part)
            packed.writestr(part.filename, change(inside) if part.filename == "schema.json" else inside)
    return made.getvalue()


def refusal(content: bytes, name: str = "model.bin") -> str:
    with pytest.raises(BadInputError) as refused:
        recognise(io.BytesIO(content), name)
    return str(refused.value)


def test_a_file_is_kept_by_its_content_for_the_owner_only_and_once(tmp_path, skops_file):
    source = tmp_path / "model.pkl"
    source.write_bytes(skops_file)
    kept = keep(source, tmp_path / "log")
    again = keep(source, tmp_path / "log")
    path = path_of(tmp_path / "log", kept.sha256)
    assert kept == again
    assert kept.format is ArtifactFormat.SKOPS
    assert path.read_bytes() == skops_file
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(kept_files(tmp_path / "log")) == [kept.sha256]
    assert len(list(path.parent.iterdir())) == 1


def test_a_refused_file_leaves_nothing_behind(tmp_path):
    source = tmp_path / "model.skops"
    source.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(BadInputError, match="is a pickle"):
        keep(source, tmp_path / "log")
    assert list((tmp_path / "log" / "artifacts").iterdir()) == []


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(BadInputError, match="not a file"):
        keep(tmp_path, tmp_path / "log")


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch, skops_file):
    monkeypatch.setattr(artifact, "LARGEST", 100)
    (tmp_path / "model").write_bytes(skops_file)
    with pytest.raises(BadInputError, match="larger than"):
        keep(tmp_path / "model", tmp_path / "log")


def test_no_path_is_made_of_what_is_no_digest(tmp_path):
    with pytest.raises(BadInputError, match="no sha256"):
        path_of(tmp_path, "../../etc/passwd")


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_of_every_protocol_is_refused_by_name(fitted, protocol):
    assert "is a pickle" in refusal(pickle.dumps(fitted, protocol=protocol))


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_a_joblib_file_is_refused_by_name_however_it_is_packed(fitted, tmp_path, compress):
    joblib.dump(fitted, tmp_path / "m", compress=compress)
    assert "joblib" in refusal((tmp_path / "m").read_bytes())


def test_an_lz4_joblib_file_is_refused_by_name():
    assert "lz4" in refusal(b"\x04\x22\x4d\x18" + bytes(40))


def test_a_pickle_inside_a_zip_is_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("archive/data.pkl", pickle.dumps([1]))
    assert "a zip with a pickle inside (archive/data.pkl)" in refusal(made.getvalue())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"PAR1" + bytes(50), "Parquet"),
        (b"hello world", "format that Watchroom does not know"),
        (b'{"a": 1}', "no XGBoost model"),
        (b'{"learner": ', "is none"),
        (b"[" * 10, "does not know"),
        (b"tree\nversion=v4\nnum_class=1\n", "cut off"),
        (b"{L\x00\x00 nothing }", "no XGBoost model"),
        (b"{L\x00\x00 learner", "cut off"),
        (b"PK\x03\x04 and no more", "damaged or cut-off zip"),
    ],
)
def test_foreign_and_damaged_files_are_refused_with_the_reason(content, told):
    assert told in refusal(content)


def test_a_truncated_skops_file_is_refused(skops_file):
    assert "damaged or cut-off zip" in refusal(skops_file[: len(skops_file) // 2])


def test_a_skops_file_with_a_changed_part_is_refused(skops_file):
    place = skops_file.index(b"\x93NUMPY") + 120
    broken = skops_file[:place] + bytes([skops_file[place] ^ 1]) + skops_file[place + 1 :]
    assert "Bad CRC-32" in refusal(broken)


def test_a_zip_without_a_schema_is_no_skops_file():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("a.txt", "b")
    assert "without schema.json" in refusal(made.getvalue())


def test_a_schema_that_is_no_json_is_refused(skops_file):
    assert "is no JSON" in refusal(rezipped(skops_file, lambda _: b"{"))


def test_a_skops_file_with_a_foreign_type_is_refused_by_its_name(skops_file):
    def foreign(schema: bytes) -> bytes:
        document = json.loads(schema)
        document["content"]["content"]["C"] = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}
        return json.dumps(document).encode()

    assert "the type os.system" in refusal(rezipped(skops_file, foreign))


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("schema.json", b" " * (64 * 2**20))
    assert "unpacks from" in refusal(made.getvalue())


def test_native_files_are_recognised_from_their_bytes(tmp_path):
    lightgbm, xgboost = pytest.importorskip("lightgbm"), pytest.importorskip("xgboost")
    rng = np.random.default_rng(0)
    columns, answers = rng.normal(size=(80, 2)), rng.integers(0, 2, 80)
    booster = xgboost.XGBClassifier(n_estimators=2).fit(columns, answers).get_booster()
    light = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(columns, answers).booster_
    found = [
        recognise(io.BytesIO(content), "m")
        for content in (booster.save_raw("json"), booster.save_raw("ubj"), light.model_to_string().encode())
    ]
    assert found == [ArtifactFormat.XGBOOST_JSON, ArtifactFormat.XGBOOST_UBJ, ArtifactFormat.LIGHTGBM]


def test_an_onnx_graph_is_recognised_and_a_cut_off_one_is_not(fitted):
    skl2onnx = pytest.importorskip("skl2onnx")
    content = skl2onnx.to_onnx(fitted, np.zeros((1, 2), np.float32)).SerializeToString()
    assert recognise(io.BytesIO(content), "m") is ArtifactFormat.ONNX
    assert "does not know" in refusal(content[:-30])
