"""Numbers, times and user text as people read them; the one place that escapes user text."""

import math
import re
from datetime import date, datetime, timedelta
from typing import Literal

from core.states import State
from core.windows import Grain, Window, label, unit_words

Colour = Literal["green", "orange", "red", "gray"]
NONE = "–"
GLYPHS = {State.HEALTHY: "●", State.WARNING: "▲", State.CRITICAL: "■", State.NOT_APPLICABLE: "◌"}
STATES = {
    State.HEALTHY: "healthy",
    State.WARNING: "warning",
    State.CRITICAL: "critical",
    State.NOT_APPLICABLE: "no data",
}
COLOURS: dict[State, Colour] = {
    State.HEALTHY: "green",
    State.WARNING: "orange",
    State.CRITICAL: "red",
    State.NOT_APPLICABLE: "gray",
}

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@\"'])")
# What Streamlit replaces in text after markdown was read (links, emoji, arrows) is split by an invisible
# word joiner: a backslash does not reach that far.
_LATE = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SPACE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
JOINER = "\u2060"


def plain(text: str) -> str:
    """Return user text so that Streamlit's markdown shows it as it is: no markup, link, emoji or formula."""
    spaced = _SPACE.sub(" ", text)
    return _MARKS.sub(r"\\\1", _LATE.sub(JOINER, spaced))


def digest(text: str) -> str:
    """Return a SHA-256 by its first twelve digits, any other text as it is.

    >>> digest("9f3a" * 16), digest("flight-delay")
    ('9f3a9f3a9f3a…', 'flight-delay')
    """
    return f"{text[:12]}…" if _DIGEST.fullmatch(text) else text


