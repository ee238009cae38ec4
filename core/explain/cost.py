"""How long an explanation will take, told before it starts.

Measured on two cores of 2026; a rough figure (within a factor of two to three) that tells seconds from minutes. Values
of trees cost by rows × leaves of all trees; permutations by how often the model is run.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.explain.artifact import ArtifactFormat, recognise, skops_schema
from core.explain.permutation import n_predictions

START_SECONDS = 2.5
"""A new interpreter, its libraries, and the file opened."""

PER_ROW_AND_LEAF = 3e-7
PER_PREDICTION = 8e-6
PER_LINEAR_ROW = 2e-5
FULL_TREE, BOOSTED_TREE = 350, 31
"""Leaves of one tree where the file does not tell: of a forest grown to the end, of boosted trees."""
DEEP = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a model file says of its size without being opened.

    Attributes
    ----------
    kind : ``forest``, ``boosted`` (scikit-learn), ``booster`` (LightGBM, XGBoost), ``linear`` or ``permutation``
    n_trees, depth : int
        0 where there are none, or the file does not tell; the depth is that of the deepest tree.
    n_leaves : int
        Of all trees; 0 where the file does not tell.
    """

    kind: str
    n_trees: int
    depth: int
    n_leaves: int = 0


def seconds_for(kind: str, n_rows: int, n_trees: int, depth: int, *, n_leaves: int = 0, n_features: int = 20) -> float:
    """Return how many seconds an explanation takes, with the start of its process.

    Parameters
    ----------
    kind : as in `Shape`
    n_rows : int
        Rows that are explained.
    n_trees, depth : int
        Of a forest or of boosted trees.
    n_leaves : int
        Of all trees; 0: guessed from number and depth.
    n_features : int
        Counts for permutations only.

    >>> seconds_for("booster", 2_000, 200, 6) < 10 < 30 < seconds_for("forest", 2_000, 200, 25) < 60
    True
    """
    if kind in ("forest", "boosted", "booster"):
        usual = FULL_TREE if kind == "forest" else BOOSTED_TREE
        leaves = n_leaves or n_trees * (min(2**depth, usual) if depth else usual)
        work = PER_ROW_AND_LEAF * n_rows * leaves
    elif kind == "linear":
        work = PER_LINEAR_ROW * n_rows
    else:
        work = PER_PREDICTION * n_predictions(n_rows, n_features)
    return START_SECONDS + work


def estimate(artifact: Path, n_rows: int, n_features: int) -> float:
    """Return how many seconds it takes to explain `n_rows` rows by a kept model file.

    Raises
    ------
    BadInputError
        When it is none of the formats that are opened.
    """
    found = shape_of(artifact)
    return seconds_for(found.kind, n_rows, found.n_trees, found.depth, n_leaves=found.n_leaves, n_features=n_features)


def shape_of(artifact: Path) -> Shape:
    """Return the size of a kept model file, read from its JSON or text: no model is opened.

    Raises
    ------
    BadInputError
        When it is none of the formats that are opened.
    """
    with artifact.open("rb") as stream:
        found = recognise(stream, artifact.name[:12])
    if found is ArtifactFormat.SKOPS:
        return _skops_shape(artifact)
    if found is ArtifactFormat.ONNX:
        return Shape(kind="permutation", n_trees=0, depth=0)
    content = artifact.read_bytes()
    if found is ArtifactFormat.LIGHTGBM:
        leaves = [int(found) for found in re.findall(rb"\nnum_leaves=(\d+)", content)]
        return Shape(kind="booster", n_trees=len(leaves), depth=0, n_leaves=sum(leaves))
    told = re.search(rb'num_trees"?[:SLUil\x00-\x1f]{1,12}"?(\d+)', content)
    return Shape(kind="booster", n_trees=int(told[1]) if told else 0, depth=0)


def _skops_shape(artifact: Path) -> Shape:
    with zipfile.ZipFile(artifact) as packed:
        nodes = list(_objects(skops_schema(packed, artifact.name[:12])))
    names = [str(node.get("__class__")) for node in nodes]
    n_trees, n_predictors = names.count("Tree"), names.count("TreePredictor")
    boosted = any(name.startswith(("GradientBoosting", "HistGradient")) for name in names)
    if n_trees + n_predictors:
        kind = "boosted" if boosted else "forest"
        return Shape(kind=kind, n_trees=n_trees + n_predictors, depth=_depth(nodes), n_leaves=_leaves(nodes))
    if any(name.startswith(("LGBM", "XGB")) for name in names):
        return Shape(kind="booster", n_trees=_boosted_rounds(nodes), depth=0)
    linear = any("Regression" in name or name.startswith(("Ridge", "Lasso", "Elastic", "SGD")) for name in names)
    return Shape(kind="linear" if linear else "permutation", n_trees=0, depth=0)


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    waiting: list[Any] = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "__class__" in one:
                yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _number(node: Any) -> int:
    """Return the number that a JSON node of skops holds; 0 when it holds none."""
    content = node.get("content") if isinstance(node, dict) else None
    return int(content) if isinstance(content, str | int) and str(content).isdigit() else 0


def _depth(nodes: list[dict[str, Any]]) -> int:
    """Return the depth of the deepest tree as its own state tells it; a deep one where none does."""
    told = [_told(node, "max_depth") for node in nodes if node.get("__class__") == "Tree"]
    return max(told, default=0) or DEEP


def _leaves(nodes: list[dict[str, Any]]) -> int:
    """Return the leaves of all trees that tell their number of nodes."""
    return sum((_told(node, "node_count") + 1) // 2 for node in nodes if node.get("__class__") == "Tree")


def _boosted_rounds(nodes: list[dict[str, Any]]) -> int:
    return max((_told(node, "n_estimators") for node in nodes), default=0) or 100


def _told(node: dict[str, Any], name: str) -> int:
    waiting = [node.get("content"), node.get("__reduce__")]
    for _ in range(4):
        inner = [one for one in waiting if isinstance(one, dict)]
        for one in inner:
            if name in one:
                return _number(one[name])
        waiting = [value for one in inner for key, value in one.items() if key in ("content", "__reduce__", "state")]
    return 0
