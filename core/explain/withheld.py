"""What a row's explanation may not tell: protected features, their declared proxies, and what would follow from a sum.

Shares and importances over many rows are told; a single row's value and SHAP value of such a feature are not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.log.schema import ModelSchema

Floats = NDArray[np.float64]
WITHHELD = "withheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a row's explanation.

    Attributes
    ----------
    features : tuple of str
        What is summed in it; one name for a usual bar.
    phi : float
        In the unit of the margin.
    withheld : bool
        Holds a feature that may not be told; its value is not shown.
    """

    features: tuple[str, ...]
    phi: float
    withheld: bool = False


def withheld_features(schema: ModelSchema) -> tuple[str, ...]:
    """Return the features that row views withhold: protected ones and declared proxies, in order of declaration."""
    protected = set(schema.protected)
    return tuple(name for name, one in schema.features.items() if name in protected or one.proxy_of)


def bars(features: Sequence[str], phi: Floats, withheld: Collection[str]) -> tuple[Bar, ...]:
    """Return a row's bars, largest first: withheld features as one sum.

    All bars and the base add up to the margin, so that a single hidden bar would follow by subtraction: it is summed
    with the smallest other bar.

    Parameters
    ----------
    phi : (F,) SHAP values of one row

    Raises
    ------
    NotEnoughDataError
        When the model has no other feature to sum a withheld one with.

    >>> found = bars(("age", "income", "plan"), np.array([0.5, -1.0, 0.1]), ("age",))
    >>> [(one.features, round(one.phi, 3)) for one in found]
    [(('income',), -1.0), (('age', 'plan'), 0.6)]
    """
    hidden = [place for place, name in enumerate(features) if name in set(withheld)]
    if len(hidden) == 1:
        others = [place for place in range(len(features)) if place not in hidden]
        if not others:
            raise NotEnoughDataError("the only feature is protected: a row cannot be explained without telling it")
        hidden.append(min(others, key=lambda place: abs(phi[place])))
    found = [Bar(features=(name,), phi=float(phi[place])) for place, name in enumerate(features) if place not in hidden]
    if hidden:
        names = tuple(features[place] for place in hidden)
        found.append(Bar(features=names, phi=float(phi[hidden].sum()), withheld=True))
    return tuple(sorted(found, key=lambda one: -abs(one.phi)))
