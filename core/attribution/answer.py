"""The answer to "what changed": the parts of a change with everything that a page says beside them."""

from dataclasses import dataclass

from core.attribution.attribution import Change
from core.attribution.changes import SegmentChange
from core.attribution.measures import SELECTION, SHOWN_OF, VALUE
from core.attribution.shift import FEWEST_ROWS, not_of_rows
from core.inventory.records import VersionInfo
from core.log.schema import ModelSchema
from core.performance.maturity import Maturity
from core.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The change of a metric of one window against its reference, by the segments of one column.

    Attributes
    ----------
    columns : tuple of str
        The segment columns to choose from; empty when the model declares none.
    metrics : tuple of str
        The metrics to choose from, the one to begin with first.
    change : Change or None
        None with `why_not`: the metric cannot be split, or is not applicable.
    changes : tuple of SegmentChange
        The change of each segment alone where the whole cannot be split.
    maturity : Maturity
        Whether the labels of the window are complete.
    no_cause : str
        Why the covariate and the concept part cannot be worked out, as far as counts can tell; else empty.
    n_reference, n_current : int
        Rows of both sides.
    compared : str
        The reference in unit labels where it is a window of the log; else empty.
    """

    version: VersionInfo
    schema: ModelSchema
    window: Window
    columns: tuple[str, ...]
    metrics: tuple[str, ...]
    column: str
    metric: str
    change: Change | None
    changes: tuple[SegmentChange, ...]
    why_not: str
    no_cause: str
    maturity: Maturity
    n_reference: int
    n_current: int
    compared: str
    removed: str
    provenance_id: str


def offered_metrics(schema: ModelSchema) -> tuple[str, ...]:
    """Return the metrics to choose from: losses of probabilities only, worth only where a value model is declared."""
    hidden = {VALUE} if schema.value is None or schema.task == "multiclass" else set()
    if schema.score_kind == "ranking":
        hidden |= {"log_loss", "brier_score", "ece"}
    return tuple(name for name in SHOWN_OF[schema.task] if name not in hidden)


def no_cause(schema: ModelSchema, metric: str, known: tuple[list[int], list[int]]) -> str:
    """Return why rows cannot tell the inputs from the relation: too few of them, or a metric that is not of rows.

    Parameters
    ----------
    known : rows, and rows with an actual, of the reference and of the window
    """
    why = not_of_rows(metric, schema.task)
    if why:
        return why
    for name, (n_rows, n_labelled) in zip(("reference", "window"), known, strict=True):
        n, what = (n_rows, "rows") if metric == SELECTION else (n_labelled, "rows with an actual")
        if n < FEWEST_ROWS:
            return f"the {name} has {n:,} {what}; at least {FEWEST_ROWS} are wanted to tell inputs from relation"
    return ""
