"""What if a feature had another value: which changes may be asked for."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.errors import BadInputError
from core.explain.usual import Usual
from core.explain.wording import number
from core.log.contract import Contract
from core.log.names import shown
from core.log.schema import ModelSchema

Value = float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a feature may be changed to.

    Attributes
    ----------
    low, high : float or None
        Inclusive, of a number; None: open.
    levels : tuple of str
        Of a category; empty: none is known.
    missing : bool
        It may be without a value.
    """

    numeric: bool
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    missing: bool = False


def ranges(
    schema: ModelSchema, contract: Contract | None, usual: Mapping[str, Usual], *, withheld: Collection[str]
) -> dict[str, Range]:
    """Return what each feature may be changed to: by the contract in force, else what the reference held.

    Beyond it a model was never tried, so its answer there means nothing. A withheld feature has no range: a change
    of it would tell what it was.
    """
    found = {}
    for name, feature in schema.features.items():
        if name in withheld or name not in usual:
            continue
        rule = None if contract is None else contract.rules.get(name)
        held = usual[name]
        missing = held.missing > 0 or (rule is not None and (rule.max_missing_share or 0.0) > 0)
        if feature.kind == "numeric":
            ends = (held.quantiles[0], held.quantiles[-1]) if held.quantiles else (None, None)
            low = rule.low if rule is not None and rule.low is not None else ends[0]
            high = rule.high if rule is not None and rule.high is not None else ends[1]
            found[name] = Range(numeric=True, low=low, high=high, missing=missing)
        else:
            levels = [level for level, _ in held.levels]
            listed = None if rule is None or rule.levels is None else sorted(rule.levels)
            found[name] = Range(numeric=False, levels=tuple(listed or levels), missing=missing)
    return found


def checked(changes: Mapping[str, object], allowed: Mapping[str, Range]) -> dict[str, Value]:
    """Return the changes as values of the model's features.

    Raises
    ------
    BadInputError
        Without a change; for a feature that is unknown or withheld, a value of the wrong kind, one outside the
        contract's range or categories, and a missing value where none ever was.
    """
    if not changes:
        raise BadInputError("Nothing is changed: give at least one feature another value.")
    return {name: _checked(name, value, allowed) for name, value in changes.items()}


def _checked(name: str, value: object, allowed: Mapping[str, Range]) -> Value:
    if name not in allowed:
        raise BadInputError(f"{shown(name)} cannot be changed: it is no feature of this model, or it is withheld.")
    limits = allowed[name]
    if value is None:
        if not limits.missing:
            raise BadInputError(f"{shown(name)} always has a value in the reference: give it one.")
        return None
    return _number(name, value, limits) if limits.numeric else _level(name, value, limits)


def _number(name: str, value: object, limits: Range) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInputError(f"{shown(name)} is a number; {shown(value)} is none.")
    low, high = limits.low, limits.high
    if (low is not None and value < low) or (high is not None and value > high):
        ends = f"{'any' if low is None else number(low)} to {'any' if high is None else number(high)}"
        raise BadInputError(f"{shown(name)} may be {ends}, not {number(float(value))}: the model was not tried beyond.")
    return float(value)


def _level(name: str, value: object, limits: Range) -> str:
    if not isinstance(value, str):
        raise BadInputError(f"{shown(name)} is a category; {shown(value)} is no text.")
    if limits.levels and value not in limits.levels:
        few = ", ".join(limits.levels[:8]) + (" …" if len(limits.levels) > 8 else "")
        raise BadInputError(f"{shown(name)} has no category {shown(value)}; known are {few}.")
    return value
