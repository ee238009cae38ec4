import json
import subprocess
import sys
from datetime import datetime, timedelta

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli import run
from core.errors import BadInputError
from core.log.document import MAX_FEATURES
from core.log.guess import guess_schema
from core.log.names import name_fault, same_name
from core.log.observed import MAX_ROWS
from core.log.schema import load_schema

N = 60
BEGAN = datetime.fromisoformat("2024-01-01")


def log(**columns):
    """A log of sixty rows; a column given as None is left out."""
    whole = {
        "request_id": [f"r{i:03d}" for i in range(N)],
        "scored_at": [BEGAN + timedelta(hours=i) for i in range(N)],
        "proba": [i / N for i in range(N)],
        "temp": [20.5 + i for i in range(N)],
        "carrier": ["AA", "UA", "DL"] * (N // 3),
        "target": [0, 0, 1] * (N // 3),
        **columns,
    }
    return pl.DataFrame({name: values for name, values in whole.items() if values is not None})


def guessed(folder, **columns):
    path = folder / "flights.parquet"
    log(**columns).write_parquet(path)
    return guess_schema(path)


def write_parquet(frame, folder):
    frame.write_parquet(folder / "flights.parquet")
    return folder / "flights.parquet"


def write_csv(frame, folder):
    frame.write_csv(folder / "flights.csv")
    return folder / "flights.csv"


def write_json(frame, folder):
    frame.write_ndjson(folder / "flights.jsonl")
    return folder / "flights.jsonl"


@pytest.mark.parametrize("write", [write_parquet, write_csv, write_json])
def test_the_same_log_gives_the_same_schema_in_every_format(tmp_path, write):
    schema = load_schema(guess_schema(write(log(), tmp_path)))
    assert (schema.model, schema.prediction_id, schema.timestamp) == ("flights", "request_id", "scored_at")
    assert (schema.score, schema.actual, schema.positive) == ("proba", "target", 1)
    assert {name: feature.kind for name, feature in schema.features.items()} == {
        "temp": "numeric",
        "carrier": "categorical",
    }
    assert schema.segments == ("carrier",)
    assert schema.zone.key == "UTC"
    assert (schema.decision, schema.value) == (None, None)


def test_comments_say_what_was_guessed_and_what_is_left_to_the_person(tmp_path):
    text = guessed(tmp_path)
    assert "# Guessed from the first 60 rows of 'flights.parquet'." in text
    assert "owner: nobody-yet  # WRITE: who answers for the model" in text
    assert "value: null  # WRITE: what the outcomes are worth" in text
    assert "      - temp  # 20.5 to 79.5\n" in text
    assert "      - carrier  # 3 values: 'AA', 'UA', 'DL'\n" in text
    assert "timezone: UTC  # CHECK:" in text


def test_shares_of_missing_values_are_told(tmp_path):
    text = guessed(tmp_path, wind=[None, 1.5, 2.5, 3.5] * (N // 4))
    assert "- wind  # 1.5 to 3.5, 25.0% missing" in text


def test_a_logged_decision_is_found_when_its_values_are_those_of_the_actual(tmp_path):
    schema = load_schema(guessed(tmp_path, target=["no", "no", "yes"] * 20, prediction=["no", "yes"] * 30))
    assert (schema.decision, schema.positive) == ("prediction", "yes")


def test_a_decision_in_other_words_than_the_actual_is_no_decision(tmp_path):
    schema = load_schema(guessed(tmp_path, decision=["grant", "refuse"] * 30))
    assert schema.decision is None
    assert "decision" not in schema.features  # reserved


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        ([True, False, False], True),
        (["FALSE", "FALSE", "TRUE"], True),
        ([1, 1, 2], 2),
        (["good", "good", "bad"], "bad"),
        (["kept", "kept", "left"], "left"),
        ([0.0, 1.0, None], 1),
    ],
)
def test_the_positive_value_is_the_larger_the_worse_or_the_rarer_of_two(tmp_path, values, positive):
    schema = load_schema(guessed(tmp_path, target=values * (N // 3)))
    assert schema.actual == "target"
    assert schema.positive == positive
    assert type(schema.positive) is type(positive)


def test_an_actual_that_the_log_cannot_take_is_left_to_the_person(tmp_path):
    schema = load_schema(guessed(tmp_path, target=[-1, 1, 1] * 20))  # with positive 1, a -1 is no label
    assert schema.actual is None


def test_without_a_named_actual_the_columns_of_two_values_are_pointed_out_and_no_segment(tmp_path):
    text = guessed(tmp_path, target=None, left=["no", "yes"] * 30)
    assert "actual: null  # WRITE:" in text
    assert "(it could be 'left')" in text
    assert load_schema(text).segments == ("carrier",)


def test_numbers_with_leading_zeros_truth_values_and_flags_are_categories(tmp_path):
    columns = {
        "zip": ["01234", "99999"] * 30,
        "member": [True, False] * 30,
        "flag": [0, 1] * 30,
        "count": [1, 2, 3] * 20,
    }
    kinds = {name: feature.kind for name, feature in load_schema(guessed(tmp_path, **columns)).features.items()}
    assert kinds == {
        "temp": "numeric",
        "count": "numeric",
        "carrier": "categorical",
        "zip": "categorical",
        "member": "categorical",
        "flag": "categorical",
    }


def test_columns_that_cannot_be_features_are_named_with_the_reason(tmp_path):
    text = guessed(
        tmp_path,
        note=[f"x{i}" for i in range(N)],
        customer_id=list(range(1_000, 1_000 + N)),
        booked=[BEGAN] * N,
        empty=[None] * N,
        shap_temp=[0.1] * N,
        actual_at=[BEGAN] * N,
        crew=[["a"]] * N,
    )
    assert "left out, because each holds times: 'booked'" in text
    assert "left out, because each holds no value in the rows that were read: 'empty'" in text
    assert "explanations, which are recognised without declaration: 'shap_temp'" in text
    assert "has a reserved name; rename it to make it a feature: 'actual_at'" in text
    assert "'crew'" in text
    assert list(load_schema(text).features) == ["temp", "carrier", "note", "customer_id"]


def test_text_of_more_than_two_hundred_levels_is_left_out(tmp_path):
    n = 300
    path = tmp_path / "wide.csv"
    pl.DataFrame(
        {
            "id": range(n),
            "at": ["2024-01-01T00:00:00Z"] * n,
            "score": [i / n for i in range(n)],
            "tail": [f"N{i % 201}" for i in range(n)],
            "dest": [f"D{i % 200}" for i in range(n)],
        }
    ).write_csv(path)
    text = guess_schema(path)
    assert "levels, or very long text: 'tail'" in text
    assert list(load_schema(text).features) == ["dest"]


def test_at_most_three_segments_are_taken_and_none_that_may_be_protected(tmp_path):
    text = guessed(tmp_path, gender=["f", "m"] * 30, **{name: ["u", "v", "w"] * 20 for name in "abc"})
    assert load_schema(text).segments == ("carrier", "a", "b")
    assert "(it could be 'c')" in text
    assert "CHECK: 'gender' may be protected" in text


def test_a_category_of_more_than_fifty_values_is_no_segment(tmp_path):
    schema = load_schema(guessed(tmp_path, carrier=[f"c{i % 51}" for i in range(N)]))
    assert schema.features["carrier"].kind == "categorical"
    assert schema.segments == ()


def test_never_more_features_than_a_schema_may_have(tmp_path):
    path = tmp_path / "very_wide.parquet"
    extra = {f"f{i}": pa.array([0.5, 1.5]) for i in range(MAX_FEATURES + 3)}
    table = {"id": pa.array([1, 2]), "at": pa.array([BEGAN, BEGAN]), "score": pa.array([0.1, 0.9]), **extra}
    pq.write_table(pa.table(table), path)
    text = guess_schema(path)
    assert len(load_schema(text).features) == MAX_FEATURES
    assert "comes after the first 2,000 features: 'f2000', 'f2001', 'f2002'" in text


def test_only_the_beginning_of_a_large_file_is_read(tmp_path):
    n = MAX_ROWS + 5
    path = tmp_path / "long.parquet"
    table = {"id": pa.array(range(n)), "at": pa.array([BEGAN] * n), "score": pa.array([0.5] * MAX_ROWS + [7.0] * 5)}
    pq.write_table(pa.table(table), path)
    assert "the first 100,000 rows" in guess_schema(path)


def test_a_few_unreadable_times_and_scores_do_not_hide_the_column(tmp_path):
    path = tmp_path / "dirty.csv"
    log(
        scored_at=["soon"] + [f"2024-01-01T00:00:{i:02d}Z" for i in range(1, N)],
        proba=["high"] + [str(i / N) for i in range(1, N)],
    ).write_csv(path)
    schema = load_schema(guess_schema(path))
    assert (schema.timestamp, schema.score) == ("scored_at", "proba")


def test_categories_stored_as_parquet_codes_are_understood(tmp_path):
    path = tmp_path / "coded.parquet"
    pq.write_table(log().to_arrow().cast(_coded(log().to_arrow().schema)), path)
    assert load_schema(guess_schema(path)).segments == ("carrier",)


def _coded(schema):
    kinds = {f.name: pa.dictionary(pa.int32(), pa.string()) if f.name == "carrier" else f.type for f in schema}
    return pa.schema([pa.field(name, kind) for name, kind in kinds.items()])


HOSTILE = [
    "yes", "null", "~", "1e5", "2013-01-01", "a: b", "a #b", "- a", "[x]", "{y}", "a, b", "'", '"', "\\", "*a", "&a",
    "!!python/object:os.system", "%TAG", "@x", "`x`", "? k", "=", "<<", "Robert'); DROP TABLE students;--", "🙈", "ظهر",
    "a\u2028b", "a\u00a0b", "a\ufeffb", "x" * 200, "🙈\u2028" * 99 + "🙈",
]  # fmt: skip


def test_hostile_names_are_quoted_so_that_yaml_reads_them_back(tmp_path):
    schema = load_schema(guessed(tmp_path, **{name: ["u", "v", "w"] * 20 for name in HOSTILE}))
    assert list(schema.features) == ["temp", "carrier", *HOSTILE]


def test_hostile_names_are_quoted_where_they_play_a_part(tmp_path):
    columns = {
        "id: 'x' #": [f"r{i}" for i in range(N)],
        "score: #1": [i / N for i in range(N)],
        "label\u2028!": [0, 1] * 30,
    }
    text = guessed(tmp_path, request_id=None, proba=None, target=None, **columns)
    schema = load_schema(text)
    assert (schema.prediction_id, schema.score, schema.actual) == tuple(columns)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NAMES, min_size=1, max_size=4, unique_by=same_name))
def test_whatever_the_columns_are_called_the_text_loads_and_names_them(tmp_path, names):
    taken = {
        "request_id",
        "scored_at",
        "proba",
        "temp",
        "carrier",
        "target",
        "score",
        "actual",
        "decision",
        "actual_at",
    }
    names = [name for name in names if name not in taken and not name.startswith("shap_")]
    text = guessed(tmp_path, **{name: [0.5, 2.5, 3.5] * 20 for name in names})
    usable = [name for name in names if name_fault(name) is None]
    assert set(load_schema(text).features) == {"temp", "carrier", *usable}


def test_a_name_that_no_schema_may_hold_is_left_out(tmp_path):
    path = tmp_path / "spaced.csv"
    path.write_text("id,at,score, wind\n1,2024-01-01,0.5,3\n2,2024-01-02,0.25,4\n")
    text = guess_schema(path)
    assert "left out, because each has a name that begins or ends with a space: ' wind'" in text
    assert load_schema(text).feature_names == ()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"request_id": None}, r"the prediction_id \(no column is named like id, uuid, guid, key\)"),
        ({"request_id": ["r1"] * N}, r"the prediction_id \(the column 'request_id' repeats values\)"),
        ({"request_id": [None] + ["r"] * (N - 1)}, r"\(the column 'request_id' has rows without a value\)"),
        ({"scored_at": None}, r"the timestamp \(no column reads as times\)"),
        ({"scored_at": list(range(N))}, r"the timestamp \(the column 'scored_at' holds plain numbers"),
        ({"proba": None}, r"the score \(no column is named like score"),
        ({"proba": [50.5] * N}, r"the score \(the column 'proba' leaves \[0, 1\]; .*score_kind: ranking"),
        ({"proba": [0, 1] * 30}, r"the score \(the column 'proba' holds only 0 and 1"),
    ],
)  # fmt: skip
def test_a_needed_column_that_cannot_be_guessed_is_refused_with_the_way_to_write_it(tmp_path, columns, message):
    with pytest.raises(BadInputError, match=message) as caught:
        guessed(tmp_path, **columns)
    assert "write model.yaml by hand, with '" in str(caught.value)
    assert ": NAME'" in str(caught.value)