def plural(n: int, one: str, many: str = "") -> str:
    """Return the number with its noun.

    >>> plural(1, "feature"), plural(2, "feature")
    ('1 feature', '2 features')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def percent(share: float | None) -> str:
    """Return a share as percent with one decimal, and without it where it is exactly none or all.

    >>> percent(0.0312), percent(0.0), percent(1.0), percent(0.9999)
    ('3.1 %', '0 %', '100 %', '100.0 %')
    """
    if share is None:
        return NONE
    return f"{100 * share:.0f} %" if share in (0, 1) else signed(f"{100 * share:.1f} %")


def signed(number: str) -> str:
    """Return a formatted number with a typographic minus, and without the minus of a zero."""
    if not number.startswith("-"):
        return number
    return f"−{number[1:]}" if any(digit in "123456789" for digit in number) else number[1:]


def two(value: float | None) -> str:
    """Return PSI, KS and impact with two decimals."""
    return NONE if value is None else signed(f"{value:.2f}")


def three(value: float | None) -> str:
    """Return AUC and calibration with three decimals."""
    return NONE if value is None else signed(f"{value:.3f}")


def interval(low: float | None, high: float | None, decimals: int = 2) -> str:
    """Return a 95 % interval.

    >>> interval(0.31, 0.37)
    '0.31 to 0.37'
    """
    if low is None or high is None:
        return NONE
    return f"{signed(f'{low:.{decimals}f}')} to {signed(f'{high:.{decimals}f}')}"


def within(low: float | None, high: float | None) -> str:
    """Return a 95 % interval of a number that is never below 0, in the words that say most.

    >>> within(0.31, 0.37), within(0.0, 0.59), within(0.0, 61.45), within(None, None)
    ('0.31 to 0.37', 'at most 0.59', 'at most 61', '–')
    """
    if low is None or high is None:
        return NONE
    upper = two(high) if high < 10 else f"{high:,.0f}"
    return f"at most {upper}" if low < 0.005 <= high else f"{two(low)} to {upper}"


def above_chance(value: float | None, low: float | None, high: float | None) -> str:
    """Return a PSI excess with its interval; below 0 it is less than chance alone gives.

    >>> above_chance(0.34, 0.31, 0.37), above_chance(-2.06, 0.0, 0.59)
    ('0.34 [0.31 to 0.37]', 'nothing [at most 0.59]')
    """
    if value is None:
        return NONE
    shown = "nothing" if value < 0 else two(value)
    return shown if high is None else f"{shown} [{within(low, high)}]"


def factor(value: float | None) -> str:
    """Return a factor; large ones without decimals.

    >>> factor(1.306), factor(1616.3), factor(None)
    ('1.31', '1,616', 'unknown')
    """
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


METRIC_NAMES = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "f1": "F1",
    "mcc": "MCC",
    "log_loss": "log loss",
    "brier_score": "Brier score",
    "mae": "MAE",
    "rmse": "RMSE",
    "mape": "MAPE",
    "r2": "R²",
    "median_absolute_error": "median error",
    "roc_auc_ovr_macro": "ROC AUC (macro)",
    "f1_macro": "F1 (macro)",
    "f1_weighted": "F1 (weighted)",
    "ece": "ECE",
    "mce": "MCE",
}
PERCENT_METRICS = frozenset(
    {"accuracy", "precision", "recall", "specificity", "false_positive_rate", "false_negative_rate", "mape"}
)
UNIT_METRICS = frozenset({"mae", "rmse", "median_absolute_error", "bias"})


def metric(name: str) -> str:
    """Return a metric's name as people write it.

    >>> metric("roc_auc"), metric("false_positive_rate")
    ('ROC AUC', 'false positive rate')
    """
    return METRIC_NAMES.get(name, name.replace("_", " "))


def has_unit(name: str) -> bool:
    """Return whether a metric is in the unit of what is predicted, so that its size means nothing by itself."""
    return name in UNIT_METRICS


def metric_value(name: str, value: float | None) -> str:
    """Return a metric's value: rates in percent, scores with three decimals, errors in units with three digits.

    >>> metric_value("recall", 0.712), metric_value("roc_auc", 0.71234), metric_value("mae", 1234.5)
    ('71.2 %', '0.712', '1,234')
    """
    if value is None:
        return NONE
    if name in PERCENT_METRICS:
        return percent(value)
    return significant(value) if has_unit(name) else f"{value:.3f}".replace("-", "−")


def significant(value: float) -> str:
    """Return a number of any size with three digits that count, never in scientific notation.

    >>> significant(1234.5), significant(12.345), significant(0.01234), significant(0)
    ('1,234', '12.3', '0.0123', '0')
    """
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    shown = f"{value:,.{min(max(2 - size, 0), 6)}f}"
    return shown.replace("-", "−")


def short_count(n: int) -> str:
    """Return a count that fits a tile.

    >>> short_count(843), short_count(28_104), short_count(1_240_000)
    ('843', '28.1 K', '1.24 M')
    """
    for size, letter in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")):
        if n >= 10 * size or (n >= size and size > 1_000):
            scaled = n / size
            return f"{scaled:.1f} {letter}" if scaled >= 10 else f"{scaled:.2f} {letter}"
    return f"{n:,}"


def money(value: float | None, currency: str) -> str:
    """Return an amount with three digits that count: dollars with their sign, others by their code.

    >>> money(212_345, "USD"), money(-23_079.6, "USD"), money(1_240_000, "EUR"), money(0, "USD"), money(7.5, "CHF")
    ('$212 K', '−$23.1 K', 'EUR 1.24 M', '$0', 'CHF 7.50')
    """
    if value is None:
        return NONE
    sign, size = ("−" if value < 0 else ""), abs(value)
    letter, scaled = "", size
    for step, name in ((1e9, " B"), (1e6, " M"), (1e3, " K")):
        if size >= 0.9995 * step:
            letter, scaled = name, size / step
            break
    decimals = 0 if size == 0 or scaled >= 99.95 else 1 if scaled >= 9.995 else 2
    shown = f"{scaled:.{decimals}f}{letter}"
    unsigned = f"${shown}" if currency == "USD" else f"{currency} {shown}"
    return f"{sign}{unsigned}" if any(digit in "123456789" for digit in shown) else unsigned


def money_within(low: float | None, high: float | None, currency: str) -> str:
    """Return the interval of an amount.

    >>> money_within(180_000, 240_000, "USD")
    '$180 K to $240 K'
    """
    return NONE if low is None or high is None else f"{money(low, currency)} to {money(high, currency)}"


def p_value(p: float | None) -> str:
    """Return a p-value without scientific notation.

    >>> p_value(3e-9), p_value(0.042)
    ('below 0.001', '0.042')
    """
    if p is None:
        return NONE
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def rate(n_month: float | None) -> str:
    """Return an expected number of alarms a month.

    >>> rate(0.004), rate(0.21), rate(12.3)
    ('< 0.01', '0.21', '12')
    """
    if n_month is None:
        return NONE
    if 0 < n_month < 0.01:
        return "< 0.01"
    return f"{n_month:.0f}" if n_month >= 10 else f"{n_month:.2f}"


def day(when: date, *, year: bool = True) -> str:
    """Return a day as people write it.

    >>> day(date(2013, 11, 4)), day(date(2013, 11, 4), year=False)
    ('4 Nov 2013', '4 Nov')
    """
    return f"{when.day} {when:%b %Y}" if year else f"{when.day} {when:%b}"


def moment(when: datetime) -> str:
    """Return a moment with its zone.

    >>> from datetime import UTC
    >>> moment(datetime(2013, 12, 31, 12, 4, tzinfo=UTC))
    '31 Dec 2013, 12:04 UTC'
    """
    return f"{day(when.date())}, {when:%H:%M} {when.tzname()}"


def ago(since: timedelta) -> str:
    """Return how long ago something was, in its largest unit.

    >>> ago(timedelta(hours=9)), ago(timedelta(days=2, hours=3))
    ('9 h ago', '2 d ago')
    """
    minutes = since.total_seconds() / 60
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes:.0f} min ago"
    if minutes < 48 * 60:
        return f"{minutes / 60:.0f} h ago"
    return f"{minutes / 1440:.0f} d ago"


def unit(start: date, grain: Grain, *, year: bool = True) -> str:
    """Return one unit of a model's calendar as people write it: a day, a month, a year, or a slice by its number.

    >>> unit(date(2013, 11, 4), Grain.DAY), unit(date(2016, 1, 1), Grain.YEAR), unit(date(1970, 1, 8), Grain.BATCH)
    ('4 Nov 2013', '2016', 'slice 7')
    """
    return unit_words(start, grain, year=year)


def window(shown: Window, grain: Grain) -> str:
    """Return a window with its last unit included.

    >>> window(Window(date(2013, 12, 24), date(2013, 12, 31)), Grain.DAY)
    '24 to 30 Dec 2013'
    >>> window(Window(date(1970, 1, 8), date(1970, 1, 13)), Grain.BATCH)
    'slices 7 to 11'
    """
    units = list(shown.units(grain))
    first, last = units[0], units[-1]
    if first == last:
        return unit(first, grain)
    if grain is Grain.BATCH:
        return f"slices {label(first, grain)} to {label(last, grain)}"
    if grain is not Grain.DAY:
        return f"{unit(first, grain)} to {unit(last, grain)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    return f"{day(first, year=first.year != last.year)} to {day(last)}"


def state(which: State) -> str:
    """Return the glyph and the word of a state.

    >>> state(State.WARNING)
    '▲ warning'
    """
    return f"{GLYPHS[which]} {STATES[which]}"


def badge(which: State) -> str:
    """Return the markdown badge of a state."""
    return f":{COLOURS[which]}-badge[{state(which)}]"


def staged() -> str:
    """Return the markdown badge of a sample whose incidents were put in by us."""
    return ":violet-badge[staged]"


_NUMBERS = re.compile(r" \([^()]*\)|; \d+ more findings?")


def short_finding(text: str) -> str:
    """Return a finding without its numbers, for a narrow column.

    >>> short_finding("footfall drifted (PSI 13.85) since 11 Dec; 40 more findings")
    'footfall drifted since 11 Dec'
    """
    return _NUMBERS.sub("", text)


def enumerate_names(names: list[str], most: int = 3) -> str:
    """Return names in a sentence, the first `most` of them.

    >>> enumerate_names(["a", "b", "c", "d"], 2)
    'a, b and 2 more'
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
