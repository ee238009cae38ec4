"""What moves a model's score: a sample of rows with their SHAP values, and what is told of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.explain.beeswarm import Swarm, shade, swarms
from core.explain.dependence import Dependence, strongest
from core.explain.global_importance import Importance, importance
from core.explain.usual import Usual, as_numbers
from core.explain.usual import from_document as usual_of
from core.explain.values import ShapValues
from core.explain.wording import quantity
from core.log.schema import ModelSchema

Floats = NDArray[np.float64]

SAMPLE = 2_000
FACTS = ("id", "day", "score", "decision", "actual")
ARTEFACT, LOGGED = "artefact", "logged"
VALUE, PHI = "value:", "phi:"
SHADE_ENDS = (0.05, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an explanation is of, and what it was worked out from.

    Attributes
    ----------
    window : str
        ``START..END`` in unit labels.
    rows : str
        The rows it is of, in words: ``all rows``, or a segment or filter.
    source : ``artefact`` or ``logged``
    n_rows : int
        Rows that the sample was drawn from.
    seed : int
    of_class : str
        The class whose score is explained; empty but for a multiclass model.
    """

    model: str
    version: str
    window: str
    rows: str
    source: str
    n_rows: int
    seed: int
    of_class: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A seeded sample of rows of a version and a window with their SHAP values.

    Attributes
    ----------
    unit : str
        Of the margin and of every SHAP value: ``log-odds``, or that of the target.
    approximate : bool
        The explainer estimates the values (permutation); else they are exact for its definition.
    base : float
        What the model says before it knows anything of a row: base + Σφ = margin.
    additivity_error : float >= 0
        Largest |base + Σφ - margin| of all rows, checked by Watchroom.
    score_gap : float or None
        Largest distance of the artefact's predictions from the logged scores; None where they are not of one kind.
    features : tuple of str, length F
    withheld : tuple of str
        Features whose value and SHAP value no row view tells.
    summed : tuple of str
        Features of the withheld bar of every row.
    importance : tuple of Importance, largest first
    partners : mapping of feature to the feature that it interacts with most
    usual : mapping of feature to what the reference holds of it
    rows : pa.Table, n rows
        ``id day score decision actual margin prediction``, then ``value:`` and ``phi:`` of each feature; the values
        of withheld features are null.
    """

    origin: Origin
    unit: str
    explainer: str
    approximate: bool
    base: float
    additivity_error: float
    score_gap: float | None
    features: tuple[str, ...]
    withheld: tuple[str, ...]
    summed: tuple[str, ...]
    importance: tuple[Importance, ...]
    partners: Mapping[str, str]
    usual: Mapping[str, Usual]
    rows: pa.Table
    data_version: str = ""
    seconds: float = 0.0

    @property
    def n(self) -> int:
        """Explained rows."""
        return int(self.rows.num_rows)

    @property
    def values(self) -> Floats:
        """SHAP values, (n, F)."""
        return np.stack([self.rows[f"{PHI}{name}"].to_numpy() for name in self.features], axis=1)

    def shown(self, schema: ModelSchema) -> tuple[Floats, dict[str, tuple[str, ...]]]:
        """Return the features' values as numbers (n, F) and the levels of categories; see `usual.as_numbers`."""
        columns = {name: self.rows[f"{VALUE}{name}"] for name in schema.features}
        return as_numbers(pa.table(columns), schema)

    def swarms(self, schema: ModelSchema, *, most: int) -> tuple[Swarm, ...]:
        """Return the dots of the most important features, the most important first."""
        names = [one.feature for one in self.importance[:most]]
        places = [self.features.index(name) for name in names]
        shown, levels = self.shown(schema)
        coloured = [name not in levels and name not in self.withheld for name in names]
        return swarms(names, self.values[:, places], shown[:, places], coloured=coloured, seed=self.origin.seed)

    def dependence(self, feature: str, schema: ModelSchema) -> Dependence:
        """Return a feature's values against its SHAP values.

        Raises
        ------
        NotEnoughDataError
            When the feature is withheld or unknown.
        """
        if feature in self.withheld or feature not in self.features:
            raise NotEnoughDataError(f"the values of '{feature}' are withheld, row by row")
        shown, levels = self.shown(schema)
        place = self.features.index(feature)
        partner = self.partners.get(feature)
        unit = schema.features[feature].unit or ""
        known = shown[:, self.features.index(partner)] if partner is not None else np.zeros(0)
        return Dependence(
            feature=feature,
            unit=unit,
            levels=levels.get(feature, ()),
            shown=tuple(shown[:, place].tolist()),
            values=tuple(self.values[:, place].tolist()),
            partner=partner,
            shades=tuple(shade(known).tolist()) if partner is not None else (),
            partner_ends=_ends(partner, known, levels, schema),
        )

    def document(self) -> dict[str, Any]:
        """Return everything but the rows as plain JSON."""
        return {
            "origin": {name: getattr(self.origin, name) for name in Origin.__dataclass_fields__},
            "unit": self.unit,
            "explainer": self.explainer,
            "approximate": self.approximate,
            "base": self.base,
            "additivity_error": self.additivity_error,
            "score_gap": self.score_gap,
            "features": list(self.features),
            "withheld": list(self.withheld),
            "summed": list(self.summed),
            "importance": [
                {"feature": one.feature, "value": one.value, "low": one.low, "high": one.high, "n": one.n}
                for one in self.importance
            ],
            "partners": dict(self.partners),
            "usual": {name: one.document() for name, one in self.usual.items()},
        }

    def command_line(self) -> dict[str, Any]:
        """Return the JSON document of `watchroom explain`."""
        return {
            "model": self.origin.model,
            "version": self.origin.version,
            "units": self.unit,
            "explainer": self.explainer,
            "n": self.n,
            "base": self.base,
            "points": [one.document() for one in self.importance],
            "row": None,
            "additivity_error": self.additivity_error,
        }


