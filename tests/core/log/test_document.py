from datetime import timedelta

import pytest

from core.errors import BadInputError
from core.log.document import MAX_FEATURES, canonical, normal_form, parse_delay, validate


def document(columns=None, **entries):
    whole = {
        "model": "m",
        "task": "binary",
        "owner": "o",
        "columns": {
            "prediction_id": "id",
            "timestamp": "at",
            "score": "score",
            "features": {"numeric": ["temp"], "categorical": ["carrier"]},
            **(columns or {}),
        },
        **entries,
    }
    return {key: value for key, value in whole.items() if value is not ...}


def mistake(raw):
    with pytest.raises(BadInputError) as caught:
        validate(raw, "model.yaml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90m", timedelta(minutes=90)),
        ("36h", timedelta(hours=36)),
        ("1d", timedelta(days=1)),
        (" 2 w ", timedelta(weeks=2)),
        ("0d", timedelta(0)),
    ],
)
def test_a_delay_reads_as_a_length_of_time(text, length):
    assert parse_delay(text) == length


@pytest.mark.parametrize("text", ["", "1", "d", "1y", "1.5d", "-1d", "1d 2h", "1234567d"])
def test_what_is_no_length_of_time_is_refused(text):
    with pytest.raises(ValueError, match="such as 12h, 1d or 2w"):
        parse_delay(text)


def test_the_short_the_long_and_the_normal_form_of_features_mean_the_same():
    forms = (
        {"numeric": ["temp"], "categorical": ["carrier"]},
        {"temp": {"kind": "numeric"}, "carrier": {"kind": "categorical"}},
        [{"name": "temp", "kind": "numeric"}, {"name": "carrier", "kind": "categorical"}],
    )
    found = [validate(document({"features": form}), "model.yaml").columns.features for form in forms]
    assert found[0] == found[1] == found[2]


def test_what_is_not_said_has_the_documented_default():
    whole = validate(document(), "model.yaml")
    assert (whole.timezone, whole.grain.value, whole.actual_delay, whole.dedup_days) == ("UTC", "day", "1d", 7)
    assert (whole.columns.threshold, whole.columns.positive, whole.risk_tier) == (0.5, 1, 3)
    assert (whole.value, whole.actual_window, whole.limits) == (None, None, {})


def test_entries_that_came_later_leave_the_normal_form_of_older_files_as_it_was():
    columns = normal_form(validate(document(), "model.yaml"))["columns"]
    assert "group_bands" not in columns
    assert all("proxy_of" not in feature for feature in columns["features"])


def test_bands_and_proxies_stand_in_the_normal_form_where_they_are_declared():
    features = {"temp": {"kind": "numeric", "proxy_of": ["age"]}}
    raw = document({"features": features, "protected": ["age"], "group_bands": {"age": [25, 40]}})
    columns = normal_form(validate(raw, "model.yaml"))["columns"]
    assert columns["group_bands"] == {"age": [25, 40]}
    assert columns["features"][0]["proxy_of"] == ["age"]
    assert validate(normal_form(validate(raw, "model.yaml")), "again").columns.group_bands == {"age": (25, 40)}


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (document(owner=...), "owner is missing"),
        (document(colour="red"), "colour is not a known entry"),
        (document(risk_tier=5), "risk_tier: input should be less than or equal to 4, not '5'"),
        (document(risk_tier=True), "risk_tier: input should be a valid integer"),
        (document(timezone="Mars/Olympus"), "timezone: 'Mars/Olympus' is not an IANA zone"),
        (document(model="../../etc"), "model: the name '../../etc' must not look like a path"),
        (document(model=".."), "must not look like a path"),
        (document(model="a\nb"), "model: the name 'a\\nb' holds an invisible control character"),
        (document(actual_delay="soon"), "actual_delay: must be a length of time"),
        (document(dedup_days=367), "dedup_days: input should be less than or equal to 366"),
        (document(limits={"psi": [1]}), "limits.psi: must be a finite number, a word or one level of them"),
        (document({"timestamp": None}), "columns.timestamp: is required for the grain day"),
        (document(time={"column": "month"}), "time: belongs to the grains month, year and batch only"),
        (document({"timestamp": None}, grain="batch"), "time: the grain batch needs the column of the batch number"),
        (document({"timestamp": None}, grain="month"), "time: the grain month needs time"),
        (document({"threshold": 1.5}), "columns.threshold: must lie in [0, 1]"),
        (document({"threshold": float("nan")}), "columns.threshold: must be a finite number, not 'nan'"),
        (document({"threshold": 10**400}), "columns.threshold: must be a finite number, not one so large"),
        (document({"positive": float("nan")}), "columns.positive: must be a finite number, not 'nan'"),
        (document({"positive": float("inf")}), "columns.positive: must be a finite number, not 'inf'"),
        (document({"positive": 10**400}), "columns.positive: must be a finite number, not one so large"),
        (document(limits={"psi": float("nan")}), "limits.psi: must be a finite number"),
        (document(limits={"psi": {"amber": float("inf")}}), "limits.psi: must be a finite number"),
        (document(limits={"psi": 10**400}), "limits.psi: must be a finite number"),
        (document({"features": {"numeric": ["te\u200bmp"]}}), "holds a character that cannot be seen (U+200B)"),
        (document({"features": {"numeric": ["score"]}}), "columns.features: 'score' is a reserved name"),
        (document({"features": {"numeric": ["a"], "categorical": ["a"]}}), "columns.features: 'a' is declared twice"),
        (document({"features": {"numeric": ["e\u0301", "\u00e9"]}}), "columns.features: 'é' is declared twice"),
        (document({"features": {"numeric": ["id"]}}), "columns.features: 'id' is also the prediction_id"),
        (document({"features": {"wavy": ["a"]}}), "the short form knows numeric and categorical, not 'wavy'"),
        (document({"features": {"a": "numeric"}}), "'a' needs a description such as {kind: numeric}"),
        (document({"features": {"a": {"kind": "wavy"}}}), "columns.features.'a'.kind: input should be 'numeric'"),
        (document({"actual": "score"}), "'score' cannot play two of id, timestamp, score, decision, actual"),
        (document({"actual": "late", "segments": ["late"]}), "columns.segments: 'late' is the actual"),
        (document({"segments": ["sex"], "protected": ["sex"]}), "columns.segments: 'sex' is protected"),
        (document({"segments": ["a", "a"]}), "columns.segments: 'a' is named twice"),
        (document({"segments": ["temp"]}), "'temp' is a numeric feature and cannot also be a segment"),
        (document({"weight": "carrier"}), "'carrier' must be a number to be weight, amount or latency"),
        (document({"segment_features": ["wind"]}), "columns.segment_features: 'wind' is not a feature"),
        (document(value={"kind": "per_amount", "currency": "USD", "source": "assumed"}), "needs columns.amount"),
        (document(value={"kind": "confusion", "currency": "USD"}), "value.source is missing"),
    ],
)
def test_each_mistake_is_named_with_its_path(raw, path):
    assert path in mistake(raw)


