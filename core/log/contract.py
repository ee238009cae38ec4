"""The semantic contract of a version: ranges, categories, missing shares; written as Open Data Contract Standard.

A row that breaks a semantic rule was scored all the same: it is accepted, profiled and counted as
a violation. Only a rule that says ``on_violation: quarantine`` keeps rows out of the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from core.errors import BadInputError
from core.log.coercion.texts import as_level
from core.log.columns import ColumnIds
from core.log.consistency import LARGEST
from core.log.names import name_fault, same_name, shown
from core.log.plain_yaml import read_yaml, write_yaml
from core.log.schema import ModelSchema

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

API_VERSION = "v3.1.0"
MAX_LEVELS = 1_000
"""A category with more levels than this in the reference gets no list."""
COUNT, QUARANTINE = "count", "quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRule:
    """What a contract says of one feature; None leaves it open.

    Attributes
    ----------
    low, high : float or None
        Inclusive range of a numeric feature.
    levels : frozenset of str or None
        Values of a categorical feature.
    categorical : bool
        The feature is text; a numeric one has no levels, a categorical one no range.
    max_missing_share : float in [0, 1] or None
    on_violation : ``count`` or ``quarantine``
    """

    low: float | None = None
    high: float | None = None
    levels: frozenset[str] | None = None
    categorical: bool = False
    max_missing_share: float | None = None
    on_violation: str = COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The rules of a version by the user's feature name."""

    model: str
    rules: Mapping[str, FeatureRule]

    @property
    def ranges(self) -> dict[str, tuple[float | None, float | None]]:
        """Numeric ranges by feature."""
        bounded = {name: (rule.low, rule.high) for name, rule in self.rules.items()}
        return {name: limits for name, limits in bounded.items() if limits != (None, None)}

    @property
    def categories(self) -> dict[str, frozenset[str]]:
        """Allowed levels by feature."""
        return {name: rule.levels for name, rule in self.rules.items() if rule.levels is not None}


def infer_contract(reference: pa.Table, schema: ModelSchema, ids: ColumnIds) -> Contract:
    """Return the contract that a reference fulfils: its ranges, levels and shares of missing values.

    Parameters
    ----------
    reference : pa.Table
        With internal column names, as `core.log.reference.read_reference` gives it.
    """
    rules = {}
    for name, feature in schema.features.items():
        column = reference[ids[name]]
        rules[name] = _numeric_rule(column) if feature.kind == "numeric" else _category_rule(column)
    return Contract(model=schema.model, rules=MappingProxyType(rules))


def _numeric_rule(column: pa.ChunkedArray) -> FeatureRule:
    values = column.to_numpy()
    finite = values[np.isfinite(values)]
    missing = rounded_up(float(np.isnan(values).mean())) if len(values) else 0.0
    if not len(finite):
        return FeatureRule(max_missing_share=missing)
    return FeatureRule(low=float(finite.min()), high=float(finite.max()), max_missing_share=missing)


def _category_rule(column: pa.ChunkedArray) -> FeatureRule:
    levels = [level for level in pc.unique(column.cast(pa.string())).to_pylist() if level is not None]
    missing = rounded_up(column.null_count / len(column)) if len(column) else 0.0
    listed = frozenset(levels) if len(levels) <= MAX_LEVELS else None
    return FeatureRule(levels=listed, categorical=True, max_missing_share=missing)


def rounded_up(share: float) -> float:
    """Return a share with at most twelve decimals and not smaller, which a file's percentage keeps exactly.

    >>> rounded_up(1 / 7)
    0.142857142858
    """
    return float(Decimal(repr(share)).quantize(Decimal("1e-12"), ROUND_CEILING))


