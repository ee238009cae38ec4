from datetime import date
from types import MappingProxyType

import numpy as np

from core.releases.gates.plain import plain_values


def test_everything_becomes_what_json_has():
    given = MappingProxyType(
        {"n": np.int64(3), "x": np.float64("inf"), "day": date(2024, 1, 2), "a": (True, None), "s": "é"}
    )
    assert plain_values(given) == {"n": 3, "x": None, "day": "2024-01-02", "a": [True, None], "s": "é"}