def test_several_mistakes_are_named_at_once_and_many_are_counted():
    assert mistake(document(owner=..., risk_tier=9)).count("; ") == 1
    assert "; and 8 more" in mistake(document(**{f"odd{i}": 1 for i in range(20)}))


def test_more_features_than_the_limit_are_refused():
    names = [f"f{i}" for i in range(MAX_FEATURES + 1)]
    assert "columns.features" in mistake(document({"features": {"numeric": names}}))


@pytest.mark.parametrize(
    ("task", "entry"), [("binary", "score"), ("multiclass", "scores"), ("regression", "prediction")]
)
def test_what_a_model_says_must_be_named_as_its_task_has_it(task, entry):
    assert f"columns.{entry} is missing; owner is missing" in mistake(document({"score": None}, task=task, owner=...))


def test_a_task_that_nobody_knows_is_refused():
    assert "task: input should be 'binary', 'multiclass' or 'regression', not 'ranking'" in mistake(
        document(task="ranking")
    )


def test_classes_keep_their_order_and_read_as_words():
    given = {"score": None, "scores": {"b": "p_b", 2: "p_2", "a": "p_a"}}
    whole = validate(document(given, task="multiclass"), "model.yaml")
    assert [(one.name, one.column) for one in whole.columns.scores] == [("b", "p_b"), ("2", "p_2"), ("a", "p_a")]
    again = validate(normal_form(whole), "the stored schema")
    assert again == whole


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        ({True: "p", "b": "q"}, "columns.scores: the class 'True' is not a word to YAML; write it in quotes"),
        ({None: "p", "b": "q"}, "columns.scores: the class 'None' is not a word to YAML"),
        ({"a": "p", "b": 7}, "columns.scores.'b'.column: input should be a valid string, not '7'"),
        ({"a": "p", "b\n": "q"}, "holds an invisible control character"),
        ({f"c{i}": f"p{i}" for i in range(51)}, "columns.scores: list should have at most 50 items"),
        (["p", "q"], "columns.scores.'?': input should be"),
    ],
)
def test_classes_that_cannot_be_are_named(scores, says):
    assert says in mistake(document({"score": None, "scores": scores}, task="multiclass"))


def test_entries_of_later_versions_stand_in_the_normal_form_only_where_they_say_something():
    plain = normal_form(validate(document(), "model.yaml"))
    assert not {"staged"} & plain.keys()
    assert not {"scores", "prediction"} & plain["columns"].keys()
    value = {"kind": "error", "cost_over": 2, "currency": "EUR", "source": "assumed"}
    told = normal_form(
        validate(
            document({"score": None, "prediction": "p"}, task="regression", staged=True, value=value), "model.yaml"
        )
    )
    assert (told["staged"], told["columns"]["prediction"], told["value"]["cost_over"]) == (True, "p", 2)
    assert "cost_under" not in told["value"]
    assert told["value"]["baseline"] == "reference_median"


@pytest.mark.parametrize("raw", [None, [], "text", 5])
def test_a_document_that_is_no_mapping_is_refused(raw):
    assert "must be a mapping that begins with 'model: NAME'" in mistake(raw)


def test_the_canonical_text_does_not_depend_on_the_order_of_entries():
    assert canonical({"b": 1, "a": "é"}) == canonical({"a": "é", "b": 1}) == '{"a":"é","b":1}'
