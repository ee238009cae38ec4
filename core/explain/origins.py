"""From which original feature each column after a scikit-learn pipeline's preprocessing comes.

Encoders, imputers, scalers and selections keep every column the child of one feature; what mixes columns
(polynomials, projections) is not followed, and such a pipeline is explained as a whole.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

ALIKE = frozenset(
    {
        "StandardScaler",
        "MinMaxScaler",
        "MaxAbsScaler",
        "RobustScaler",
        "PowerTransformer",
        "QuantileTransformer",
        "OrdinalEncoder",
    }
)
"""Transformers that give one column for each column, in the same order."""

Origins = tuple[int, ...]


class NotFollowedError(ValueError):
    """A transformer mixes columns, or is not known."""


def origins(transformer: Any, inputs: Origins) -> Origins:
    """Return the original feature of every column that a fitted transformer gives.

    Parameters
    ----------
    transformer : a fitted scikit-learn transformer, or ``"passthrough"`` or ``"drop"``
    inputs : tuple of int
        The original feature of every column that it takes.

    Raises
    ------
    NotFollowedError
        When its columns do not each come from one feature.
    """
    if isinstance(transformer, str):
        return inputs if transformer == "passthrough" else ()
    kind = type(transformer).__name__
    if kind in ALIKE:
        return inputs
    follow = FOLLOWED.get(kind)
    if follow is None:
        raise NotFollowedError(f"{kind} mixes the columns that it is given")
    return follow(transformer, inputs)


def encoders(transformer: Any, inputs: Origins) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield (original feature, learned categories) for every column that reaches an encoder of texts."""
    kind = type(transformer).__name__
    if kind == "Pipeline":
        for _, step in transformer.steps:
            yield from encoders(step, inputs)
            inputs = origins(step, inputs)
    elif kind == "ColumnTransformer":
        for part, chosen in _parts(transformer, inputs):
            yield from encoders(part, chosen)
    elif kind in ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder"):
        yield from ((origin, tuple(known)) for origin, known in zip(inputs, transformer.categories_, strict=True))


def _pipeline(pipeline: Any, inputs: Origins) -> Origins:
    for _, step in pipeline.steps:
        inputs = origins(step, inputs)
    return inputs


def _parts(columns: Any, inputs: Origins) -> Iterator[tuple[Any, Origins]]:
    names = getattr(columns, "feature_names_in_", None)
    for _, part, chosen in columns.transformers_:
        yield part, tuple(inputs[place] for place in _places(chosen, names, len(inputs)))


def _column_transformer(columns: Any, inputs: Origins) -> Origins:
    found = [origin for part, chosen in _parts(columns, inputs) for origin in origins(part, chosen)]
    given = sum(part.stop - part.start for part in columns.output_indices_.values())
    if len(found) != given:
        raise NotFollowedError(f"ColumnTransformer gives {given} columns where {len(found)} were expected")
    return tuple(found)


def _places(chosen: Any, names: Sequence[str] | None, n_columns: int) -> list[int]:
    """Return the positions of a choice of columns: names, numbers, a slice, or a mask."""
    if isinstance(chosen, str | int | np.integer):
        chosen = [chosen]
    if isinstance(chosen, slice):
        if isinstance(chosen.start, str) or isinstance(chosen.stop, str):
            raise NotFollowedError("ColumnTransformer chooses columns by a range of names")
        return list(range(n_columns))[chosen]
    listed = list(chosen)
    if listed and all(isinstance(one, bool | np.bool_) for one in listed):
        return [place for place, one in enumerate(listed) if one]
    if any(isinstance(one, str) for one in listed):
        known = {name: place for place, name in enumerate(names if names is not None else ())}
        return [known[str(one)] for one in listed]
    return [range(n_columns)[int(one)] for one in listed]


def _one_hot(encoder: Any, inputs: Origins) -> Origins:
    names = getattr(encoder, "feature_names_in_", None)
    known = [str(name) for name in names] if names is not None else [f"x{place}" for place in range(len(inputs))]
    kept = encoder.feature_name_combiner
    encoder.feature_name_combiner = _only_feature
    try:
        given = encoder.get_feature_names_out()
    finally:
        encoder.feature_name_combiner = kept
    place = {name: at for at, name in enumerate(known)}
    return tuple(inputs[place[str(name)]] for name in given)


def _only_feature(feature: Any, _category: Any) -> str:
    return str(feature)


def _imputer(imputer: Any, inputs: Origins) -> Origins:
    statistics = np.asarray(imputer.statistics_, dtype=object)
    gone = [not imputer.keep_empty_features and one is not None and one != one for one in statistics]
    kept = tuple(origin for origin, is_gone in zip(inputs, gone, strict=True) if not is_gone)
    flags = imputer.indicator_.features_ if imputer.add_indicator else ()
    return kept + tuple(inputs[int(place)] for place in flags)


def _missing(indicator: Any, inputs: Origins) -> Origins:
    return tuple(inputs[int(place)] for place in indicator.features_)


def _selection(selection: Any, inputs: Origins) -> Origins:
    return tuple(inputs[int(place)] for place in selection.get_support(indices=True))


def _function(function: Any, inputs: Origins) -> Origins:
    if function.func is not None and getattr(function.func, "nin", 0) != 1:  # a ufunc of one number keeps columns
        raise NotFollowedError("FunctionTransformer applies a function to all columns")
    return inputs


def _union(union: Any, inputs: Origins) -> Origins:
    return tuple(origin for _, part in union.transformer_list for origin in origins(part, inputs))


def _bins(bins: Any, inputs: Origins) -> Origins:
    if bins.encode == "ordinal":
        return inputs
    return tuple(origin for origin, n in zip(inputs, bins.n_bins_, strict=True) for _ in range(int(n)))


def _target(encoder: Any, inputs: Origins) -> Origins:
    if len(encoder.encodings_) != len(inputs):
        raise NotFollowedError("TargetEncoder gives a column for each class")
    return inputs


FOLLOWED: dict[str, Callable[[Any, Origins], Origins]] = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _union,
    "OneHotEncoder": _one_hot,
    "TargetEncoder": _target,
    "KBinsDiscretizer": _bins,
    "SimpleImputer": _imputer,
    "MissingIndicator": _missing,
    "FunctionTransformer": _function,
    "SelectKBest": _selection,
    "SelectPercentile": _selection,
    "VarianceThreshold": _selection,
}
