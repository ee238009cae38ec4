import numpy as np
import pyarrow as pa

from core.profile.class_scores import class_scores, predicted_classes, top_scores


def test_a_row_that_lacks_one_class_score_has_none():
    rows = pa.table({"c_1": [0.2, None, 0.5], "c_2": [0.8, 1.0, 0.5]})
    scores = class_scores(rows, ["c_1", "c_2"])
    assert scores[:, [0, 2]].tolist() == [[0.2, 0.5], [0.8, 0.5]]
    assert np.isnan(scores[:, 1]).all()
    np.testing.assert_array_equal(top_scores(scores), [0.8, np.nan, 0.5])


def test_a_class_column_that_the_log_lacks_leaves_no_scores():
    scores = class_scores(pa.table({"c_1": [0.2]}), ["c_1", "c_2"])
    assert np.isnan(scores).all()


def test_predicted_is_the_logged_decision_else_the_largest_score_else_none():
    rows = pa.table({"decision": pa.array([0, None, None, None], pa.int16())})
    scores = np.array([[0.1, 0.1, 0.5, np.nan], [0.9, 0.9, 0.5, np.nan]])
    assert predicted_classes(rows, scores).tolist() == [0, 1, 0, 2]