def _ends(
    partner: str | None, known: Floats, levels: Mapping[str, tuple[str, ...]], schema: ModelSchema
) -> tuple[str, str]:
    """Return what the two ends of a partner's shades stand for."""
    finite = known[np.isfinite(known)]
    if partner is None or not len(finite):
        return "low", "high"
    low, high = (float(one) for one in np.quantile(finite, SHADE_ENDS))
    if partner in levels:
        return levels[partner][round(low)], levels[partner][round(high)]
    unit = schema.features[partner].unit
    return quantity(low, unit), quantity(high, unit)


def explanation_from(document: Mapping[str, Any], rows: pa.Table, *, data_version: str, seconds: float) -> Explanation:
    """Return the explanation that `Explanation.document` and its rows hold."""
    plain = {key: value for key, value in document.items() if key not in ("origin", "importance", "usual")}
    plain |= {name: tuple(document[name]) for name in ("features", "withheld", "summed")}
    return Explanation(
        **plain,
        origin=Origin(**document["origin"]),
        importance=tuple(Importance(**one) for one in document["importance"]),
        usual={name: usual_of(one) for name, one in document["usual"].items()},
        rows=rows,
        data_version=data_version,
        seconds=seconds,
    )


def explanation_of(
    shap: ShapValues,
    rows: pa.Table,
    schema: ModelSchema,
    *,
    origin: Origin,
    usual: Mapping[str, Usual],
    withheld: Sequence[str],
    summed: Sequence[str],
) -> Explanation:
    """Return the explanation of sampled rows.

    Parameters
    ----------
    shap : ShapValues of the rows, (n, F)
    rows : pa.Table, n rows
        As `core.profile.window_rows` gives them, with every feature.
    """
    shown, _ = as_numbers(rows, schema)
    columns = {name: rows[name] for name in FACTS}
    columns |= {"margin": pa.array(shap.margin), "prediction": pa.array(shap.prediction)}
    for name in schema.features:
        nothing = pa.nulls(rows.num_rows, rows[name].type)
        columns[f"{VALUE}{name}"] = nothing if name in withheld else rows[name]
    columns |= {f"{PHI}{name}": pa.array(shap.values[:, place]) for place, name in enumerate(shap.features)}
    return Explanation(
        origin=origin,
        unit=shap.unit,
        explainer=shap.explainer,
        approximate=shap.approximate,
        base=shap.base,
        additivity_error=shap.additivity_error,
        score_gap=score_gap(shap, rows, schema) if origin.source == ARTEFACT else None,
        features=shap.features,
        withheld=tuple(withheld),
        summed=tuple(summed),
        importance=importance(shap.features, shap.values),
        partners=_partners(shap, shown, withheld),
        usual=dict(usual),
        rows=pa.table(columns),
    )


def score_gap(shap: ShapValues, rows: pa.Table, schema: ModelSchema) -> float | None:
    """Return how far the artefact's predictions lie from the logged scores, at most; None for several classes."""
    logged = rows["score"].to_numpy().astype(np.float64)
    known = np.isfinite(logged) & np.isfinite(shap.prediction)
    if schema.task == "multiclass" or not known.any():
        return None
    return float(np.abs(logged[known] - shap.prediction[known]).max())


def _partners(shap: ShapValues, shown: Floats, withheld: Sequence[str]) -> dict[str, str]:
    allowed = tuple(name not in withheld for name in shap.features)
    found = {}
    for place, name in enumerate(shap.features):
        best = strongest(place, shap.values, shown, allowed=allowed)
        if allowed[place] and best is not None:
            found[name] = shap.features[best]
    return found
