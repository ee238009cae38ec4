"""A model's file: recognised from its bytes, refused where it is not one of four formats, kept by its content.

Nothing here opens a model: bytes are looked at, a zip's directory and its JSON are read. See `core.explain.sandbox`.
"""

import hashlib
import json
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from core.errors import BadInputError
from core.explain.pickled import HEAD, PACKED_HEAD, joblib_words, pickle_words
from core.explain.protobuf import is_onnx
from core.explain.skops_types import foreign

FOLDER = "artifacts"
"""Folder beside a model's log in which its files stand, named by their sha256."""
LARGEST = 2**30
UNPACKED_MOST = 2**30
SCHEMA_MOST = 256 * 2**20
RATIO_MOST, RATIO_FROM = 100, 32 * 2**20
CHUNK = 2**20
OPENS = "Watchroom opens skops files, XGBoost and LightGBM native model files, and ONNX"
NEVER = "opening it would run whatever code is in it; save the model with skops.io.dump, or in the library's own format"
OTHERS = (
    (b"\x89HDF", "an HDF5 file (Keras)"),
    (b"CBM1", "a CatBoost file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"PAR1", "a Parquet file: a table and no model"),
    (b"<?xml", "an XML file (PMML?)"),
    (b"\x7fELF", "a program"),
)


class ArtifactFormat(StrEnum):
    """The formats that are opened."""

    SKOPS = "skops"
    XGBOOST_JSON = "xgboost-json"
    XGBOOST_UBJ = "xgboost-ubj"
    LIGHTGBM = "lightgbm"
    ONNX = "onnx"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArtifact:
    """A file as it is kept: its digest, its format and its size in bytes."""

    sha256: str
    format: ArtifactFormat
    n_bytes: int


def path_of(log_dir: Path, sha256: str) -> Path:
    """Return where the file of this digest stands.

    Raises
    ------
    BadInputError
        When `sha256` is not a digest.
    """
    if re.fullmatch(r"[0-9a-f]{64}", sha256) is None:
        raise BadInputError(f"'{sha256[:80]}' is no sha256 of a model file.")
    return log_dir / FOLDER / sha256


def keep(source: Path, log_dir: Path) -> KeptArtifact:
    """Keep a copy of a model file under its sha256; the same file again changes nothing.

    Written beside, checked as written, synced, then renamed: a crash leaves no half file under a digest.

    Raises
    ------
    BadInputError
        When it is no file, too large, or not one of the formats that are opened.
    """
    _refuse_no_file(source)
    folder = log_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".taking-")  # mode 0600
    beside = Path(name)
    try:
        with source.open("rb") as taken, os.fdopen(handle, "wb") as kept:
            digest = _copied(taken, kept)
        with beside.open("rb") as stream:
            found = recognise(stream, source.name)
        size = beside.stat().st_size
        beside.replace(folder / digest)
    finally:
        beside.unlink(missing_ok=True)  # gone already when it was renamed
    _sync_folder(folder)
    return KeptArtifact(sha256=digest, format=found, n_bytes=size)


def _refuse_no_file(source: Path) -> None:
    if not source.is_file():
        raise BadInputError(f"The artefact {source} is not a file; give the path of the saved model.")
    if source.stat().st_size > LARGEST:
        raise BadInputError(f"The artefact {source.name} is larger than {LARGEST // 2**20:,} MiB.")