def to_document(contract: Contract) -> dict[str, Any]:
    """Return the contract as an Open Data Contract Standard document (plain values)."""
    from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject

    properties = [_property(name, rule) for name, rule in contract.rules.items()]
    document = OpenDataContractStandard(
        apiVersion=API_VERSION,
        kind="DataContract",
        id=contract.model,
        name=contract.model,
        version="1.0.0",
        status="active",
        schema=[SchemaObject(name="predictions", logicalType="object", properties=properties)],
    )
    return document.model_dump(mode="json", by_alias=True, exclude_none=True)


def _property(name: str, rule: FeatureRule) -> "SchemaProperty":
    from open_data_contract_standard.model import CustomProperty, DataQuality, SchemaProperty

    quality = []
    if rule.levels is not None:
        valid = {"validValues": sorted(rule.levels)}
        quality.append(DataQuality(type="library", metric="invalidValues", arguments=valid, mustBe=0))
    if rule.max_missing_share is not None:
        percent = float(100 * Decimal(repr(rounded_up(rule.max_missing_share))))
        quality.append(DataQuality(type="library", metric="nullValues", unit="percent", mustBeLessOrEqualTo=percent))
    options = {key: value for key, value in (("minimum", rule.low), ("maximum", rule.high)) if value is not None}
    custom = [CustomProperty(property="on_violation", value=rule.on_violation)]
    return SchemaProperty(
        name=name,
        logicalType="string" if rule.categorical or rule.levels is not None else "number",
        logicalTypeOptions=options or None,
        quality=quality or None,
        customProperties=custom if rule.on_violation != COUNT else None,
    )


def from_document(document: Mapping[str, Any]) -> Contract:
    """Return the contract of an Open Data Contract Standard document.

    Raises
    ------
    BadInputError
        When it is not one, or holds a rule that Watchroom does not know.
    """
    from open_data_contract_standard.model import OpenDataContractStandard

    try:
        standard = OpenDataContractStandard.model_validate(dict(document))
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise BadInputError(
            f"The contract is not an Open Data Contract Standard document: {path}: {first['msg']}."
        ) from None
    return Contract(model=standard.id or "", rules=MappingProxyType(_rules(standard)))


def _rules(standard: "OpenDataContractStandard") -> dict[str, FeatureRule]:
    if len(standard.schema_ or []) != 1:
        raise BadInputError("The contract must describe exactly one object under 'schema': the predictions.")
    assert standard.schema_ is not None
    rules: dict[str, FeatureRule] = {}
    seen: set[str] = set()
    for number, one in enumerate(standard.schema_[0].properties or [], start=1):
        if one.name is None:
            raise BadInputError(f"Property {number} of the contract has no name; give it the name of its feature.")
        fault = "is there twice; keep one of them" if same_name(one.name) in seen else name_fault(one.name)
        if fault is not None:
            raise BadInputError(f"The contract's property {shown(one.name)} {fault}.")
        seen.add(same_name(one.name))
        rules[one.name] = _rule(one)
    return rules


def _rule(one: "SchemaProperty") -> FeatureRule:
    levels: frozenset[str] | None = None
    missing: float | None = None
    for quality in one.quality or []:
        arguments = quality.arguments or {}
        if quality.metric == "invalidValues" and "validValues" in arguments:
            levels = _levels(one, arguments["validValues"])
        elif quality.metric == "nullValues" and quality.mustBeLessOrEqualTo is not None:
            missing = _share(one, quality.mustBeLessOrEqualTo, quality.unit)
        else:
            raise BadInputError(
                f"The contract has a quality rule for {shown(one.name)} that is not known; "
                "use invalidValues with validValues, or nullValues with mustBeLessOrEqualTo."
            )
    low, high = _range(one)
    categorical = levels is not None or one.logicalType == "string"
    if categorical and (low, high) != (None, None):
        raise BadInputError(f"The contract gives {shown(one.name)} a range, but it is a category; use validValues.")
    return FeatureRule(
        low=low,
        high=high,
        levels=levels,
        categorical=categorical,
        max_missing_share=missing,
        on_violation=_on_violation(one),
    )


