"""Short numbers for the names of cells."""

import numpy as np

from core.profile.bins import Floats

TOLERANCE = 0.02
"""A border may be rounded by this part of its distance to the next one."""

TINY = 1e-300
PLAIN_FROM, PLAIN_TO = 1e-4, 1e7
MAX_DECIMALS = 12


def short_numbers(values: Floats) -> tuple[str, ...]:
    """Return borders with as few digits as their distance from each other needs.

    >>> short_numbers(np.array([12.5, 31.0004, 98.75]))
    ('12.5', '31', '99')
    >>> short_numbers(np.array([1001.0, 1002.0, 5e-324]))
    ('1001', '1002', '0')
    """
    distinct = np.unique(values[np.isfinite(values)])
    return tuple(_rounded(float(value), TOLERANCE * _room(float(value), distinct)) for value in values)


def _room(value: float, distinct: Floats) -> float:
    """Distance from `value` to the next border that is not the same up to rounding."""
    with np.errstate(over="ignore"):  # borders of opposite sign near the largest float
        distances = np.abs(distinct - value)
    apart = distances[distances > max(1e-9 * abs(value), TINY)]
    return float(apart.min()) if apart.size else abs(value) / 10


def _rounded(value: float, tolerance: float) -> str:
    if abs(value) <= tolerance / 10:
        return "0"
    digits = min(max(int(np.ceil(np.log10(abs(value) / tolerance))) + 1, 3), MAX_DECIMALS + 3) if tolerance > 0 else 6
    plain = PLAIN_FROM <= abs(value) < (PLAIN_TO if digits <= 6 else 10.0 ** (MAX_DECIMALS + 3))
    if not np.isfinite(value) or not plain:
        return short_number(value, digits)
    for decimals in range(MAX_DECIMALS):
        if abs(round(value, decimals) - value) <= tolerance:
            return _trimmed(f"{value:.{decimals}f}")
    return short_number(value)


def short_number(value: float, digits: int = 6) -> str:
    """Return one number with `digits` significant digits; whole numbers below ten million in full.

    >>> short_number(123456.0), short_number(0.000012345, 3), short_number(-0.0), short_number(2.5e9)
    ('123456', '1.23e-5', '0', '2.5e9')
    """
    if not np.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == 0 or PLAIN_FROM <= abs(value) < PLAIN_TO:
        whole = value == int(value)
        return _trimmed(f"{value:.0f}" if whole else np.format_float_positional(value, digits, fractional=False))
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{_trimmed(mantissa)}e{int(exponent)}"


def _trimmed(text: str) -> str:
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short