def _copied(taken: IO[bytes], kept: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := taken.read(CHUNK):
        digest.update(chunk)
        kept.write(chunk)
    kept.flush()
    os.fsync(kept.fileno())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def recognise(stream: IO[bytes], name: str) -> ArtifactFormat:
    """Return the format of a model file, from its bytes and never from its name.

    Parameters
    ----------
    stream : the file, opened for reading bytes, seekable
    name : str
        What a person calls the file: for the sentence of a refusal.

    Raises
    ------
    BadInputError
        When the file is a pickle or a joblib file (also packed, or inside a zip), damaged, or of no known format.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(HEAD)
    if not head:
        raise BadInputError(f"The artefact {name} is empty.")
    _refuse_pickle(head, stream, name)
    if head.startswith(b"PK"):
        return _skops(stream, name)
    _refuse_others(head, name)
    stream.seek(max(0, size - HEAD))
    tail = stream.read(HEAD)
    stream.seek(0)
    return _plain(stream, head, tail, name)


def _refuse_pickle(head: bytes, stream: IO[bytes], name: str) -> None:
    what = pickle_words(head)
    if what is None:
        stream.seek(0)
        what = joblib_words(stream.read(PACKED_HEAD))
    if what is not None:
        raise BadInputError(f"The artefact {name} is {what}; {NEVER}.")


def _refuse_others(head: bytes, name: str) -> None:
    for start, what in OTHERS:
        if head.startswith(start):
            raise BadInputError(f"The artefact {name} is {what}; {OPENS}.")


def _plain(stream: IO[bytes], head: bytes, tail: bytes, name: str) -> ArtifactFormat:
    if re.match(rb"tree\r?\nversion=v\d", head):
        if b"end of trees" not in tail and b"\nend of parameters" not in tail:
            raise BadInputError(f"The artefact {name} is a LightGBM model that is cut off before its end.")
        return ArtifactFormat.LIGHTGBM
    if head[:1] == b"{" and head[1:2] in b"Li#":
        if b"learner" not in head:
            raise BadInputError(f"The artefact {name} is UBJSON, but no XGBoost model; {OPENS}.")
        if tail[-1:] != b"}":
            raise BadInputError(f"The artefact {name} is an XGBoost model that is cut off before its end.")
        return ArtifactFormat.XGBOOST_UBJ
    if head.lstrip()[:1] == b"{":
        return _xgboost_json(stream, name)
    if is_onnx(stream):
        return ArtifactFormat.ONNX
    raise BadInputError(f"The artefact {name} is of a format that Watchroom does not know; {OPENS}.")


def _xgboost_json(stream: IO[bytes], name: str) -> ArtifactFormat:
    try:
        document = json.loads(stream.read())
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"The artefact {name} begins like JSON and is none ({error}); is it cut off?") from None
    if "learner" not in document or "version" not in document:
        raise BadInputError(f"The artefact {name} is JSON, but no XGBoost model; {OPENS}.")
    return ArtifactFormat.XGBOOST_JSON


def _skops(stream: IO[bytes], name: str) -> ArtifactFormat:
    try:
        with zipfile.ZipFile(stream) as packed:
            refuse_large(packed, name)
            _refuse_pickles_inside(packed, name)
            schema = skops_schema(packed, name)
            damaged = packed.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadInputError(f"The artefact {name} is a damaged or cut-off zip file ({error}).") from None
    if damaged is not None:
        raise BadInputError(f"The artefact {name} is damaged: Bad CRC-32 of its part {damaged}.")
    found = foreign(schema)
    if found is not None:
        raise BadInputError(
            f"The artefact {name} holds {found}, which is not on Watchroom's list of types; only scikit-learn's own "
            "pipelines, encoders and estimators, LightGBM and XGBoost are opened."
        )
    return ArtifactFormat.SKOPS


def refuse_large(packed: zipfile.ZipFile, name: str) -> None:
    """Refuse a zip by what its directory says that it unpacks to, before anything is read.

    Raises
    ------
    BadInputError
        Above 1 GiB, or above 32 MiB and a hundred times its packed size: a zip bomb.
    """
    unpacked = sum(part.file_size for part in packed.infolist())
    taken = sum(part.compress_size for part in packed.infolist())
    if unpacked > UNPACKED_MOST or (unpacked > RATIO_FROM and unpacked > RATIO_MOST * taken):
        raise BadInputError(
            f"The artefact {name} unpacks from {taken:,} to {unpacked:,} bytes: more than Watchroom reads from a zip "
            f"(at most {UNPACKED_MOST // 2**20:,} MiB, and {RATIO_MOST} times its size)."
        )


def _refuse_pickles_inside(packed: zipfile.ZipFile, name: str) -> None:
    for part in packed.infolist():
        with packed.open(part) as inside:
            what = pickle_words(inside.read(HEAD))
        if what is None and Path(part.filename).suffix.lower() in (".pkl", ".pickle", ".joblib"):
            what = "a pickle"
        if what is not None:
            raise BadInputError(f"The artefact {name} is a zip with {what} inside ({part.filename[:80]}); {NEVER}.")


def skops_schema(packed: zipfile.ZipFile, name: str) -> Any:
    """Return the parsed ``schema.json`` of a skops file.

    Raises
    ------
    BadInputError
        When there is none, or it is too large or no JSON.
    """
    try:
        part = packed.getinfo("schema.json")
    except KeyError:
        raise BadInputError(f"The artefact {name} is a zip without schema.json, so no skops file; {OPENS}.") from None
    if part.file_size > SCHEMA_MOST:
        raise BadInputError(f"The artefact {name} has a schema.json of {part.file_size:,} bytes: too large.")
    try:
        return json.loads(packed.read(part))
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"The artefact {name} has a schema.json that is no JSON ({error}).") from None


def kept_files(log_dir: Path) -> Iterator[str]:
    """Yield the digests of the files that are kept for a model."""
    folder = log_dir / FOLDER
    if folder.is_dir():
        yield from sorted(path.name for path in folder.iterdir() if re.fullmatch(r"[0-9a-f]{64}", path.name))
