"""Values as JSON has them: no NaN, no NumPy number, no tuple."""

import math
from collections.abc import Mapping
from typing import Any


def plain_values(value: Any) -> Any:
    """Return a value as JSON has it: what is no finite number is null, a date its ISO text.

    >>> plain_values({"a": (1.0, float("nan"))})
    {'a': [1.0, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain_values(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_values(one) for one in value]
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