def _range(one: "SchemaProperty") -> tuple[float | None, float | None]:
    options = one.logicalTypeOptions or {}
    unknown = [key for key in options if key not in ("minimum", "maximum")]
    if unknown:
        raise BadInputError(
            f"The contract has the option {shown(unknown[0])} for {shown(one.name)}, which is not known; "
            "use minimum and maximum."
        )
    low, high = (_number(one, key, options.get(key)) for key in ("minimum", "maximum"))
    if low is not None and high is not None and low > high:
        raise BadInputError(f"The contract's minimum of {shown(one.name)}, {low:g}, is above its maximum, {high:g}.")
    return low, high


def _number(one: "SchemaProperty", key: str, value: object) -> float | None:
    if value is None:
        return None
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain or not abs(value) <= LARGEST:  # type: ignore[arg-type]
        raise BadInputError(f"The contract's {key} of {shown(one.name)} must be a finite number, not {shown(value)}.")
    return float(value)  # type: ignore[arg-type]


def _share(one: "SchemaProperty", percent: object, unit: str | None) -> float:
    value = _number(one, "share of missing values", percent)
    if unit != "percent" or value is None or not 0 <= value <= 100:
        raise BadInputError(
            f"The contract's nullValues of {shown(one.name)} must be 0 to 100 with unit: percent, "
            f"not {shown(percent)} {shown(unit or 'without a unit')}."
        )
    return float(Decimal(repr(value)) / 100)


def _levels(one: "SchemaProperty", values: object) -> frozenset[str]:
    spelled = [as_level(value) for value in values] if isinstance(values, list) else [None]
    levels = [level for level in spelled if level is not None]
    if len(levels) < len(spelled):
        raise BadInputError(f"The contract's validValues of {shown(one.name)} must be a list of words or numbers.")
    return frozenset(levels)


def _on_violation(one: "SchemaProperty") -> str:
    for custom in one.customProperties or []:
        if custom.property == "on_violation":
            if custom.value not in (COUNT, QUARANTINE):
                raise BadInputError(
                    f"on_violation of {shown(one.name)} must be count or quarantine, not {shown(custom.value)}."
                )
            return str(custom.value)
    return COUNT


def to_yaml(contract: Contract) -> str:
    """Return the contract as the text of an Open Data Contract Standard file."""
    return write_yaml(to_document(contract))


def from_yaml(text: str, where: str = "the contract") -> Contract:
    """Return the contract in the text of an Open Data Contract Standard file."""
    raw = read_yaml(text, where)
    if not isinstance(raw, Mapping):
        raise BadInputError(f"{where} must be a mapping that begins with 'apiVersion: {API_VERSION}'.")
    return from_document(raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A semantic rule that removes rows: the expression is true for a row that breaks it."""

    column: str
    rule: str
    fix: str
    breaks: pl.Expr


def removals(contract: Contract, ids: ColumnIds) -> tuple[Removal, ...]:
    """Return the rules with ``on_violation: quarantine`` as expressions over internal columns.

    Missing values break no rule here.
    """
    found = []
    for name, rule in contract.rules.items():
        if rule.on_violation != QUARANTINE or name not in ids:
            continue
        column = pl.col(ids[name])
        if rule.levels is not None:
            outside = ~column.cast(pl.String).is_in(sorted(rule.levels))
            found.append(
                Removal(column=name, rule="contract_category", fix="the contract does not list it", breaks=outside)
            )
        number = column.fill_nan(None) if rule.levels is None else column  # NaN would count as above every limit
        low = pl.lit(False) if rule.low is None else number < rule.low
        high = pl.lit(False) if rule.high is None else number > rule.high
        if rule.low is not None or rule.high is not None:
            fix = f"the contract allows {rule.low} to {rule.high}"
            found.append(Removal(column=name, rule="contract_range", fix=fix, breaks=low | high))
    return tuple(found)
