from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from core.access.principal import LOCAL
from core.errors import BadInputError
from core.inventory.service import add_model
from core.log import service as log
from core.log.by_task import (
    as_actual,
    as_class_score,
    as_decision,
    as_score,
    label_types,
    refuse_other_answers,
    top_score,
)
from core.log.columns import bind
from core.log.delta import open_log
from core.log.schema import load_schema
from core.log.table import read_day
from core.store.columns import column_ids
from tests.log_kit import (
    CLASSES,
    KEY,
    MULTICLASS_YAML,
    REGRESSION_YAML,
    YAML,
    content,
    forecasts,
    saved,
    tickets,
    watched,
)

MULTICLASS, REGRESSION, BINARY = load_schema(MULTICLASS_YAML), load_schema(REGRESSION_YAML), load_schema(YAML)
TASKS = {
    "multiclass": (MULTICLASS_YAML, tickets, "team", ["card", "loan", "other"]),
    "regression": (REGRESSION_YAML, forecasts, "sold", [10.5, 0.0, -3.25]),
}


@pytest.fixture(params=TASKS)
def task(request):
    return request.param


@pytest.fixture
def known(store, task):
    return watched(store, TASKS[task][0], versions=("v1", "v2"))


def stored_value(task, value):
    return CLASSES.index(value) if task == "multiclass" and value is not None else value


def take(store, task, path, version="v1"):
    outcome = log.ingest_file(store, LOCAL, model=load_schema(TASKS[task][0]).model, version=version, file=path)
    assert not outcome.refused, outcome.reason
    return outcome


def learn(store, task, path, ids, values, **more):
    column = TASKS[task][2]
    kind = pl.String if task == "multiclass" else pl.Float64
    frame = pl.DataFrame({"id": ids, column: values, **more}, schema_overrides={column: kind})
    file = saved(frame, path)
    outcome = log.ingest_actuals(store, LOCAL, model=load_schema(TASKS[task][0]).model, file=file)
    assert not outcome.refused, outcome.reason
    return outcome


def known_actuals(store):
    """Return the known actuals by id of the first version."""
    rows = [row for (_, version, _), some in content(store).items() if version == 1 for row in some]
    return {row["id"]: row["actual"] for row in rows if row["actual"] is not None}


def test_each_task_reads_its_actuals_and_decisions_in_the_types_of_the_log():
    labels = as_actual(pa.array(["loan", "card", ""]), MULTICLASS).values
    assert (labels.type, labels.to_pylist()) == (label_types("multiclass")["actual"], [1, 0, None])
    numbers = as_actual(pa.array(["1.5", None, "NaN"]), REGRESSION).values
    assert (numbers.type, numbers.to_pylist()) == (label_types("regression")["actual"], [1.5, None, None])
    truths = as_actual(pa.array([1, 0]), BINARY).values
    assert (truths.type, truths.to_pylist()) == (label_types("binary")["actual"], [1, 0])
    assert as_decision(pa.array(["other", None]), MULTICLASS).values.to_pylist() == [2, None]
    assert as_decision(pa.array(["true", "0"]), BINARY).values.to_pylist() == [1, 0]


def test_a_prediction_may_be_any_finite_number():
    coerced = as_score(pa.array([-1e9, 0.0, np.inf, np.nan, None]), "prediction")
    (fault,) = coerced.faults
    assert (fault.rule, fault.mask.tolist()) == ("prediction_not_finite", [False, False, True, True, True])


def test_the_score_of_a_class_is_a_probability():
    (fault,) = as_class_score(pa.array([0.2, 1.2])).faults
    assert (fault.rule, fault.mask.tolist()) == ("score_range", [False, True])
    assert "ranking" not in fault.fix


def test_the_top_score_is_the_largest_and_the_scores_must_add_up_to_one():
    columns = {"a": [0.2, 0.5, 0.5, None], "b": [0.8, 0.5 + 9e-7, 0.5 + 2e-6, 0.5]}
    top = top_score({name: as_class_score(pa.array(values)) for name, values in columns.items()})
    assert top.values.to_pylist()[:3] == [0.8, 0.5 + 9e-7, 0.5 + 2e-6]
    (fault,) = top.faults
    assert (fault.rule, fault.mask.tolist()) == ("scores_sum", [False, False, True, False])
    assert fault.found[2] == pytest.approx(1 + 2e-6, abs=1e-12)


