"""A verdict: what one check says of one window, with everything that shows why."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.checks.limits import Limit
from core.points import finite
from core.states import State
from core.windows import Grain

PROVISIONAL = "provisional reference: the first rows of the log, not training data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Outcome of one check on one window, feature and segment.

    Attributes
    ----------
    check, family : str
    segment : mapping of column to value; empty for the whole population
    feature : str or None
    state : State
        After persistence: what counts. `raw_state` is this window alone.
    value : float or None
        The number that is compared: the PSI excess of a drift verdict. None when not applicable.
    limit : float or None
        The limit that decides: the critical one of a critical verdict, else the warning limit.
    ci_low, ci_high : float or None, 95 %
    n : int, rows of the window
    window_start, window_end : date
        Half-open; a window that was too small begins earlier than its unit.
    reason : str
        One sentence: why this state.
    detail : str
        The number in a person's words for a headline, e.g. ``PSI 0.34``; may be empty.
    significant : bool or None
        None where there is no test.
    adjusted_p : float or None
        Benjamini–Hochberg over the family.
    false_alarms_month : float or None
        Expected false alarms of this verdict's limit in 30 windows; `expected_false_alarms` adds them up.
    inconclusive : bool
        The interval straddles the limit: healthy, but not enough evidence.
    since : date or None
        First unit of the breach that is still open.
    grain : Grain
        What the dates are units of.
    """

    check: str
    family: str
    segment: Mapping[str, str] = field(default_factory=dict)
    feature: str | None = None
    state: State
    raw_state: State
    value: float | None
    limit: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    n: int
    window_start: date
    window_end: date
    reason: str = ""
    detail: str = ""
    significant: bool | None = None
    adjusted_p: float | None = None
    false_alarms_month: float | None = None
    inconclusive: bool = False
    since: date | None = None
    grain: Grain = Grain.DAY

    @property
    def key(self) -> str:
        """What tells this check's series from all others of the model, whatever the window."""
        segment = "&".join(f"{column}={value}" for column, value in sorted(self.segment.items()))
        return f"{self.check}|{self.feature or ''}|{segment}"

    def document(self, *, start: str | None = None, end: str | None = None) -> dict[str, object]:
        """Return the verdict as the JSON object of `watchroom check`; `start`, `end` replace dates by unit labels."""
        return {
            "check": self.check,
            "family": self.family,
            "segment": dict(self.segment),
            "feature": self.feature,
            "state": self.state.value,
            "raw_state": self.raw_state.value,
            "value": self.value,
            "limit": self.limit,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "n": self.n,
            "window_start": start or self.window_start.isoformat(),
            "window_end": end or self.window_end.isoformat(),
            "reason": self.reason,
        }


def packed(verdict: Verdict) -> dict[str, object]:
    """Return every field in JSON types, for storage; `unpacked` reads it back."""
    return {
        **verdict.document(),
        "detail": verdict.detail,
        "significant": verdict.significant,
        "adjusted_p": verdict.adjusted_p,
        "false_alarms_month": verdict.false_alarms_month,
        "inconclusive": verdict.inconclusive,
        "since": verdict.since.isoformat() if verdict.since else None,
        "grain": verdict.grain.value,
    }


def unpacked(document: Mapping[str, Any]) -> Verdict:
    """Return the verdict that `packed` wrote."""
    fields = dict(document)
    for name in ("state", "raw_state"):
        fields[name] = State(fields[name])
    for name in ("window_start", "window_end", "since"):
        fields[name] = date.fromisoformat(fields[name]) if fields[name] else None
    return Verdict(**{**fields, "grain": Grain(fields["grain"])})


def limit_shown(limit: Limit, state: State) -> float | None:
    """Return the limit beside a value: the critical one when it decided, else the warning limit."""
    if state is State.CRITICAL or limit.warning is None:
        return limit.critical
    return limit.warning


def not_applicable(
    limit: Limit,
    reason: str,
    *,
    n: int,
    window_start: date,
    window_end: date,
    feature: str | None = None,
    segment: Mapping[str, str] | None = None,
) -> Verdict:
    """Return the verdict of a check that cannot judge: no value, and the reason."""
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=segment or {},
        feature=feature,
        state=State.NOT_APPLICABLE,
        raw_state=State.NOT_APPLICABLE,
        value=None,
        limit=limit_shown(limit, State.NOT_APPLICABLE),
        n=n,
        window_start=window_start,
        window_end=window_end,
        reason=reason,
    )


def short(number: float, *, digits: int = 2) -> str:
    """Return a number as screens write it, never in scientific notation and without the minus of a zero.

    >>> short(0.344), short(-0.02), short(-0.001)
    ('0.34', '−0.02', '0.00')
    """
    text = f"{number:.{digits}f}"
    return text.replace("-", "−") if any(digit in "123456789" for digit in text) else text.removeprefix("-")


def percent(share: float) -> str:
    """Return a share as a percent number; only exactly none and exactly all are without a decimal.

    >>> percent(0.0312), percent(0), percent(1), percent(0.9999)
    ('3.1', '0', '100', '100.0')
    """
    return f"{100 * share:.0f}" if share in (0, 1) else f"{100 * share:.1f}"


def p_words(p: float) -> str:
    """Return a p-value in words: ``p < 0.001`` or ``p = 0.012``.

    >>> p_words(0.0004), p_words(0.012)
    ('p < 0.001', 'p = 0.012')
    """
    if math.isnan(p):
        return "p unknown"
    return "p < 0.001" if p < 0.001 else f"p = {short(p, digits=3)}"


def number(value: float) -> float | None:
    """Return a float that JSON can hold."""
    return finite(value)
