"""Internal column ids: what a user calls ``temp °F; DROP`` is ``f_0003`` in every file.

An id belongs to a name *and* its storage (a number or text), so that a later schema revision that
changes a feature's kind gets a new column instead of a type that does not fit.
"""

from collections.abc import Collection, Mapping

from core.log.schema import ModelSchema

ColumnIds = Mapping[str, str]
"""User name → internal id (``f_0001`` features, ``c_0001`` others)."""

NUMBER = "number"
TEXT = "text"


def storage_keys(schema: ModelSchema) -> dict[str, str]:
    """Return the storage key of every stored column → its id's prefix, features first.

    A key is ``number:NAME`` or ``text:NAME``.
    """
    return {f"{storage}:{name}": prefix for name, (storage, prefix) in _stored(schema).items()}


def bind(schema: ModelSchema, known: Mapping[str, str]) -> ColumnIds:
    """Return the ids of a schema's stored columns, given the ids by storage key.

    Raises
    ------
    KeyError
        When a column has no id: they are given when `core.inventory` adds the schema.
    """
    return {name: known[f"{storage}:{name}"] for name, (storage, _) in _stored(schema).items()}


def storages(schema: ModelSchema) -> dict[str, str]:
    """Return the storage (``number`` or ``text``) of every stored column by the user's name."""
    return {name: storage for name, (storage, _) in _stored(schema).items()}


def shap_columns(schema: ModelSchema, names: Collection[str]) -> dict[str, str]:
    """Return feature → its column ``shap_<feature>`` among `names`, which nobody has to declare.

    A column that the schema gives another part is that part.
    """
    taken = {*_stored(schema), *schema.score_columns, schema.prediction_id, schema.timestamp, schema.actual}
    found = {feature: f"shap_{feature}" for feature in schema.features}
    return {feature: name for feature, name in found.items() if name in names and name not in taken}


def shap_ids(schema: ModelSchema, known: Mapping[str, str]) -> dict[str, str]:
    """Return feature → internal id of the column of its SHAP values, of the features that the log has one for.

    Parameters
    ----------
    known : mapping of storage key to internal id
    """
    names = {key.removeprefix(f"{NUMBER}:") for key in known}
    return {feature: known[shap_key(name)] for feature, name in shap_columns(schema, names).items()}


def shap_key(column: str) -> str:
    """Return the storage key of a column of SHAP values."""
    return f"{NUMBER}:{column}"


def _stored(schema: ModelSchema) -> dict[str, tuple[str, str]]:
    columns = schema.columns
    stored = {f.name: (NUMBER if f.kind == "numeric" else TEXT, "f") for f in schema.features.values()}
    for name in (*schema.class_columns, columns.weight, columns.amount, columns.latency_ms):
        if name is not None:
            stored.setdefault(name, (NUMBER, "c"))
    for name in columns.group_bands:
        stored.setdefault(name, (NUMBER, "c"))
    named = (columns.error, columns.source, columns.feature_set, columns.arm, columns.consent)
    for name in (*columns.segments, *columns.protected, *named):
        if name is not None:
            stored.setdefault(name, (TEXT, "c"))
    return stored
