"""The two fixed grids of a request's times: how long it took, and how late its row arrived."""

import numpy as np

from core.profile.bins import Floats

PER_DECADE = 50
LATENCY_FROM, LATENCY_TO = -1, 6
"""Powers of ten of a millisecond: 0.1 ms to a thousand seconds."""

LATENCY_EDGES_MS: Floats = 10.0 ** (
    np.arange(LATENCY_FROM * PER_DECADE, LATENCY_TO * PER_DECADE + 1, dtype=np.float64) / PER_DECADE
)
"""Right-closed edges in milliseconds, (351,); bin ``b`` is ``(edges[b-1], edges[b]]``, first and last are open."""

LATENCY_BOUND = 10.0 ** (1 / PER_DECADE) - 1
"""A quantile read from the grid is off by at most this part of itself (4.7 %) between 0.1 ms and 1,000 s."""

ARRIVAL_HOURS = (1, 2, 3, 6, 12, 24, 36, 48, 72, 96, 168, 672)
"""Right-closed edges in hours between the end of a row's unit and its intake; beside them "later" comes last."""
