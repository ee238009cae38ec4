"""Kinds of malformed files, one row of the table each: one sentence, and nothing half written."""

import gzip
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.access.principal import LOCAL
from core.log import service as log
from core.log.delta import open_log
from core.log.schema import load_schema
from core.store.database import Store, open_store
from tests.log_kit import (
    KEY,
    MODEL,
    MULTICLASS_YAML,
    REGRESSION_YAML,
    START,
    actuals,
    content,
    data_files,
    forecasts,
    predictions,
    saved,
    tickets,
    watched,
)

Build = Callable[[Path], Path]
N = 6


@dataclass(frozen=True)
class Case:
    """A file, and the words that the one sentence must hold (refused) or the rule that rows break (quarantined)."""

    name: str
    build: Build
    says: str
    rows: int = 1


def frame() -> pl.DataFrame:
    return predictions(N, prefix="q")


def table(**changes: object) -> pa.Table:
    rows = frame().to_arrow()
    for name, values in changes.items():
        array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
        rows = (
            rows.set_column(rows.column_names.index(name), name, array)
            if name in rows.column_names
            else rows.append_column(name, array)
        )
    return rows


def beside(*names: str) -> pa.Table:
    """Return good rows with further columns of these names."""
    rows = frame().to_arrow()
    for name in names:
        rows = rows.append_column(name, pa.array([1] * N))
    return rows


def parquet(rows: pa.Table, name: str = "f.parquet", **options: object) -> Build:
    def build(folder: Path) -> Path:
        pq.write_table(rows, folder / name, **options)
        return folder / name

    return build


def raw(content: bytes, name: str) -> Build:
    def build(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return build


def csv_text() -> str:
    return frame().write_csv()


def csv(text: str, name: str = "f.csv", encoding: str = "utf-8") -> Build:
    return raw(text.encode(encoding), name)


def json_lines(*lines: str) -> Build:
    good = frame().write_ndjson()
    return raw((good + "\n".join(lines) + "\n").encode(), "f.jsonl")


def mangled(change: Callable[[bytes], bytes], **options: object) -> Build:
    def build(folder: Path) -> Path:
        path = parquet(table(), **options)(folder)
        path.write_bytes(change(path.read_bytes()))
        return path

    return build


def with_row(**values: object) -> Build:
    """Return a CSV file whose third row has other values."""
    rows = [
        {name: str(value) for name, value in row.items()}
        for row in frame().with_columns(pl.col("at").dt.to_string("iso:strict")).to_dicts()
    ]
    rows[2] |= {name: str(value) for name, value in values.items()}
    for row in rows:
        for name in values:
            row.setdefault(name, "")
    header = list(rows[2])
    lines = [",".join(header), *(",".join(f'"{row[name]}"' if row[name] else "" for name in header) for row in rows)]
    return csv("\n".join(lines) + "\n")


def folder_of_files(folder: Path) -> Path:
    (folder / "f.parquet").mkdir()
    return folder / "f.parquet"


def link(folder: Path) -> Path:
    parquet(table(), "target.parquet")(folder)
    (folder / "f.parquet").symlink_to(folder / "target.parquet")
    return folder / "f.parquet"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "f.parquet")
    return folder / "f.parquet"


def archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "f.parquet", "w") as packed:
        packed.writestr("sheet.xml", "<x/>")
    return folder / "f.parquet"


def bomb(folder: Path) -> Path:
    zeros = pa.table({"id": pa.array(np.zeros(30_000_000, dtype=np.int64))})
    pq.write_table(zeros, folder / "f.parquet", compression="zstd", use_dictionary=False, row_group_size=30_000_000)
    assert (folder / "f.parquet").stat().st_size < 1_000_000
    return folder / "f.parquet"


def wide(folder: Path) -> Path:
    columns = {f"x{i}": pa.array(np.zeros(2)) for i in range(10_000)}
    pq.write_table(pa.table(columns), folder / "f.parquet")
    return folder / "f.parquet"


