"""A result of long work, with everything that says what it is a result of: so that it is never computed twice."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import pyarrow as pa


class AnalysisKind(StrEnum):
    """What was worked out."""

    EXPLANATION = "explanation"
    WORST_SEGMENTS = "worst_segments"
    SHIFT = "shift"
    MULTIVARIATE = "multivariate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A stored result.

    Attributes
    ----------
    parameters : mapping
        Plain JSON: what was asked.
    data_version : str
        Hash of what it was computed from: profiles of the units, reference, artefact.
    document : mapping
        Plain JSON: the result.
    table : pa.Table or None
        The rows of the result, where it has many.
    seconds : float
        How long the work took.
    """

    kind: AnalysisKind
    version_id: int
    parameters: Mapping[str, Any]
    data_version: str
    document: Mapping[str, Any]
    table: pa.Table | None
    created_at: datetime
    seconds: float

    @property
    def key(self) -> str:
        """The id under which it is stored."""
        return analysis_key(self.kind, self.version_id, self.parameters, self.data_version)


def analysis_key(kind: AnalysisKind, version_id: int, parameters: Mapping[str, Any], data_version: str) -> str:
    """Return the id of a result: the sha256 of what was asked of which state of the log, 64 hexadecimal digits.

    >>> len(analysis_key(AnalysisKind.SHIFT, 1, {"window": "2013-07-01..2013-07-08"}, "abc"))
    64
    """
    asked = json.dumps([kind.value, version_id, parameters, data_version], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(asked.encode()).hexdigest()