def test_a_model_without_versions_may_still_turn_out_to_be_of_another_task(store):
    add_model(store, LOCAL, load_schema(YAML.replace("model: flights", "model: tickets")))
    assert add_model(store, LOCAL, MULTICLASS).outcome == "revised"


def test_the_task_and_the_classes_of_a_model_with_versions_stay(store):
    watched(store, MULTICLASS_YAML)
    turned = MULTICLASS_YAML.replace("{card: p_card, loan: p_loan, other: p_other}", "{loan: p_loan, card: p_card}")
    with pytest.raises(BadInputError, match=r"The classes of the model 'tickets' are 'card', 'loan', 'other'"):
        add_model(store, LOCAL, load_schema(turned))
    other = load_schema(REGRESSION_YAML.replace("model: demand", "model: tickets"))
    with pytest.raises(BadInputError, match="has versions of the task multiclass, and its log holds"):
        add_model(store, LOCAL, other)
    assert refuse_other_answers(MULTICLASS, load_schema(MULTICLASS_YAML + "risk_tier: 1\n")) is None
    assert add_model(store, LOCAL, load_schema(MULTICLASS_YAML + "risk_tier: 1\n")).schema_revision == 2


def test_a_day_holds_score_decision_and_actual_in_the_types_of_the_task(known, task, tmp_path):
    _, made, column, values = TASKS[task]
    rows = made(9).with_columns(pl.Series(column, [*values, None, *values, None, None]))
    assert take(known, task, saved(rows, tmp_path / "p.parquet")).accepted == 9
    schema = load_schema(TASKS[task][0])
    with known.read() as session:
        ids = bind(schema, column_ids(session, 1))
    wanted = ["id", "intake_at", *(ids[name] for name in schema.class_columns)]
    day = open_log(known.log_dir(KEY)).predictions.days[0]
    found = read_day(known.log_dir(KEY), day, version_id=1, role="served", columns=wanted)
    assert found["actual"].type == label_types(task)["actual"]
    assert found["decision"].type == label_types(task)["decision"]
    assert found["actual"].to_pylist() == [stored_value(task, value) for value in rows[column]]
    assert found["intake_at"].null_count == 0
    given = rows.select(schema.score_columns).to_numpy()
    assert found["score"].to_pylist() == given.max(axis=1).tolist()
    for k, name in enumerate(schema.class_columns):
        assert found[ids[name]].to_pylist() == given[:, k].tolist()
    if task == "multiclass":
        assert found["decision"].to_pylist() == given.argmax(axis=1).tolist()
    else:
        assert found["decision"].null_count == 9


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_actuals_arrive_are_corrected_and_withdrawn_in_every_format(known, task, tmp_path, suffix):
    _, made, _, (first, second, third) = TASKS[task]
    take(known, task, saved(made(30), tmp_path / f"p.{suffix}"))
    ids = ["p000001", "p000002", "p000003", "nobody"]
    outcome = learn(known, task, tmp_path / f"y1.{suffix}", ids, [first, second, third, first])
    assert (outcome.accepted, outcome.matched, outcome.unmatched, outcome.corrected) == (4, 3, 1, 0)
    outcome = learn(known, task, tmp_path / f"y2.{suffix}", ids[:3], [second, second, None])
    assert (outcome.matched, outcome.corrected) == (3, 2)
    expected = {"p000001": stored_value(task, second), "p000002": stored_value(task, second)}
    assert known_actuals(known) == expected
    model = load_schema(TASKS[task][0]).model
    log.revert_batch(known, LOCAL, batch_id=outcome.batch, reason="wrong file")
    values = [stored_value(task, value) for value in (first, second, third)]
    assert known_actuals(known) == dict(zip(ids[:3], values, strict=True))
    assert [batch.state for batch in log.batches(known, model)] == ["REVERTED", "LANDED", "LANDED"]


def test_actuals_that_came_first_wait_for_their_predictions_and_again_after_a_revert(known, task, tmp_path):
    _, made, _, (first, second, _) = TASKS[task]
    waiting = learn(known, task, tmp_path / "y.csv", ["p000000", "p000001"], [first, second])
    assert (waiting.matched, waiting.unmatched) == (0, 2)
    path = saved(made(3), tmp_path / "p.csv")
    batch = take(known, task, path).batch
    expected = {"p000000": stored_value(task, first), "p000001": stored_value(task, second)}
    assert known_actuals(known) == expected
    log.revert_batch(known, LOCAL, batch_id=batch, reason="wrong file")
    assert known_actuals(known) == {}
    take(known, task, path)
    assert known_actuals(known) == expected


