import polars as pl
import pytest

from core.errors import BadInputError
from core.log import guess_columns as found
from core.log.files import open_source
from core.log.guess_columns import Part
from core.log.observed import observe
from tests.log_kit import CLASSES, saved, tickets


def seen(tmp_path, **columns):
    """Return the columns of a file as they are observed, by name."""
    frame = pl.DataFrame(columns, strict=False)
    return {one.name: one for one in observe(open_source(saved(frame, tmp_path / "f.parquet")))[0]}


def test_the_usual_name_comes_before_a_similar_one_and_that_before_the_values(tmp_path):
    left = seen(tmp_path, other=[0.1, 0.2, 0.3], my_score=[0.4, 0.5, 0.6], score=[0.7, 0.8, 0.9])
    picked = [found.take(left, ("score",), found.is_share, kind="the first share") for _ in range(4)]
    assert picked == [
        Part(column="score", why="the usual name"),
        Part(column="my_score", why="its name ends in score", doubtful=True),
        Part(column="other", why="the first share", doubtful=True),
        None,
    ]
    assert left == {}


def test_a_name_of_one_letter_must_be_the_whole_name(tmp_path):
    assert found.take(seen(tmp_path, pos_y=[1, 2]), ("y",), found.is_numeric) is None
    left = seen(tmp_path, body_weight=[1.0, 2.0])
    assert found.take(left, ("weight",), found.is_numeric, only_whole_names=True) is None


@pytest.mark.parametrize(
    ("values", "numeric", "share", "whole", "measured"),
    [
        ([0.0, 1.0, 0.5], True, True, False, True),
        ([0, 1, 1], True, True, True, False),
        (list(range(40)), True, False, True, True),
        ([1, 2, 3, 1], True, False, True, False),
        (["a", "b", "a"], False, False, False, False),
        ([None, None], False, False, False, False),
    ],
)
def test_what_values_allow(tmp_path, values, numeric, share, whole, measured):
    one = seen(tmp_path, x=values)["x"]
    assert (found.is_numeric(one), found.is_share(one), found.is_whole(one), found.is_measured(one)) == (
        numeric,
        share,
        whole,
        measured,
    )


def test_scores_of_classes_are_found_by_affix_and_by_label_and_must_add_up(tmp_path):
    rows = tickets(50)
    by_affix = seen(tmp_path, **rows.to_dict())
    group, off = found.take_class_scores(by_affix, None)
    assert group == {name: f"p_{name}" for name in CLASSES}
    assert off < 1e-12
    assert not {"p_card", "p_loan", "p_other"} & by_affix.keys()
    renamed = rows.rename({"p_card": "Card (prob)", "p_loan": "loan", "p_other": "score other"})
    team = pl.Series([CLASSES[i % 3] for i in range(50)])
    left = seen(tmp_path, **renamed.to_dict(), team=team)
    wanted = {"card": "Card (prob)", "loan": "loan", "other": "score other"}
    assert found.take_class_scores(left, left["team"])[0] == wanted
    left = seen(tmp_path, **renamed.rename({"loan": "loans"}).to_dict(), team=team)
    assert found.take_class_scores(left, left["team"])[0] == {}, "a name is a whole word"
    broken = seen(tmp_path, **rows.with_columns(p_card=pl.lit(0.9)).to_dict())
    assert found.take_class_scores(broken, None) == ({}, 0.0)
    assert "p_card" in broken


def test_a_decision_that_follows_the_highest_score_is_told_from_one_that_does_not(tmp_path):
    columns = seen(tmp_path, **tickets(50).to_dict(), team=[CLASSES[i % 3] for i in range(50)])
    scores = {name: columns[f"p_{name}"] for name in CLASSES}
    assert found.follows_top(columns["routed"], scores)
    assert not found.follows_top(columns["team"], scores)


def test_the_actual_may_be_what_the_score_is_named_after(tmp_path):
    left = seen(tmp_path, sales=[1, 2], units=[3, 4])
    part = found.take_namesake(left, Part(column="sales_forecast", why=""))
    assert part == Part(column="sales", why="'sales_forecast' is named after it", doubtful=True)
    assert found.take_namesake(left, Part(column="score", why="")) is None
    assert found.take_namesake(left, None) is None


def test_more_scores_than_a_model_may_have_classes_are_refused(tmp_path):
    shares = {f"p_{k}": [1 / 51, 1 / 51] for k in range(51)}
    with pytest.raises(BadInputError, match=r"51 columns add up to 1, .* at most 50 classes"):
        found.take_class_scores(seen(tmp_path, **shares), None)


def test_classes_are_declared_in_the_order_of_their_columns(tmp_path):
    rows = tickets(50)
    left = seen(tmp_path, **rows.to_dict(), team=pl.Series([CLASSES[-1 - i % 3] for i in range(50)]))
    assert tuple(found.take_class_scores(left, left["team"])[0]) == CLASSES


def test_numbers_with_a_decimal_comma_are_recognised(tmp_path):
    columns = seen(tmp_path, a=["1,5", "12", "-3,25"], b=["1.5", "x", "2,5"], c=[1.5, 2.5, 3.5], d=["a,b", "c", "d"])
    assert [name for name in "abcd" if found.has_decimal_commas(columns[name])] == ["a"]


def test_of_yes_and_no_yes_is_positive_even_when_it_is_the_more_frequent(tmp_path):
    columns = seen(tmp_path, a=["yes", "yes", "no"], b=["YES", "no", "YES"], c=["good", "good", "bad"])
    assert [found.positive_of(columns[name]) for name in "abc"] == ["yes", "YES", "bad"]


def test_the_positive_value_is_one_or_the_less_frequent(tmp_path):
    columns = seen(tmp_path, a=[0, 1, 1], b=["no", "no", "yes"], c=[True, True, False], d=[2, 2, 7], e=[1.5, 2.5, 2.5])
    assert [found.positive_of(columns[name]) for name in "abcde"] == [1, "yes", 1, 7, 1.5]
    assert found.positive_of(None) == 1


def test_shap_values_need_their_feature(tmp_path):
    left = seen(tmp_path, temp=[1.0], shap_temp=[0.1], shap_gone=[0.2])
    assert found.take_shap(left) == ["shap_temp"]
    assert list(left) == ["temp", "shap_gone"]


def test_features_leave_out_times_free_text_and_what_has_no_values(tmp_path):
    n = 300
    left = seen(
        tmp_path,
        temp=[float(i) for i in range(n)],
        when=[f"2024-01-01T00:{i % 60:02d}:00" for i in range(n)],
        note=[f"note {i}" for i in range(n)],
        nothing=[None] * n,
        decision=["a"] * n,
    )
    features, out = found.features_of(left)
    assert [one.name for one in features] == ["temp"]
    assert set(out) == {"when", "note", "nothing", "decision"}


def test_protected_attributes_are_known_by_name_and_must_be_categories(tmp_path):
    columns = seen(tmp_path, sex=["f"], customerGender=["m"], race=[1], shop=["a"])
    assert found.protected_of(columns) == ["sex", "customerGender"]
