"""What a binning is made for: the columns, the segments and the score, as the schema declares them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.log.columns import NUMBER, ColumnIds, storages
from core.log.contract import Contract
from core.log.schema import ModelSchema
from core.profile.binning import BINARY

DEFAULT_SEGMENT_FEATURES = 20


NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """A protected column as declared.

    Attributes
    ----------
    source : str
        Internal id.
    numeric : bool
    cuts : tuple of float or None
        Cut points of a numeric column; None: the quartiles of the reference.
    """

    name: str
    source: str
    numeric: bool = False
    cuts: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The part of a model's schema (and contract) that decides how its rows are counted.

    Attributes
    ----------
    kinds : mapping of str to str
        ``numeric`` or ``categorical`` by the user's feature name, in order of declaration.
    sources : mapping of str to str
        Internal column id of every feature and segment column.
    segments : tuple of str
        Declared segment columns.
    automatic_segments : tuple of str
        Columns that become segments when the reference holds at most 10 values of them.
    segment_features : tuple of str or None
        None: the 20 with the largest `importance`, else the first 20.
    importance : mapping of str to float
    score_kind : str
        ``probability`` or ``ranking``.
    threshold : float or None
        The decision's; ``score >= threshold``.
    thresholds : tuple of float
        Further ones that must be exact in the score grid.
    weight : str or None
        Internal id of the weight column.
    ranges, categories
        Contract rules whose violations are counted; see `Binning`.
    provisional : bool
    task : str
        ``binary``, ``multiclass`` or ``regression``.
    classes : tuple of str
        Multiclass: in order of declaration.
    class_sources : tuple of str
        Internal ids of the columns that hold the score of each class.
    latency, error, amount : str or None
        Internal ids; see `Binning`.
    groups : tuple of GroupPlan
        Protected columns in order of declaration.
    shap : mapping of str to str
        Internal id of the column of SHAP values, by feature, in order of declaration.
    """

    kinds: Mapping[str, str]
    sources: Mapping[str, str]
    segments: tuple[str, ...] = ()
    automatic_segments: tuple[str, ...] = ()
    segment_features: tuple[str, ...] | None = None
    importance: Mapping[str, float] = field(default_factory=dict)
    score_kind: str = "probability"
    threshold: float | None = None
    thresholds: tuple[float, ...] = ()
    weight: str | None = None
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    categories: Mapping[str, frozenset[str]] = field(default_factory=dict)
    provisional: bool = False
    task: str = BINARY
    classes: tuple[str, ...] = ()
    class_sources: tuple[str, ...] = ()
    latency: str | None = None
    error: str | None = None
    amount: str | None = None
    groups: tuple[GroupPlan, ...] = ()
    shap: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_thresholds(self) -> tuple[float, ...]:
        """Every declared threshold; none but a binary model has any."""
        if self.task != BINARY:
            return ()
        return (*(() if self.threshold is None else (self.threshold,)), *self.thresholds)

    @property
    def columns(self) -> tuple[str, ...]:
        """Internal ids of the columns that counting needs beside score, decision, actual and intake_at."""
        single = (self.weight, self.latency, self.error, self.amount)
        groups = (one.source for one in self.groups)
        named = (*self.sources.values(), *groups, *self.class_sources, *(one for one in single if one is not None))
        return tuple(dict.fromkeys(named))


def chosen_segment_features(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the features counted per segment, and sentences on what that leaves out.

    >>> chosen_segment_features(Plan(kinds={"a": "numeric"}, sources={"a": "f_0001"}))
    (('a',), ())
    """
    if plan.segment_features is not None:
        return plan.segment_features, ()
    order = {name: place for place, name in enumerate(plan.kinds)}
    ranked = sorted(order, key=lambda name: (-plan.importance.get(name, 0.0), order[name]))
    chosen = sorted(ranked[:DEFAULT_SEGMENT_FEATURES], key=order.__getitem__)
    left = len(ranked) - len(chosen)
    if left == 0:
        return tuple(chosen), ()
    return tuple(chosen), (
        f"{left} of {len(ranked)} features are not counted by segment (the {DEFAULT_SEGMENT_FEATURES} most important "
        "are); name others under segment_features in model.yaml.",
    )


def plan_of(
    schema: ModelSchema,
    ids: ColumnIds,
    contract: Contract | None,
    *,
    provisional: bool = False,
    shap: Mapping[str, str] = NOTHING,
) -> Plan:
    """Return what a schema, its column ids and the accepted contract say about counting.

    The request's source and its version of the feature definitions become segment columns by themselves when the
    reference holds at most 10 of them; a protected column never does.

    Parameters
    ----------
    shap : mapping of str to str
        Internal id of the column of SHAP values, of the features that the log has one for.
    """
    features = schema.features
    automatic = tuple(n for n in (schema.source, schema.feature_set) if n is not None and n not in schema.protected)
    named = dict.fromkeys((*features, *schema.segments, *automatic))
    known = frozenset(features)
    return Plan(
        kinds={name: feature.kind for name, feature in features.items()},
        sources={name: ids[name] for name in named},
        segments=schema.segments,
        automatic_segments=automatic,
        segment_features=schema.segment_features,
        importance={name: one.importance for name, one in features.items() if one.importance is not None},
        score_kind=schema.score_kind,
        threshold=schema.threshold,
        weight=None if schema.weight is None else ids[schema.weight],
        ranges={} if contract is None else {n: r for n, r in contract.ranges.items() if n in known},
        categories={} if contract is None else {n: r for n, r in contract.categories.items() if n in known},
        provisional=provisional,
        task=schema.task,
        classes=schema.classes,
        class_sources=tuple(ids[name] for name in schema.class_columns),
        latency=None if schema.latency_ms is None else ids[schema.latency_ms],
        error=None if schema.error is None else ids[schema.error],
        amount=None if schema.amount is None or schema.task != BINARY else ids[schema.amount],
        groups=_groups(schema, ids),
        shap={name: shap[name] for name in features if name in shap},
    )


def _groups(schema: ModelSchema, ids: ColumnIds) -> tuple[GroupPlan, ...]:
    stored, bands = storages(schema), schema.group_bands
    return tuple(
        GroupPlan(name=name, source=ids[name], numeric=stored[name] == NUMBER, cuts=bands.get(name))
        for name in schema.protected
    )