def test_one_actual_applies_to_every_version_and_the_later_known_one_wins(known, task, tmp_path):
    _, made, column, (first, second, third) = TASKS[task]
    early = datetime(2013, 8, 1, tzinfo=UTC)
    inline = made(4).with_columns(
        pl.Series(column, [first, first, None, None], dtype=pl.String if task == "multiclass" else pl.Float64),
        actual_at=pl.lit(early),
    )
    take(known, task, saved(inline, tmp_path / "a.parquet"))
    take(known, task, saved(made(4), tmp_path / "b.parquet"), version="v2")
    late, earlier = early + timedelta(days=1), early - timedelta(days=1)
    times = {"actual_at": [late.isoformat(), earlier.isoformat(), early.isoformat()]}
    learn(known, task, tmp_path / "y.csv", ["p000000", "p000001", "p000002"], [second, third, third], **times)
    values = [stored_value(task, value) for value in (second, first, third)]
    for version in (1, 2):
        rows = [row for (_, one, _), some in content(known).items() if one == version for row in some]
        assert [row["actual"] for row in rows] == [*values, None]


def test_compaction_keeps_every_row_and_every_actual(frozen_store, task, tmp_path):
    known = watched(frozen_store, TASKS[task][0], versions=("v1", "v2"))
    _, made, _, (first, second, third) = TASKS[task]
    for number in range(3):
        take(known, task, saved(made(6, prefix=f"q{number}-", seed=number), tmp_path / f"{number}.parquet"))
        learn(
            known, task, tmp_path / f"y{number}.csv", [f"q{number}-00000{i}" for i in range(3)], [first, second, third]
        )
    before = content(known)
    assert log.compact(known, LOCAL, model=load_schema(TASKS[task][0]).model) >= 1
    assert content(known) == before
    assert len(known_actuals(known)) == 9


def test_shap_values_are_stored_without_having_been_declared(known, task, tmp_path):
    _, made, _, _ = TASKS[task]
    schema = load_schema(TASKS[task][0])
    feature = schema.feature_names[0]
    take(known, task, saved(made(3), tmp_path / "before.parquet"))
    rows = made(3, prefix="q").with_columns(pl.lit(0.25).alias(f"shap_{feature}"), shap_nobody=pl.lit(1.0))
    take(known, task, saved(rows, tmp_path / "after.parquet"))
    with known.read() as session:
        keys = column_ids(session, 1)
    assert "number:shap_nobody" not in keys
    column = keys[f"number:shap_{feature}"]
    assert column.startswith("c_")
    day = open_log(known.log_dir(KEY)).predictions.days[0]
    found = read_day(known.log_dir(KEY), day, version_id=1, role="served", columns=["id", column])
    values = dict(zip(found["id"].to_pylist(), found[column].to_pylist(), strict=True))
    assert (values["p000000"], values["q000000"]) == (None, 0.25)


def test_a_reference_of_each_task_is_read_whole_with_its_contract(known, task, tmp_path):
    _, made, column, values = TASKS[task]
    schema = load_schema(TASKS[task][0])
    rows = made(30).drop("id", "at").with_columns(pl.Series(column, values * 10))
    rows = rows.with_columns(pl.lit(0.5).alias(f"shap_{schema.feature_names[0]}"))
    reference = log.prepare_reference(known, LOCAL, model=schema.model, file=saved(rows, tmp_path / "r.parquet"))
    assert reference.n_rows == 30
    assert reference.rows["actual"].type == label_types(task)["actual"]
    assert reference.rows["actual"].to_pylist() == [stored_value(task, value) for value in values * 10]
    assert reference.rows["score"].to_pylist() == rows.select(schema.score_columns).to_numpy().max(axis=1).tolist()
    shap = reference.columns[f"shap_{schema.feature_names[0]}"]
    assert reference.rows[shap].to_pylist() == [0.5] * 30
    named = [one["name"] for one in reference.contract["schema"][0]["properties"]]
    assert named == list(schema.feature_names)


def test_a_reference_whose_scores_do_not_add_up_is_refused(store, tmp_path):
    watched(store, MULTICLASS_YAML)
    rows = tickets(5).with_columns(p_card=pl.lit(0.9))
    with pytest.raises(BadInputError, match=r"row 1 of this reference.*the whole row is '1\.\d+' \(scores_sum\)"):
        log.prepare_reference(store, LOCAL, model="tickets", file=saved(rows, tmp_path / "r.csv"))
