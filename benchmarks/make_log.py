"""Write a synthetic prediction log for measurements: 20 numeric and 10 categorical features, 30 days.

    python benchmarks/make_log.py --rows 1000000 --out build/log_1m.parquet

Two segments, score, decision, actual (30 % missing); zstd Parquet with row groups of 125,000.
Beside the log it writes ``model.yaml``.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

N_NUMERIC, N_CATEGORICAL, N_DAYS = 20, 10, 30
GROUP = 125_000
START = datetime(2024, 1, 1, tzinfo=UTC)
MODEL = """model: bench
task: binary
owner: bench
columns:
  prediction_id: id
  timestamp: at
  score: score
  decision: decision
  actual: actual
  features: {{numeric: [{numeric}], categorical: [{categorical}]}}
  segments: [segment_a, segment_b]
"""


def rows(rng: np.random.Generator, first: int, n: int, total: int) -> pa.Table:
    """Return `n` rows from row number `first` on, in order of time."""
    place = (first + np.arange(n)) / total
    at = (START.timestamp() * 1e6 + place * N_DAYS * 86_400e6).astype(np.int64)
    columns: dict[str, pa.Array] = {
        "id": pa.array(np.char.add("p-", (first + np.arange(n)).astype(str))),
        "at": pa.array(at, pa.timestamp("us", "UTC")),
    }
    hidden = rng.normal(size=n)
    for index in range(N_NUMERIC):
        values = 0.3 * hidden + rng.normal(size=n) * (1 + index)
        columns[f"n{index:02d}"] = pa.array(values, mask=rng.random(n) < 0.02)
    for index in range(N_CATEGORICAL):
        levels = np.linspace(3, 50, N_CATEGORICAL).astype(int)[index]
        codes = np.minimum(rng.geometric(1.5 / levels, n) - 1, levels - 1).astype(np.int32)
        names = pa.array([f"level_{code}" for code in range(levels)])
        columns[f"c{index:02d}"] = pa.DictionaryArray.from_arrays(codes, names)
    for name, levels in (("segment_a", 5), ("segment_b", 12)):
        names = pa.array([f"{name}_{code}" for code in range(levels)])
        columns[name] = pa.DictionaryArray.from_arrays(rng.integers(0, levels, n).astype(np.int32), names)
    score = 1 / (1 + np.exp(-(hidden - 1)))
    columns["score"] = pa.array(np.round(score, 6))
    columns["decision"] = pa.array((score >= 0.5).astype(np.int8))
    columns["actual"] = pa.array((rng.random(n) < score).astype(np.int8), mask=rng.random(n) < 0.3)
    return pa.table(columns)


def write(out: Path, n_rows: int, seed: int) -> None:
    """Write the log and its model.yaml."""
    rng = np.random.default_rng(seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    schema = rows(rng, 0, 1, n_rows).schema
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for first in range(0, n_rows, GROUP):
            writer.write_table(rows(rng, first, min(GROUP, n_rows - first), n_rows), row_group_size=GROUP)
    numeric = ", ".join(f"n{index:02d}" for index in range(N_NUMERIC))
    categorical = ", ".join(f"c{index:02d}" for index in range(N_CATEGORICAL))
    text = MODEL.format(numeric=numeric, categorical=categorical)
    (out.parent / "model.yaml").write_text(text, encoding="utf-8")


def main() -> None:
    """Read the options and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=Path("build/log.parquet"))
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    write(options.out, options.rows, options.seed)
    print(f"{options.rows:,} rows, {options.out.stat().st_size:,} bytes: {options.out}")


if __name__ == "__main__":
    main()
