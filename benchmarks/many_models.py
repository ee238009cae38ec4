"""Opening Fleet and Drift over a store of 200 models × 365 days × 50 features: profiles made, no logs read.

One model is taken in, profiled and judged like anybody's; its rows in the state database are then copied for the
others, since the pages read nothing else. Run with ``python -m benchmarks.many_models``; MODELS=50 for fewer.
"""

import json
import os
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.cli import run
from core.access.principal import LOCAL
from core.home.service import freeze_clock
from core.store.database import DATABASE, open_store

MODELS = int(os.environ.get("MODELS", "200"))
DAYS, REFERENCE_DAYS, ROWS_A_DAY, FEATURES = 365, 60, 120, 50
START = datetime(2024, 1, 1, tzinfo=UTC)
LIMITS_MS = {"Fleet": 1_000, "Drift": 500}
RUNS = 5
COPIED = ("profiles", "day_states")


def main() -> None:
    """Build the store in a folder of its own, open the two pages, print their times."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        home = _one_model(Path(folder))
        _copied(home)
        size = sum(file.stat().st_size for file in home.glob("state.db*")) / 1e9
        took = time.perf_counter() - began
        print(f"{MODELS} models × {DAYS} days × {FEATURES} features: {size:.1f} GB of state, built in {took:.0f} s")
        _open_pages(home)


def _one_model(folder: Path) -> Path:
    home = folder / "home"
    names = [f"x{number:02d}" for number in range(FEATURES)]
    features = "\n".join(f"    {name}: {{kind: numeric, importance: {1 / FEATURES}}}" for name in names)
    (folder / "model.yaml").write_text(
        "model: m000\ntask: binary\nowner: bench\nrisk_tier: 3\ncolumns:\n  prediction_id: id\n  timestamp: at\n"
        f"  score: score\n  actual: y\n  segments: [place]\n  features:\n{features}\n"
    )
    rng = np.random.default_rng(7)
    pq.write_table(_rows(rng, names, -REFERENCE_DAYS, REFERENCE_DAYS), folder / "reference.parquet")
    pq.write_table(_rows(rng, names, 0, DAYS), folder / "log.parquet")
    _told("init", home)
    freeze_clock(open_store(home), LOCAL, START + timedelta(days=DAYS, hours=6))
    _told("model", "add", folder / "model.yaml", home=home)
    _told("version", "add", "m000", "v1", "--reference", folder / "reference.parquet", home=home)
    _told("ingest", "m000", "v1", folder / "log.parquet", home=home)
    return home


def _rows(rng: np.random.Generator, names: list[str], first: int, days: int) -> pa.Table:
    n = days * ROWS_A_DAY
    day = np.repeat(np.arange(days), ROWS_A_DAY) + first
    score = rng.beta(2, 5, n)
    columns = {name: rng.normal(0, 1, n) for name in names}
    minutes = day * 1440 + rng.integers(0, 1440, n)
    at = [START + timedelta(minutes=int(minute)) for minute in minutes]
    return pa.table(
        {
            "id": [f"{first}-{number}" for number in range(n)],
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "score": score,
            "y": (rng.random(n) < score).astype(int),
            "place": rng.choice(["north", "south", "east"], n),
            **columns,
        }
    )


def _told(*words: object, home: Path | None = None) -> None:
    command = [str(word) for word in words]
    if command[0] == "init":
        command = ["init", "--home", command[1]]
    elif home is not None:
        command += ["--home", str(home)]
    if run([*command, "--json"]) != 0:
        raise SystemExit(f"{' '.join(command)} failed")


def _copied(home: Path) -> None:
    """Copy the model's rows for all others, inside the database."""
    with sqlite3.connect(home / DATABASE) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for number in range(2, MODELS + 1):
            renamed = {"id": number, "key": f"'m{number:04d}'", "name": f"'m{number:03d}'"}
            _copy(connection, "models", "id = 1", {**renamed, "schema_id": number, "champion_id": number})
            _copy(connection, "schemas", "id = 1", {"id": number, "model_id": number})
            _copy(connection, "versions", "id = 1", {"id": number, "model_id": number, "schema_id": number})
            for table in COPIED:
                _copy(connection, table, "version_id = 1", {"version_id": number})


def _copy(connection: sqlite3.Connection, table: str, which: str, changes: dict[str, object]) -> None:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(str(changes.get(name, name)) for name in names)
    # names of our own tables and columns only
    connection.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {which}")  # noqa: S608


def _forget() -> None:
    import streamlit as st

    st.cache_data.clear()
    st.cache_resource.clear()


def _open_pages(home: Path) -> None:
    """Print how long the Fleet takes with empty caches, as after a change of the store, then Drift, not yet read."""
    os.environ["WATCHROOM_HOME"] = str(home)
    import logging

    from streamlit.testing.v1 import AppTest

    from app import demo

    logging.disable(logging.WARNING)

    main_file = str(demo.ROOT / "app" / "main.py")
    AppTest.from_file(main_file, default_timeout=120).run()  # imports
    figures = {}
    for title, file in (("Fleet", ""), ("Drift", "engineering/drift.py")):
        times = []
        for _ in range(RUNS):
            page = AppTest.from_file(main_file, default_timeout=120)
            if file:
                _forget()
                page.run()
                began = time.perf_counter()
                page.switch_page(f"../pages/{file}").run()
            else:
                _forget()
                began = time.perf_counter()
                page.run()
            times.append(1000 * (time.perf_counter() - began))
            if page.exception:
                raise SystemExit(f"{title}: {page.exception[0].value}")
        figures[title] = statistics.median(times)
        print(f"{title:<6} opens in {figures[title]:5.0f} ms (median of {RUNS}, limit {LIMITS_MS[title]} ms)")
    print(json.dumps({name: round(value) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
