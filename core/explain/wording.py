"""Values of features and sizes of effects as a sentence writes them."""

import math

NO_VALUE = "no value"
LOG_ODDS = "log-odds"
PREDICTION, PROBABILITY, CLASS_SCORE = "prediction", "probability", "class score"
"""Units of a margin, beside log-odds: the target's own, and the two of scores that are no log-odds."""


def quantity(value: float | str | None, unit: str | None = None) -> str:
    """Return a feature's value with its unit: at most four digits, never in scientific notation.

    >>> quantity(21000.0, "USD"), quantity(0.000123456), quantity("EV"), quantity(None), quantity(-3.0, "%")
    ('21,000 USD', '0.0001235', 'EV', 'no value', '−3 %')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NO_VALUE
    if isinstance(value, str):
        return value
    return f"{number(value)} {unit}" if unit else number(value)


def number(value: float) -> str:
    """Return a number in at most four digits that count, with separators and a typographic minus.

    >>> number(1234567.0), number(0.5), number(-12.3456), number(0)
    ('1,235,000', '0.5', '−12.35', '0')
    """
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    decimals = max(0, 3 - math.floor(math.log10(abs(value))))
    text = f"{float(f'{value:.4g}'):,.{min(decimals, 12)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text[1:]}" if text.startswith("-") else text


def effect(size: float, unit: str) -> str:
    """Return the size of an effect, unsigned, with its unit: log-odds with two decimals.

    >>> effect(-0.6234, "log-odds"), effect(1234.0, "prediction"), effect(0.0004, "log-odds")
    ('0.62 log-odds', '1,230', 'less than 0.01 log-odds')
    """
    size = abs(size)
    if unit != LOG_ODDS:
        return number(float(f"{size:.3g}"))
    return f"{size:.2f} {unit}" if size >= 0.005 or size == 0 else f"less than 0.01 {unit}"


def probability(margin: float) -> float:
    """Return the probability that log-odds stand for: only for display, contributions do not add up in it.

    >>> probability(0.0)
    0.5
    """
    if margin >= 0:
        return 1.0 / (1.0 + math.exp(-margin))
    grown = math.exp(margin)
    return grown / (1.0 + grown)
