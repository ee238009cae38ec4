"""A binning as bytes and back: a JSON part for names, a raw part for numbers, Zstandard around both."""

import hashlib
import json
import struct
import zlib
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import CoreError
from core.profile.binning import KERNEL_VERSION, Binning, Segment
from core.profile.bins import Bins, CategoricalBins, Floats, NumericBins
from core.profile.group_columns import GroupColumn

MAGIC = b"WRBN"
HEADER = struct.Struct("<4sBxxxII")
"""Magic, format, bytes before compression, checksum of the rest."""
FORMAT = 1

GRIDS = ("score_edges", "segment_score_edges", "class_edges", "error_edges")
PLAIN = ("score_kind", "threshold", "weight", "provisional", "task", "actual_centre", "latency", "error", "amount")
LISTS = ("segment_features", "left_out", "classes", "class_sources", "shap", "shap_sources")


def pack_binning(binning: Binning) -> bytes:
    """Return a binning as bytes; `unpack_binning` gives it back exactly."""
    whole = content(binning)
    packed: bytes = pa.Codec("zstd", compression_level=9).compress(whole, asbytes=True)
    return HEADER.pack(MAGIC, FORMAT, len(whole), zlib.crc32(packed)) + packed


def unpack_binning(blob: bytes) -> Binning:
    """Return the binning written by `pack_binning`, with the id that its content gives.

    Raises
    ------
    CoreError
        When the blob is damaged or was written by another program.
    """
    damaged = CoreError("A stored binning is damaged; set the version's reference again with watchroom version add.")
    if len(blob) < HEADER.size:
        raise damaged
    magic, written, size, checksum = HEADER.unpack_from(blob)
    packed = memoryview(blob)[HEADER.size :]
    if magic != MAGIC or written != FORMAT or zlib.crc32(packed) != checksum:
        raise damaged
    try:
        whole = pa.Codec("zstd").decompress(packed, decompressed_size=size, asbytes=True)
    except (pa.ArrowException, OSError):
        raise damaged from None
    return _read(whole)


def content(binning: Binning) -> bytes:
    """Return everything but the id, in one canonical form; its sha256 is the id."""
    numbers: list[Floats] = [getattr(binning, name) for name in GRIDS]
    described = {
        "kernel": KERNEL_VERSION,
        "features": [[name, _described(bins, numbers)] for name, bins in binning.features.items()],
        "sources": list(binning.sources.items()),
        "segments": [[one.column, one.level, one.missing] for one in binning.segments],
        "groups": [[one.name, one.source, one.cuts, one.levels] for one in binning.group_columns],
        "ranges": list(binning.ranges.items()),
        "categories": [[name, sorted(levels)] for name, levels in binning.categories.items()],
    }
    described |= {name: getattr(binning, name) for name in (*PLAIN, *LISTS)}
    described["lengths"] = [len(part) for part in numbers]
    text = json.dumps(described, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return struct.pack("<I", len(text)) + text + b"".join(part.astype("<f8").tobytes() for part in numbers)


def _described(bins: Bins, numbers: list[Floats]) -> dict[str, Any]:
    if isinstance(bins, CategoricalBins):
        levels = {"levels": bins.levels, "rest": sorted(bins.rest)}
        return {**levels, "names": bins.cell_names, "new": bins.is_new_cell.tolist()}
    numbers += [bins.edges, bins.reference_mean]
    return {
        "single": np.flatnonzero(bins.is_atom).tolist(),
        "cell": bins.cell.tolist(),
        "names": bins.cell_names,
        "new": bins.is_new_cell.tolist(),
        "centre": bins.centre,
        "scale": bins.scale,
        "constant": bins.constant,
    }


def _read(whole: bytes) -> Binning:
    (length,) = struct.unpack_from("<I", whole)
    described = json.loads(whole[4 : 4 + length])
    if described["kernel"] != KERNEL_VERSION:
        raise CoreError("The profiles were made by another version of Watchroom; run watchroom init to make them anew.")
    flat = np.frombuffer(whole[4 + length :], "<f8").astype(np.float64)
    parts = iter(np.split(flat, np.cumsum(described["lengths"])[:-1]))
    rest: dict[str, Any] = {name: next(parts) for name in GRIDS}
    rest |= {name: described[name] for name in PLAIN} | {name: tuple(described[name]) for name in LISTS}
    features: dict[str, Bins] = {}
    for name, one in described["features"]:
        features[name] = _categorical(one) if "levels" in one else _numeric(one, next(parts), next(parts))
    return Binning(
        id=hashlib.sha256(whole).hexdigest(),
        features=features,
        sources=dict(described["sources"]),
        segments=tuple(Segment(column, level, missing) for column, level, missing in described["segments"]),
        group_columns=tuple(_group(*one) for one in described["groups"]),
        ranges={name: (low, high) for name, (low, high) in described["ranges"]},
        categories={name: frozenset(levels) for name, levels in described["categories"]},
        **rest,
    )


def _group(name: str, source: str, cuts: list[float] | None, levels: list[str]) -> GroupColumn:
    return GroupColumn(name=name, source=source, cuts=None if cuts is None else tuple(cuts), levels=tuple(levels))


def _categorical(one: dict[str, Any]) -> CategoricalBins:
    return CategoricalBins(
        levels=tuple(one["levels"]),
        rest=frozenset(one["rest"]),
        n_cells=len(one["names"]),
        cell_names=tuple(one["names"]),
        is_new_cell=np.array(one["new"], np.bool_),
    )


def _numeric(one: dict[str, Any], edges: Floats, reference_mean: Floats) -> NumericBins:
    single = np.zeros(edges.size + 1, np.bool_)
    single[one["single"]] = True
    return NumericBins(
        edges=edges,
        is_atom=single,
        cell=np.array(one["cell"], np.int16),
        n_cells=len(one["names"]),
        cell_names=tuple(one["names"]),
        is_new_cell=np.array(one["new"], np.bool_),
        centre=one["centre"],
        reference_mean=reference_mean,
        scale=one["scale"],
        constant=one["constant"],
    )
