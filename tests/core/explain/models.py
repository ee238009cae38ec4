"""Real models for the tests of opened model files, and rows for them."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from core.explain.values import ScoredModel

NUMBERS = ("x0", "x1", "x2", "x3")
FEATURES = (*NUMBERS, "c", "k")
N_ROWS = 600


def rows() -> SimpleNamespace:
    """Return made-up rows as a frame and as Arrow, with answers for the three tasks; x3 has nulls."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(N_ROWS, len(NUMBERS))), columns=list(NUMBERS))
    frame["x3"] = frame["x3"].where(rng.random(N_ROWS) > 0.1)
    frame["c"] = pd.Series(rng.choice(["a", "b", "d"], N_ROWS), dtype=object)
    frame["k"] = pd.Series(rng.choice(["u", "v"], N_ROWS), dtype=object)
    lift = frame["x0"] + frame["x1"] * frame["x2"] + (frame["c"] == "a")
    noisy = lift + rng.normal(size=N_ROWS)
    columns = {name: pa.array(frame[name], from_pandas=True) for name in NUMBERS}
    columns |= {name: pa.array(frame[name]).dictionary_encode() for name in ("c", "k")}
    return SimpleNamespace(
        frame=frame,
        table=pa.table(columns),
        binary=(noisy > 0).astype(int).to_numpy(),
        classes=np.array(["low", "mid", "top"])[np.digitize(noisy, [-0.5, 1.0])],
        amount=np.exp(noisy / 3).to_numpy(),
    )


def scored(task: str, features: tuple[str, ...] = FEATURES) -> ScoredModel:
    """Return what is known of a model of this task; the classes stand in an order of their own."""
    classes = ("top", "low", "mid") if task == "multiclass" else ()
    return ScoredModel(
        task=task, features=features, categorical=frozenset({"c", "k"} & set(features)), classes=classes, positive="1"
    )


def pipeline(estimator: object) -> object:
    """Return a pipeline with imputing, an indicator of missing values, one-hot and ordinal columns."""
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    return make_pipeline(
        make_column_transformer((OneHotEncoder(), ["c"]), (numbers, list(NUMBERS)), (OrdinalEncoder(), ["k"])),
        estimator,
    )


def saved(folder: Path, content: bytes) -> tuple[Path, str]:
    """Write a model file; returns its path and digest."""
    digest = hashlib.sha256(content).hexdigest()
    path = folder / digest
    path.write_bytes(content)
    return path, digest
