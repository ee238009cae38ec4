"""What the Explain page shows: made from core results, formatted only when drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.checks.limits import Limit
from core.checks.verdicts import Verdict
from core.explain.attribution_drift import AttributionDrift
from core.explain.explanation import Explanation
from core.log.schema import ModelSchema
from core.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainView:
    """Why a version scores as it does in a window.

    Attributes
    ----------
    explanation : Explanation or None
        None: not worked out yet; `job` does it in about `seconds`.
    drift : AttributionDrift or None
        Importance of the last units beside the reference's; `no_drift` says why there is none.
    verdict : Verdict or None
        Of the stored check of the window's last unit.
    limit : Limit
        Of that check.
    where, rows : str
        The filter of the rows as text, and in words.
    of_class : str
        The class that is explained; empty but for a multiclass model.
    """

    model: str
    version: str
    window: Window
    schema: ModelSchema
    explanation: Explanation | None
    drift: AttributionDrift | None
    no_drift: str
    verdict: Verdict | None
    limit: Limit
    where: str
    rows: str
    of_class: str
    job: Mapping[str, Any]
    seconds: float
