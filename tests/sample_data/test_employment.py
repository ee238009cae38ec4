"""The census sample: what was published, by year and by slice, and a challenger that reproduces its scores."""

import io

import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.metrics import brier_score_loss, roc_auc_score

from core.log.schema import load_schema
from sample_data.employment import census, files

TRUSTED = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    return census.read_records()


@pytest.fixture(scope="module")
def of_2015(records: pl.DataFrame) -> pl.DataFrame:
    return records.filter(pl.col("year") == census.REFERENCE_YEAR)


def test_the_figures_of_the_publisher_hold(records, of_2015):
    assert records.height == 277_677
    assert roc_auc_score(of_2015["employed"], of_2015["score"]) == pytest.approx(0.903361, abs=2e-6)
    assert brier_score_loss(of_2015["employed"], of_2015["score"]) == pytest.approx(0.122893, abs=2e-6)
    rate = dict(of_2015.group_by("SEX").agg(pl.col("decision").mean()).iter_rows())
    assert rate == {"male": pytest.approx(0.539131, abs=1e-6), "female": pytest.approx(0.537418, abs=1e-6)}
    for year, auc in ((2016, 0.902026), (2017, 0.905076), (2018, 0.905704)):
        part = records.filter(pl.col("year") == year)
        assert roc_auc_score(part["employed"], part["score"]) == pytest.approx(auc, abs=2e-6)


def test_the_records_are_those_of_the_published_files(records, shared):
    published = pl.read_parquet(shared / "data/employment_ma/analysis.parquet")
    later = records.filter(pl.col("year") > census.REFERENCE_YEAR)
    assert np.array_equal(later["AGEP"], published["AGEP"])
    assert np.abs(later["score"].to_numpy() - published["predicted_probability"].to_numpy()).max() < 1e-6
    sex = published["SEX"].cast(pl.String).replace_strict(census.MEANINGS["SEX"])
    assert later["SEX"].equals(sex, check_names=False)
    labels = pl.read_parquet(shared / "data/employment_ma/actuals.parquet")["employed"]
    assert np.array_equal(later["employed"], labels)


def test_slices_are_ten_equal_parts_of_each_year_in_file_order(records):
    assert records["slice"].is_sorted()
    counted = records.group_by("year", "slice").len()
    assert sorted(counted["slice"]) == list(range(1, 41))
    for year in (2015, *census.YEARS):
        sizes = counted.filter(pl.col("year") == year)["len"]
        assert (len(sizes), int(sizes.max()) - int(sizes.min())) == (10, 1)


def test_both_models_read_the_same_files_and_neither_invents_a_date():
    by_year, by_slice = (load_schema(census.HERE / file) for file in files.SCHEMAS.values())
    assert (by_year.grain, by_slice.grain) == ("year", "batch")
    assert by_year.timestamp is None
    assert by_slice.timestamp is None
    assert by_year.columns == by_slice.columns
    assert by_year.feature_names == census.FEATURES


def test_a_protected_column_is_no_segment_though_it_is_a_feature():
    schema = load_schema(census.HERE / "model.yaml")
    assert set(schema.protected) == {"SEX", "RAC1P", "AGEP"} <= set(schema.feature_names)
    assert not set(schema.protected) & set(schema.segments)


def test_the_challenger_reproduces_its_scores_and_does_not_read_sex_or_race(records):
    pipeline = skops.io.loads(census.ARTIFACT.read_bytes(), trusted=TRUSTED)
    part = records.filter(pl.col("year") == 2018).head(2_000)
    scored = np.round(pipeline.predict_proba(part.select(census.FEATURES))[:, 1], 6)
    assert np.allclose(scored, part["challenger_score"].to_numpy(), atol=2e-6)
    blind = part.with_columns(SEX=pl.lit("male"), RAC1P=pl.lit("White"))
    assert np.array_equal(
        pipeline.predict_proba(blind.select(census.FEATURES))[:, 1],
        pipeline.predict_proba(part.select(census.FEATURES))[:, 1],
    )


def test_the_files_hold_the_scores_of_their_version_and_labels_come_apart(tmp_path):
    written = files.write_scored(tmp_path)
    reference = pl.read_parquet(written[files.CHALLENGER].reference)
    assert {"employed", "score", "decision"} <= set(reference.columns)
    assert "challenger_score" not in reference.columns
    first = pl.read_parquet(written[files.PUBLISHED].predictions[0])
    assert "employed" not in first.columns
    other = pl.read_parquet(written[files.CHALLENGER].predictions[0])
    assert first["id"].equals(other["id"])
    assert not first["score"].equals(other["score"])
    actuals = pl.concat([pl.read_parquet(file) for file in files.write_actuals(tmp_path)])
    assert actuals.columns == ["id", "year", "slice", "employed"]
    assert actuals["id"].n_unique() == actuals.height == 208_892


def test_the_artefact_is_a_skops_file():
    assert io.BytesIO(census.ARTIFACT.read_bytes()).read(2) == b"PK"
