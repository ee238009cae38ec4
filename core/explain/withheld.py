"""What a row's explanation may not tell: protected features, their declared proxies, and what would follow from a sum.

Shares and importances over many rows are told; a single row's value and SHAP value of such a feature are not.
"""

from collections.abc import Collection, Mapping, Sequence
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


def summed_features(features: Sequence[str], withheld: Collection[str], moves: Mapping[str, float]) -> tuple[str, ...]:
    """Return the features of the withheld bar of every row of a version, in the order of `features`.

    All bars and the base add up to the margin, so that a lone hidden bar would follow by subtraction, and a sum in
    which one feature outweighs the others all but tells it. The other feature whose mean |φ| is closest to the
    largest withheld one's is summed with them then. It is chosen by the version and not by the row: two views of a
    row with different sums would give the withheld value by their difference.

    Parameters
    ----------
    moves : mapping of every feature to its mean |φ| over rows that are fixed for the version

    >>> summed_features(("age", "income", "plan"), ("age",), {"age": 0.5, "income": 0.4, "plan": 0.01})
    ('age', 'income')
    """
    hidden = [name for name in features if name in set(withheld)]
    others = [name for name in features if name not in hidden]
    if not hidden or not others:
        return tuple(hidden)
    largest = max(hidden, key=lambda name: moves[name])
    if moves[largest] > sum(moves[name] for name in hidden if name != largest) or len(hidden) == 1:
        hidden.append(min(others, key=lambda name: abs(moves[name] - moves[largest])))
    return tuple(name for name in features if name in hidden)


def bars(features: Sequence[str], phi: Floats, summed: Collection[str]) -> tuple[Bar, ...]:
    """Return a row's bars, largest first: the features of the withheld bar as one sum.

    Parameters
    ----------
    phi : (F,) SHAP values of one row
    summed : see `summed_features`

    Raises
    ------
    NotEnoughDataError
        When a withheld feature would stand alone: the model has no other one.

    >>> found = bars(("age", "income", "plan"), np.array([0.5, -1.0, 0.1]), ("age", "plan"))
    >>> [(one.features, round(one.phi, 3)) for one in found]
    [(('income',), -1.0), (('age', 'plan'), 0.6)]
    """
    hidden = [place for place, name in enumerate(features) if name in set(summed)]
    if len(hidden) == 1:
        raise NotEnoughDataError("the only feature is protected: a row cannot be explained without telling it")
    found = [Bar(features=(name,), phi=float(phi[place])) for place, name in enumerate(features) if place not in hidden]
    if hidden:
        names = tuple(features[place] for place in hidden)
        found.append(Bar(features=names, phi=float(phi[hidden].sum()), withheld=True))
    return tuple(sorted(found, key=lambda one: -abs(one.phi)))
