"""The counts that the numbers of a dossier came from, in one file that stays readable without the log.

A zip of stored parts: for each name ``<name>.binning`` and ``<name>.counts`` as the store itself keeps them. Every
count of a protected column is left out: what of its groups may be shown stands in the document.
"""

import io
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import CoreError
from core.profile.binning_format import pack_binning, unpack_binning
from core.profile.bins import Floats, Ints
from core.profile.layout import Layout
from core.profile.packed import pack, unpack

WITHHELD = ("group_", "pair_confusion:", "control_confusion:")
"""Beginnings of the names of blocks that count protected groups."""

OF_FEATURE, BY_SEGMENT = ("feature", "decimals", "cells", "tails"), ("segment_", "cells:")
"""Kinds of the blocks of one feature; beginnings of the names of blocks whose first axis are segments."""

BINNING, COUNTS = ".binning", ".counts"
_DATED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCounts:
    """The counts of one version in one window, or of its reference."""

    layout: Layout
    ints: Ints
    floats: Floats


def without_groups(counts: PackedCounts, protected: Collection[str]) -> PackedCounts:
    """Return the counts with those of protected groups as 0, also where their column is a feature or makes segments."""
    ints, floats = counts.ints.copy(), counts.floats.copy()
    features = {f"{kind}:{name}" for kind in OF_FEATURE for name in protected}
    segments = [place for place, one in enumerate(counts.layout.binning.segments) if one.column in protected]
    for vector, blocks in ((ints, counts.layout.ints), (floats, counts.layout.floats)):
        for name, block in blocks.items():
            if name.startswith(WITHHELD) or name in features:
                vector[block.start : block.stop] = 0
            elif name.startswith(BY_SEGMENT):
                vector[block.start : block.stop].reshape(block.shape)[segments] = 0
    return PackedCounts(layout=counts.layout, ints=ints, floats=floats)


def pack_profiles(parts: Mapping[str, PackedCounts], protected: Collection[str]) -> bytes:
    """Return all parts as one file, without any count of a protected column; the same counts give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name, counts in sorted(parts.items()):
            kept = without_groups(counts, protected)
            packed.writestr(zipfile.ZipInfo(name + BINNING, _DATED), pack_binning(kept.layout.binning))
            packed.writestr(zipfile.ZipInfo(name + COUNTS, _DATED), pack(kept.ints, kept.floats))
    return target.getvalue()


def unpack_profiles(blob: bytes) -> dict[str, PackedCounts]:
    """Return the parts of a file by name.

    Raises
    ------
    CoreError
        When the file is damaged.
    """
    found = {}
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as packed:
            held = {name: packed.read(name) for name in packed.namelist()}
    except (zipfile.BadZipFile, OSError):
        raise CoreError("The packed profiles of this evidence are damaged.") from None
    for name in sorted(held):
        if name.endswith(COUNTS):
            part = name.removesuffix(COUNTS)
            ints, floats = unpack(held[name])
            layout = Layout(unpack_binning(held[part + BINNING]))
            found[part] = PackedCounts(layout=layout, ints=np.asarray(ints), floats=np.asarray(floats))
    return found
