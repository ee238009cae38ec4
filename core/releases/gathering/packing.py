"""The counts that the numbers of a dossier came from, in one file that stays readable without the log.

A zip of stored parts: for each name ``<name>.binning`` and ``<name>.counts`` as the store itself keeps them. Counts by
protected group are left out: what of them may be shown stands in the document.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import CoreError
from core.profile.binning_format import pack_binning, unpack_binning
from core.profile.bins import Floats, Ints
from core.profile.layout import Layout
from core.profile.packed import pack, unpack

WITHHELD = ("group_", "pair_confusion:", "control_confusion:")
"""Beginnings of the names of blocks that count protected groups."""

BINNING, COUNTS = ".binning", ".counts"
_DATED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCounts:
    """The counts of one version in one window, or of its reference."""

    layout: Layout
    ints: Ints
    floats: Floats


def without_groups(counts: PackedCounts) -> PackedCounts:
    """Return the counts with those of protected groups as 0."""
    ints, floats = counts.ints.copy(), counts.floats.copy()
    for vector, blocks in ((ints, counts.layout.ints), (floats, counts.layout.floats)):
        for name, block in blocks.items():
            if name.startswith(WITHHELD):
                vector[..., block.start : block.stop] = 0
    return PackedCounts(layout=counts.layout, ints=ints, floats=floats)


def pack_profiles(parts: Mapping[str, PackedCounts]) -> bytes:
    """Return all parts as one file; the same counts always give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name, counts in sorted(parts.items()):
            kept = without_groups(counts)
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