def test_all_needed_columns_that_are_lacking_are_named_in_one_sentence(tmp_path):
    with pytest.raises(BadInputError, match=r"the prediction_id .*, nor the timestamp .*, nor the score .*") as caught:
        guessed(tmp_path, request_id=None, scored_at=None, proba=None)
    assert "\n" not in str(caught.value)


def test_the_only_unique_text_is_the_id_when_none_is_named_so(tmp_path):
    schema = load_schema(guessed(tmp_path, request_id=None, ticket=[f"t{i}" for i in range(N)]))
    assert schema.prediction_id == "ticket"


def test_a_file_that_cannot_be_read_is_refused_by_the_reader(tmp_path):
    with pytest.raises(BadInputError, match="cannot be opened"):
        guess_schema(tmp_path / "nowhere.csv")


def test_the_program_prints_the_guess_once_for_people_and_once_as_json(tmp_path, capsys):
    path = write_csv(log(), tmp_path)
    assert run(["model", "add", "--guess", str(path)]) == 0
    text = capsys.readouterr().out
    assert load_schema(text).prediction_id == "request_id"
    assert run(["model", "add", "--guess", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model_yaml"] == text


def test_the_program_leaves_with_two_and_one_sentence_when_it_cannot_guess(tmp_path, capsys):
    path = write_csv(log(proba=None), tmp_path)
    assert run(["model", "add", "--guess", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("'flights.csv' does not show the score")
    assert said.err.count("\n") == 1


def test_the_guess_imports_no_pandas():
    code = "import sys, core.log.guess; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
