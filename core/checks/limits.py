"""Limits as data: the defaults of `limits.yaml` and what a model overrides in its `model.yaml`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from core.errors import BadInputError
from core.log.names import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """How long a breach must stand: in `needed` of the last `of` applicable windows.

    With `critical_at_once` one critical window is enough.
    """

    needed: int = 2
    of: int = 3
    critical_at_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One check: what it measures, its two limits, and when it may judge.

    Attributes
    ----------
    code : str, stable
    family : str
        ``drift``, ``quality`` or ``performance``.
    metric : str, name of the value that is compared
    side : "above" or "below"
        On which side of the limit a value is bad.
    scale : "absolute" or "relative"
    warning, critical : float or None
        None: the check runs only where a model declares the limit.
    minimum_n, minimum_rows : int
        Rows of the window, and rows on the bad side, below which there is no verdict.
    source : str
        Where the default comes from, shown under "why this colour".
    overridden : bool
        The model's own limit, not the default.
    """

    code: str
    family: str
    title: str
    metric: str
    side: Literal["above", "below"]
    scale: Literal["absolute", "relative"] = "absolute"
    warning: float | None
    critical: float | None
    minimum_n: int
    minimum_rows: int = 0
    persistence: Persistence
    source: str
    overridden: bool = False

    @property
    def declared(self) -> bool:
        """Whether there is anything to compare with."""
        return self.warning is not None or self.critical is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Settings that all checks share; see the comments in `limits.yaml`."""

    significance: float
    significance_small: float
    small_n: int
    critical_p: float
    minimum_reference: int
    widen_days: int
    weekday_span_days: int
    seasonal_days: int
    never_below_n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits in force for one model."""

    version: int
    rules: Rules
    checks: Mapping[str, Limit]

    def __getitem__(self, code: str) -> Limit:
        return self.checks[code]


def load_limits(overrides: Mapping[str, object] | None = None) -> Limits:
    """Return the default limits with a model's overrides in place.

    Parameters
    ----------
    overrides : mapping of check code to ``{warning: x, critical: y}`` or a number
        A number is the warning limit; the critical limit stays where it was. ``null`` switches a limit
        off. Shares and metrics are in [0, 1] or in their own unit, never in percent.

    Raises
    ------
    BadInputError
        For an unknown code or key, a limit that is no finite number, and a critical limit that would be
        reached before the warning.

    >>> load_limits({"feature_drift": 0.2})["feature_drift"].warning
    0.2
    """
    defaults = _defaults()
    checks = dict(defaults.checks)
    for code, override in (overrides or {}).items():
        if code not in checks:
            known = ", ".join(sorted(checks))
            raise BadInputError(f"limits.{printable(code[:60])}: there is no such check; known are {known}.")
        checks[code] = _overridden(checks[code], override)
    return replace(defaults, checks=checks)


@cache
def _defaults() -> Limits:
    text = resources.files("core.checks").joinpath("limits.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    return Limits(
        version=int(document["version"]),
        rules=Rules(**document["rules"]),
        checks={code: _limit(code, entry) for code, entry in document["checks"].items()},
    )


def _limit(code: str, entry: Mapping[str, Any]) -> Limit:
    fields = {**entry, "persistence": Persistence(**entry["persistence"])}
    return Limit(code=code, **fields)


def _overridden(limit: Limit, override: object) -> Limit:
    wanted = override if isinstance(override, Mapping) else {"warning": override}
    unknown = set(wanted) - {"warning", "critical"}
    if unknown or not wanted:
        raise BadInputError(
            f"limits.{limit.code}: write a number or {{warning: x, critical: y}}, not {sorted(map(str, unknown))}."
        )
    warning = _number(limit, "warning", wanted["warning"]) if "warning" in wanted else limit.warning
    critical = _number(limit, "critical", wanted["critical"]) if "critical" in wanted else limit.critical
    _check_order(limit, warning, critical)
    return replace(limit, warning=warning, critical=critical, overridden=True, source="declared in model.yaml")


def _number(limit: Limit, key: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInputError(f"limits.{limit.code}.{key}: {value!r} is not a number.")
    if is_distance(limit) and value <= 0:
        raise BadInputError(f"limits.{limit.code}.{key}: {value!r} must be above 0.")
    return float(value)


def is_distance(limit: Limit) -> bool:
    """Return whether the limits are sizes of a change or share (larger is worse), not levels of a metric."""
    if limit.family in ("fairness", "attribution"):
        return limit.side == "above"  # the rule of four fifths has a level that a ratio should not fall below
    return limit.family != "performance" or limit.code.endswith("_change")


def _check_order(limit: Limit, warning: float | None, critical: float | None) -> None:
    if warning is None or critical is None:
        return
    upward = limit.side == "above" or is_distance(limit)
    if (critical < warning) if upward else (critical > warning):
        direction = "above" if upward else "below"
        raise BadInputError(
            f"limits.{limit.code}: the critical limit {critical:g} must lie {direction} the warning limit {warning:g}."
        )