def times(*values: object) -> pa.Array:
    given = [START + timedelta(hours=i) for i in range(N)]
    given[: len(values)] = values  # type: ignore[assignment]
    return pa.array(given, pa.timestamp("us", "UTC"))


def without(*names: str) -> pa.Table:
    return table().drop_columns(list(names))


def twice(name: str) -> pa.Table:
    return table().append_column(name, pa.array([1.0] * N))


HEADER = csv_text().splitlines()[0]
REFUSED = [
    Case("the path does not exist", lambda folder: folder / "f.parquet", "cannot be opened"),
    Case("the path holds a zero byte", lambda folder: folder / "f\x00.parquet", "cannot be opened"),
    Case("the name is longer than any file's", lambda folder: folder / ("x" * 5000 + ".csv"), "cannot be opened"),
    Case(
        "the path climbs out of a folder that is not there",
        lambda folder: folder / "no/../../../f.csv",
        "cannot be opened",
    ),
    Case("a folder", folder_of_files, "is a folder"),
    Case("a symbolic link", link, "symbolic link"),
    Case("a named pipe", pipe, "not a regular file"),
    Case("no bytes", raw(b"", "f.parquet"), "is empty"),
    Case("an unknown kind of file", raw(b"hello there", "f.xlsx"), "not a .parquet, .csv or .jsonl file"),
    Case("a zip under the name of Parquet", archive, "packed with zip"),
    Case("gzip under the name of CSV", raw(gzip.compress(csv_text().encode()), "f.csv"), "packed with gzip"),
    Case("a gzip file by its own name", raw(gzip.compress(csv_text().encode()), "f.csv.gz"), "packed with gzip"),
    Case("CSV under the name of Parquet", csv(csv_text(), "f.parquet"), "does not begin with PAR1"),
    Case("Parquet under the name of CSV", parquet(table(), "f.csv"), "name it .parquet"),
    Case("Parquet cut in half", mangled(lambda raw: raw[: len(raw) // 2]), "truncated"),
    Case("Parquet without its last byte", mangled(lambda raw: raw[:-1]), "truncated"),
    Case("nothing but Parquet's magic", raw(b"PAR1PAR1", "f.parquet"), "truncated"),
    Case("a footer longer than the file", mangled(lambda raw: raw[:-8] + b"\xff\xff\xff\x7fPAR1"), "footer claims"),
    Case("a footer of garbage", mangled(lambda raw: raw[:-60] + b"\xff" * 52 + raw[-8:]), "damaged"),
    Case("a damaged page", mangled(lambda raw: raw[:40] + bytes(200) + raw[240:], compression="zstd"), "damaged"),
    Case("encrypted Parquet", mangled(lambda raw: b"PARE" + raw[4:-4] + b"PARE"), "encrypted"),
    Case("Parquet without rows", parquet(table().slice(0, 0)), "no rows"),
    Case("a Parquet bomb", bomb, "Parquet bomb"),
    Case("10,000 columns", wide, "10,000 columns"),
    Case("10,000 columns of CSV", csv(",".join(f"c{i}" for i in range(10_000)) + "\n1\n"), "10,000 columns"),
    Case("no id", parquet(without("id")), "lacks the column 'id'"),
    Case("no time", parquet(without("at")), "lacks the column 'at'"),
    Case("no score and a feature missing", parquet(without("score", "temp")), "lacks the columns 'score', 'temp'"),
    Case("no segment", parquet(without("origin")), "lacks the column 'origin'"),
    Case("a column twice", parquet(twice("temp")), "'temp' twice"),
    Case(
        "a column twice but for its spelling in Unicode",
        parquet(beside("caf\u00e9", "cafe\u0301")),
        "twice",
    ),
    Case("a nested feature", parquet(table(temp=[{"celsius": 1.0}] * N)), "'temp' is nested"),
    Case("a list as a category", parquet(table(carrier=[["UA", "AA"]] * N)), "'carrier' is nested"),
    Case("bytes as a category", parquet(table(carrier=[b"UA"] * N)), "holds bytes"),
    Case("a duration as a feature", parquet(table(temp=pa.array([1] * N, pa.duration("s")))), "write it as a number"),
    Case("a timestamp as a feature", parquet(table(temp=times())), "where number is needed"),
    Case("a timestamp as a category", parquet(table(carrier=times())), "where text is needed"),
    Case("times as integers", parquet(table(at=[1_372_680_000_000] * N)), "seconds or milliseconds?"),
    Case("times as floats", parquet(table(at=[1.37e9] * N)), "seconds or milliseconds?"),
    Case(
        "milliseconds taken for seconds",
        parquet(table(at=pa.array([1_372_680_000_000] * N, pa.timestamp("s", "UTC")))),
        "is the timestamp in milliseconds?",
    ),
    Case(
        "a span of more than 1,000 days",
        parquet(table(at=times(START - timedelta(days=1_001)))),
        "is the timestamp in milliseconds?",
    ),
    Case(
        "a time in the year 9999",
        parquet(table(at=times(datetime(9999, 1, 1, tzinfo=UTC)))),
        "is the timestamp in milliseconds?",
    ),
    Case("CSV with semicolons", csv(csv_text().replace(",", ";")), "separated by semicolons"),
    Case("CSV with tabs", csv(csv_text().replace(",", "\t")), "separated by tabs"),
    Case("CSV with bars", csv(csv_text().replace(",", "|")), "separated by bars"),
    Case("CSV with a header only", csv(HEADER + "\n"), "no rows"),
    Case("CSV of empty lines", csv("\n\n\n"), "empty first line"),
    Case("CSV without a header", csv("\n".join(csv_text().splitlines()[1:]) + "\n"), "lacks the columns"),
    Case("CSV with a column twice", csv(csv_text().replace("temp", "score", 1)), "'score' twice"),
    Case("CSV with a nameless column", csv(csv_text().replace("origin", "", 1)), "without a name"),
    Case("CSV in Latin-1", csv(csv_text().replace("EWR", "Zürich"), encoding="latin-1"), "not UTF-8"),
    Case("CSV with a Latin-1 header", csv(csv_text().replace("origin", "Öffnung", 1), encoding="latin-1"), "not UTF-8"),
    Case("CSV in UTF-16", csv(csv_text(), encoding="utf-16"), "UTF-16"),
    Case("CSV with a byte-order mark", csv(csv_text(), encoding="utf-8-sig"), "byte-order mark"),
    Case("CSV with an open quote", csv(csv_text().replace("EWR", '"EWR', 1)), "odd number of quotation marks"),
    Case(
        "CSV with two open quotes",
        csv(csv_text().replace("EWR", '"EWR').replace('"EWR', "EWR", 1), "two.csv"),
        "quotation mark",
    ),
    Case("CSV with a quote that swallows a short row", csv(csv_text() + 'a,"b\nc"\n'), "swallows"),
    Case("CSV of zero bytes", raw(bytes(5_000), "f.csv"), "not text"),
    Case("CSV with one endless line", csv("id," * 1_500_000), "more than 4,000,000 bytes"),
    Case(
        "JSON Lines with a byte-order mark",
        raw(frame().write_ndjson().encode("utf-8-sig"), "f.jsonl"),
        "byte-order mark",
    ),
    Case("a JSON array instead of lines", raw(json.dumps([{"id": "a"}]).encode(), "f.jsonl"), "is not an object"),
    Case("no JSON at all", raw(b"id: a\nid: b\n", "f.jsonl"), "is not JSON"),
    Case(
        "JSON Lines in Latin-1",
        raw(frame().write_ndjson().replace("EWR", "Zürich").encode("latin-1"), "f.jsonl"),
        "not UTF-8",
    ),
    Case("JSON Lines of empty lines", raw(b"\n\n\n", "f.jsonl"), "no rows"),
    Case(
        "JSON Lines without an id", raw(frame().drop("id").write_ndjson().encode(), "f.jsonl"), "lacks the column 'id'"
    ),
]

LONG = "x" * 10_000
QUARANTINED = [
    Case("an id is missing", parquet(table(id=[None, *"bcdef"])), "id_missing"),
    Case("an id is empty", parquet(table(id=["", *"bcdef"])), "id_missing"),
    Case("an id of 10,000 characters", parquet(table(id=[LONG, *"bcdef"])), "id_too_long"),
    Case("an id twice in the file", parquet(table(id=[*"abcde", "a"])), "id_repeated"),
    Case("an id that the log has", parquet(table(id=["p000003", *"bcdef"])), "id_repeated"),
    Case("ids as floats beyond 2^53", parquet(table(id=[1e17, 1.0, 2.0, 3.0, 4.0, 5.0])), "id_not_exact"),
    Case("ids as floats with a fraction", parquet(table(id=[1.5, 1.0, 2.0, 3.0, 4.0, 5.0])), "id_not_exact"),
    Case("ids that went through a float in CSV", with_row(id="1.2345678901234568e+18"), "id_not_exact"),
    Case("a time is missing", parquet(table(at=times(None))), "timestamp_missing"),
    Case("a time that is none", with_row(at="yesterday"), "timestamp_unreadable"),
    Case("a day that the calendar lacks", with_row(at="2013-02-30"), "timestamp_unreadable"),
    Case("a time the American way", with_row(at="7/1/2013 8:00"), "timestamp_unreadable"),
    Case("a local time that the clock jumped over", with_row(at="2013-03-10 02:30:00"), "timestamp_not_there"),
    Case("a score is missing", parquet(table(score=[None] + [0.5] * 5)), "score_not_finite"),
    Case("a score is NaN", parquet(table(score=[float("nan")] + [0.5] * 5)), "score_not_finite"),
    Case("scores are infinite", parquet(table(score=[np.inf, -np.inf] + [0.5] * 4)), "score_not_finite", rows=2),
    Case(
        "probabilities outside [0, 1]", parquet(table(score=[1.5, -0.1, 1.0000001] + [0.5] * 3)), "score_range", rows=3
    ),
    Case("a score in words", with_row(score="high"), "not_a_number"),
    Case("a decimal comma", with_row(temp="70,5"), "not_a_number"),
    Case("a feature in words", with_row(temp="warm"), "not_a_number"),
    Case("an integer beyond 2^53", parquet(table(temp=pa.array([2**53 + 1, 1, 2, 3, 4, 5]))), "not_exact"),
    Case("a category of 10,000 characters", parquet(table(carrier=[LONG] + ["UA"] * 5)), "text_too_long"),
    Case("an actual that is none", with_row(late="2"), "not_a_label"),
    Case("an actual known at no time", with_row(late="1", actual_at="soon"), "timestamp_unreadable"),
    Case("CSV rows too short and too long", csv(csv_text() + "z1\nz2,2,3,4,5,6,7,8\n"), "row_broken", rows=2),
    Case("a line that is not JSON", json_lines('{"id": "z"'), "row_broken"),
    Case("a line that is JSON but no object", json_lines("17"), "row_broken"),
    Case("a nested value in a line", json_lines('{"id": "z", "temp": {"celsius": 20}}'), "row_broken"),
    Case("a line with a key twice", json_lines('{"id": "z", "id": "y"}'), "row_broken"),
    Case("a line with half a character", json_lines('{"id": "z\\ud800"}'), "row_broken"),
    Case("a line without a score", json_lines('{"id": "z", "at": "2013-07-01T12:00:00Z"}'), "score_not_finite"),
]

ACCEPTED = [
    Case("times with and without zones", with_row(at="2013-07-01T08:30:00-04:00"), ""),
    Case("a local time that the clock showed twice", with_row(at="2013-11-03 01:30:00"), ""),
    Case("a feature is NaN or infinite", parquet(table(temp=[np.nan, np.inf, -np.inf, 1.0, None, 2.0])), ""),
    Case("a column nobody asked for is nested", parquet(table(extra=[{"a": 1}] * N)), ""),
    Case(
        "a hostile column beside", parquet(table(**{"x'); DROP TABLE batches;--": [1] * N, "../../etc": [1] * N})), ""
    ),
    Case("a column name of 10,000 characters beside", parquet(table(**{LONG: [1] * N})), ""),
    Case(
        "emoji, right-to-left text and quotes as levels",
        parquet(table(carrier=["✈️", "שלום", "\u202eevil", "';--", "a\x00b", ""])),
        "",
    ),
    Case("hostile ids", parquet(table(id=["'; DROP TABLE batches;--", "../../x", "\x00", "😀", "a\nb", "a,b"])), ""),
    Case("lines that end as on Windows", csv(csv_text().replace("\n", "\r\n")), ""),
    Case("a line break inside quotes", with_row(carrier="U\nA"), ""),
    Case("labels as floats and words", parquet(table(late=["1.0", "0", "true", "FALSE", None, ""])), ""),
    Case("a hostile file name", parquet(table(), "'; rm -rf $HOME; '\u202e.parquet"), ""),
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Path:
    """Return a home whose log holds one good file."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("log") / "home"))
    opened = watched(open_store(home))
    outcome = log.ingest_file(
        opened, LOCAL, model=MODEL, version="v1", file=saved(predictions(), home.parent / "good.parquet")
    )
    assert outcome.accepted == 40
    opened.engine.dispose()
    return home


@pytest.fixture
def known(tmp_path: Path, template: Path) -> Store:
    """Return a store of its own whose log holds one good file."""
    return open_store(Path(shutil.copytree(template, tmp_path / "home")))


def ids(cases: list[Case]) -> list[str]:
    return [case.name for case in cases]


def assert_one_sentence(reason: str | None) -> None:
    assert reason
    assert "\n" not in reason
    assert "Traceback" not in reason
    assert len(reason) < 500
    assert reason.endswith((".", "?"))
    assert re.search(r"[;,:?(] ?\w", reason), "it says what to do"


@pytest.mark.parametrize("case", REFUSED, ids=ids(REFUSED))
def test_a_file_broken_as_a_whole_is_refused_in_one_sentence_and_leaves_nothing(case, known, tmp_path):
    before, files, version = content(known), data_files(known), open_log(known.log_dir(KEY)).version
    path = case.build(tmp_path)
    outcome = log.ingest_file(known, LOCAL, model=MODEL, version="v1", file=path)
    assert outcome.refused, outcome
    assert (outcome.accepted, outcome.quarantined, outcome.batch, outcome.days) == (0, 0, None, ())
    assert_one_sentence(outcome.reason)
    assert case.says in str(outcome.reason)
    assert path.name[:20].replace("\x00", "\\x00") in str(outcome.reason)
    assert [batch.state for batch in log.batches(known, MODEL)] == ["LANDED"]
    assert (content(known), data_files(known), open_log(known.log_dir(KEY)).version) == (before, files, version)


@pytest.mark.parametrize("case", QUARANTINED, ids=ids(QUARANTINED))
def test_a_broken_row_is_quarantined_with_row_column_rule_and_fix_and_the_others_land(case, known, tmp_path):
    outcome = log.ingest_file(known, LOCAL, model=MODEL, version="v1", file=case.build(tmp_path))
    assert not outcome.refused, outcome.reason
    kept_out = log.quarantined(known, outcome.batch)
    assert outcome.quarantined == case.rows == len(kept_out)
    assert outcome.accepted >= N - case.rows
    for row in kept_out:
        assert row.rule == case.says
        assert row.row is not None
        assert row.fix
        assert "\n" not in row.fix
        assert bool(row.column) == (row.rule != "row_broken")
    assert sum(len(rows) for rows in content(known).values()) == 40 + outcome.accepted


@pytest.mark.parametrize("case", ACCEPTED, ids=ids(ACCEPTED))
def test_what_only_looks_wrong_is_taken_as_it_is(case, known, tmp_path):
    outcome = log.ingest_file(known, LOCAL, model=MODEL, version="v1", file=case.build(tmp_path))
    assert (outcome.refused, outcome.quarantined, outcome.accepted) == (False, 0, N), outcome.reason
    assert sum(len(rows) for rows in content(known).values()) == 40 + N


ACTUALS = [
    Case("no label column", raw(b"id,wrong\na,1\n", "y.csv"), "lacks the column 'late'"),
    Case("no id column", raw(b"key,late\na,1\n", "y.csv"), "lacks the column 'id'"),
    Case("no rows", raw(b"id,late\n", "y.csv"), "no rows"),
    Case(
        "times as integers",
        parquet(pa.table({"id": ["a"], "late": [1], "at": [1_372_680_000]}), "y.parquet"),
        "seconds or milliseconds?",
    ),
    Case(
        "a time in the year 9999",
        raw(b"id,late,timestamp\na,1,9999-01-01\n", "y.csv"),
        "is the timestamp in milliseconds?",
    ),
    Case(
        "known at a number",
        parquet(pa.table({"id": ["a"], "late": [1], "actual_at": [7]}), "y.parquet"),
        "seconds or milliseconds?",
    ),
    Case("nested labels", parquet(pa.table({"id": ["a"], "late": [[1]]}), "y.parquet"), "nested"),
]


@pytest.mark.parametrize("case", ACTUALS, ids=ids(ACTUALS))
def test_a_broken_file_of_actuals_is_refused_in_one_sentence_and_leaves_nothing(case, known, tmp_path):
    before = content(known)
    outcome = log.ingest_actuals(known, LOCAL, model=MODEL, file=case.build(tmp_path))
    assert outcome.refused, outcome
    assert_one_sentence(outcome.reason)
    assert case.says in str(outcome.reason)
    assert len(log.batches(known, MODEL)) == 1
    assert content(known) == before


def test_a_broken_row_of_actuals_is_quarantined_and_the_others_land(known, tmp_path):
    rows = "id,late,actual_at\np000000,1,\n,1,\np000001,maybe,\np000002,0,soon\np000003,0,\np000003,1,\n"
    outcome = log.ingest_actuals(known, LOCAL, model=MODEL, file=csv(rows, "y.csv")(tmp_path))
    assert (outcome.accepted, outcome.quarantined, outcome.matched) == (2, 4, 2)
    rules = {(row.row, row.rule) for row in log.quarantined(known, outcome.batch)}
    assert rules == {(2, "id_missing"), (3, "not_a_label"), (4, "timestamp_unreadable"), (6, "id_repeated")}


def of(rows: pl.DataFrame, suffix: str = "parquet", **columns: object) -> Build:
    """Return a file of good rows with other values in some columns, or without them (None)."""
    gone = [name for name, values in columns.items() if values is None]
    there = {name: pl.Series(values) for name, values in columns.items() if values is not None}
    return lambda folder: saved(rows.with_columns(**there).drop(gone), folder / f"f.{suffix}")


def multiclass(**columns: object) -> Build:
    return of(tickets(N, prefix="q"), **columns)


def regression(**columns: object) -> Build:
    return of(forecasts(N, prefix="q"), **columns)


def scored(card: list[float | None], loan: list[float | None]) -> dict[str, list[float | None]]:
    """Return scores of three classes, good ones after those that are given."""
    rest = [0.0] * len(card) + [0.3] * (N - len(card))
    return {"p_card": card + [0.5] * (N - len(card)), "p_loan": loan + [0.2] * (N - len(loan)), "p_other": rest}


OTHER_TASKS_REFUSED = [
    Case("the score of a class is missing", multiclass(p_loan=None), "lacks the column 'p_loan'"),
    Case("no decision where one is declared", multiclass(routed=None), "lacks the column 'routed'"),
    Case("a score that is a date", multiclass(p_card=[START.date()] * N), "where number is needed"),
    Case("one score instead of three", of(tickets(N).drop("p_loan", "p_other")), "'p_loan', 'p_other'"),
    Case("no prediction", regression(expected=None), "lacks the column 'expected'"),
    Case("predictions that are times", regression(expected=[START] * N), "where number is needed"),
]
OTHER_TASKS = [
    Case("scores that do not add up", multiclass(**scored([0.5, 0.9], [0.4, 0.9])), "scores_sum", rows=2),
    Case("scores that add up but for rounding too coarse", multiclass(**scored([0.33], [0.66])), "scores_sum"),
    Case("a score of a class is missing in a row", multiclass(**scored([None], [0.5])), "score_not_finite"),
    Case("a score of a class is endless", multiclass(**scored([np.inf], [0.5])), "score_not_finite"),
    Case("a negative score balanced by one above 1", multiclass(**scored([-0.5], [1.5])), "score_range"),
    Case("a score of a class in words", of(tickets(N, prefix="q"), "csv", p_card=["high", *["0.1"] * 5]), "", rows=6),
    Case("a decision for a class nobody declared", multiclass(routed=["mortgage"] + ["card"] * 5), "unknown_class"),
    Case("an actual of a class nobody declared", multiclass(team=["Card", "loan"] + [None] * 4), "unknown_class"),
    Case("an actual that is the code of a class", multiclass(team=[0, 1, None, None, None, None]), "", rows=2),
    Case("a prediction is missing", regression(expected=[None] + [1.0] * 5), "prediction_not_finite"),
    Case("a prediction is endless", regression(expected=[-np.inf] + [1.0] * 5), "prediction_not_finite"),
    Case("a prediction in words", of(forecasts(N, prefix="q"), "csv", expected=["many", *["1"] * 5]), "not_a_number"),
    Case("an actual number in words", regression(sold=["many", "1", None, None, None, None]), "not_a_number"),
    Case("an actual number is endless", regression(sold=[np.inf, 1.0, None, None, None, None]), "actual_not_finite"),
]
OTHER_TASKS_ACCEPTED = [
    Case("scores of 0 and 1", multiclass(**scored([1.0, 0.0], [0.0, 1.0])), ""),
    Case("scores as 32-bit floats", multiclass(**scored([float(np.float32(0.1))], [float(np.float32(0.9))])), ""),
    Case("a decision that was not logged for some", multiclass(routed=["card", None, "", "NA", None, None]), ""),
    Case("a negative prediction and one of 1e300", regression(expected=[-5.0, 1e300] + [0.0] * 4), ""),
    Case("an actual of NaN is unknown", regression(sold=[np.nan] * 6), ""),
]


def of_task(store: Store, case: Case, folder: Path) -> log.FileOutcome:
    """Take the file into a model of the task that its columns show."""
    path = case.build(folder)
    columns = pl.read_parquet(path).columns if path.suffix == ".parquet" else pl.read_csv(path).columns
    yaml = REGRESSION_YAML if "price" in columns else MULTICLASS_YAML
    watched(store, yaml)
    return log.ingest_file(store, LOCAL, model=load_schema(yaml).model, version="v1", file=path)


@pytest.mark.parametrize("case", OTHER_TASKS_REFUSED, ids=ids(OTHER_TASKS_REFUSED))
def test_a_broken_file_of_another_task_is_refused_in_one_sentence_and_leaves_nothing(case, store, tmp_path):
    outcome = of_task(store, case, tmp_path)
    assert outcome.refused, outcome
    assert_one_sentence(outcome.reason)
    assert case.says in str(outcome.reason)
    assert content(store) == {}


@pytest.mark.parametrize("case", OTHER_TASKS, ids=ids(OTHER_TASKS))
def test_a_broken_row_of_another_task_is_quarantined_and_the_others_land(case, store, tmp_path):
    outcome = of_task(store, case, tmp_path)
    assert not outcome.refused, outcome.reason
    kept_out = log.quarantined(store, outcome.batch)
    assert outcome.quarantined == case.rows == len(kept_out)
    assert outcome.accepted == N - case.rows == sum(map(len, content(store).values()))
    for row in kept_out:
        assert row.rule == case.says or not case.says
        assert row.row is not None
        assert row.fix
        assert "\n" not in row.fix
        assert bool(row.column) == (row.rule != "scores_sum")
        assert row.value != "" or row.rule.endswith("_not_finite")


@pytest.mark.parametrize("case", OTHER_TASKS_ACCEPTED, ids=ids(OTHER_TASKS_ACCEPTED))
def test_what_only_looks_wrong_to_another_task_is_taken_as_it_is(case, store, tmp_path):
    outcome = of_task(store, case, tmp_path)
    assert (outcome.refused, outcome.quarantined, outcome.accepted) == (False, 0, N), outcome.reason


def test_a_broken_row_of_class_actuals_is_quarantined_and_the_others_land(store, tmp_path):
    watched(store, MULTICLASS_YAML)
    path = saved(tickets(4), tmp_path / "p.csv")
    log.ingest_file(store, LOCAL, model="tickets", version="v1", file=path)
    rows = "id,team\np000000,loan\np000001,mortgage\np000002,\np000003,LOAN\n"
    outcome = log.ingest_actuals(store, LOCAL, model="tickets", file=csv(rows, "y.csv")(tmp_path))
    assert (outcome.accepted, outcome.quarantined, outcome.matched) == (2, 2, 2)
    found = {(row.row, row.rule, row.value) for row in log.quarantined(store, outcome.batch)}
    assert found == {(2, "unknown_class", "mortgage"), (4, "unknown_class", "LOAN")}


def test_a_broken_row_of_number_actuals_is_quarantined_and_the_others_land(store, tmp_path):
    watched(store, REGRESSION_YAML)
    log.ingest_file(store, LOCAL, model="demand", version="v1", file=saved(forecasts(4), tmp_path / "p.csv"))
    rows = "id,sold\np000000,-1.5e3\np000001,a few\np000002,inf\np000003,\n"
    outcome = log.ingest_actuals(store, LOCAL, model="demand", file=csv(rows, "y.csv")(tmp_path))
    assert (outcome.accepted, outcome.quarantined, outcome.matched) == (2, 2, 2)
    found = {(row.row, row.rule) for row in log.quarantined(store, outcome.batch)}
    assert found == {(2, "not_a_number"), (3, "actual_not_finite")}


def test_there_are_at_least_sixty_kinds_and_each_has_a_name_of_its_own():
    names = ids(REFUSED) + ids(QUARANTINED) + ids(OTHER_TASKS_REFUSED) + ids(OTHER_TASKS)
    assert len(names) >= 60
    assert len(set(names)) == len(names)


def test_a_file_that_changes_while_it_is_read_is_refused(known, tmp_path, monkeypatch):
    path = saved(frame(), tmp_path / "f.parquet")
    from core.log import files

    source = files.open_source(path)
    saved(predictions(7, prefix="r"), path)
    with pytest.raises(files.BadInputError, match="was changed while it was read"):
        list(files.read_chunks(source, ["id"]))


def test_the_labels_file_helper_writes_nulls(tmp_path):
    assert pl.read_csv(saved(actuals(["a"], [None]), tmp_path / "y.csv"))["late"].null_count() == 1
