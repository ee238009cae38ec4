from core.analysis import AnalysisKind, analysis_key


def test_the_same_question_to_the_same_state_has_the_same_key_whatever_the_order_of_its_parameters():
    first = analysis_key(AnalysisKind.SHIFT, 1, {"a": 1, "b": [2]}, "v")
    assert first == analysis_key(AnalysisKind.SHIFT, 1, {"b": [2], "a": 1}, "v")


def test_kind_version_parameters_and_state_of_the_log_each_make_another_key():
    keys = {
        analysis_key(AnalysisKind.SHIFT, 1, {"a": 1}, "v"),
        analysis_key(AnalysisKind.EXPLANATION, 1, {"a": 1}, "v"),
        analysis_key(AnalysisKind.SHIFT, 2, {"a": 1}, "v"),
        analysis_key(AnalysisKind.SHIFT, 1, {"a": 2}, "v"),
        analysis_key(AnalysisKind.SHIFT, 1, {"a": 1}, "w"),
    }
    assert len(keys) == 5
