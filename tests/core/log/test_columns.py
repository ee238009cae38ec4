import pytest

from core.log.columns import NUMBER, TEXT, bind, shap_columns, shap_ids, shap_key, storage_keys, storages
from core.log.schema import load_schema
from tests.log_kit import MULTICLASS_YAML


def schema_with(columns="", features="{numeric: [temp], categorical: [carrier]}"):
    return load_schema(
        "{model: m, task: binary, owner: o, columns: {prediction_id: id, timestamp: at, score: score, "
        f"features: {features}, {columns}}}}}"
    )


def test_features_come_first_then_the_other_stored_columns():
    schema = schema_with("segments: [carrier, origin], protected: [sex], weight: w, error: err")
    assert storage_keys(schema) == {
        "number:temp": "f",
        "text:carrier": "f",
        "number:w": "c",
        "text:origin": "c",
        "text:sex": "c",
        "text:err": "c",
    }
    assert storages(schema) == {"temp": NUMBER, "carrier": TEXT, "w": NUMBER, "origin": TEXT, "sex": TEXT, "err": TEXT}


def test_a_column_that_plays_two_parts_is_stored_once_as_the_feature():
    assert storages(schema_with("segments: [carrier], amount: temp")) == {"temp": NUMBER, "carrier": TEXT}


def test_id_time_score_decision_and_actual_have_columns_of_their_own():
    schema = schema_with("decision: flagged, actual: late", features="{}")
    assert storages(schema) == {}


def test_names_are_bound_to_the_known_ids():
    known = {"number:temp": "f_0001", "text:carrier": "f_0002", "text:gone": "f_0003"}
    assert bind(schema_with(), known) == {"temp": "f_0001", "carrier": "f_0002"}


def test_a_feature_that_changed_its_kind_is_another_column():
    before = {"number:temp": "f_0001", "text:temp": "f_0002"}
    assert bind(schema_with(features="{numeric: [temp]}"), before) == {"temp": "f_0001"}
    assert bind(schema_with(features="{categorical: [temp]}"), before) == {"temp": "f_0002"}


def test_a_column_without_an_id_cannot_be_bound():
    with pytest.raises(KeyError, match="text:carrier"):
        bind(schema_with(), {"number:temp": "f_0001"})


def test_the_scores_of_the_classes_are_stored_as_numbers():
    assert storages(load_schema(MULTICLASS_YAML)) == {
        "words": NUMBER,
        "channel": TEXT,
        "p_card": NUMBER,
        "p_loan": NUMBER,
        "p_other": NUMBER,
    }


def test_shap_values_of_declared_features_are_recognised_unless_the_column_plays_another_part():
    schema = schema_with("amount: shap_carrier")
    there = {"temp", "shap_temp", "shap_carrier", "shap_wind", "score"}
    assert shap_columns(schema, there) == {"temp": "shap_temp"}
    assert shap_columns(schema, {"temp"}) == {}
    assert shap_key("shap_temp") == "number:shap_temp"


def test_the_ids_of_logged_shap_values_are_found_by_feature():
    known = {"number:temp": "f_0001", "number:shap_temp": "c_0009", "text:shap_carrier": "c_0010"}
    assert shap_ids(schema_with(), known) == {"temp": "c_0009"}


def test_a_protected_column_with_bands_is_stored_as_a_number_and_without_them_as_text():
    schema = schema_with("protected: [sex, age, temp], group_bands: {age: [25, 40], temp: [0]}")
    kinds = storages(schema)
    assert (kinds["sex"], kinds["age"], kinds["temp"]) == (TEXT, NUMBER, NUMBER)
    assert storage_keys(schema)["number:temp"] == "f"
