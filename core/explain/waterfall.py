"""From the base to one row's prediction: the largest steps one by one, the others together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.explain.withheld import Bar

MOST_STEPS = 9
REST = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a waterfall.

    Attributes
    ----------
    features : tuple of str
        What moves the score in it.
    kind : ``feature``, ``withheld`` or ``rest``
    value : float, str or None
        The feature's value; None where it is missing, withheld, or of several features.
    phi : float
        How far it moves the margin.
    start, end : float
        Margin before and after it.
    """

    features: tuple[str, ...]
    kind: str
    value: float | str | None
    phi: float
    start: float
    end: float

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "features": list(self.features),
            "kind": self.kind,
            "value": self.value,
            "phi": self.phi,
            "start": self.start,
            "end": self.end,
        }


def step_of(document: Mapping[str, Any]) -> Step:
    """Return the step that `Step.document` wrote."""
    return Step(**{**document, "features": tuple(document["features"])})


def waterfall(bars: Sequence[Bar], values: Mapping[str, float | str | None], *, base: float) -> tuple[Step, ...]:
    """Return the steps from the base to the margin, the smallest first: what matters most stands last.

    The withheld sum and the nine largest other bars stand alone, the rest is one step; one that would be
    of a single feature stands alone too.

    Parameters
    ----------
    bars : largest first, as `core.explain.withheld.bars` gives them
    values : the row's values by feature

    >>> found = waterfall((Bar(features=("a",), phi=2.0), Bar(features=("b",), phi=-0.5)), {"a": 1.0, "b": "x"}, base=1)
    >>> [(one.features, one.start, one.end) for one in found]
    [(('b',), 1, 0.5), (('a',), 0.5, 2.5)]
    """
    plain = [bar for bar in bars if not bar.withheld]
    if len(plain) > MOST_STEPS + 1:
        kept, rest = plain[:MOST_STEPS], plain[MOST_STEPS:]
    else:
        kept, rest = plain, []
    drawn = sorted((*kept, *(bar for bar in bars if bar.withheld)), key=lambda one: abs(one.phi))
    steps: list[Step] = []
    level = base
    if rest:
        phi = sum(bar.phi for bar in rest)
        names = tuple(name for bar in rest for name in bar.features)
        steps.append(Step(features=names, kind=REST, value=None, phi=phi, start=level, end=level + phi))
        level += phi
    for bar in drawn:
        steps.append(
            Step(
                features=bar.features,
                kind="withheld" if bar.withheld else "feature",
                value=None if bar.withheld else values.get(bar.features[0]),
                phi=bar.phi,
                start=level,
                end=level + bar.phi,
            )
        )
        level += bar.phi
    return tuple(steps)
