import pytest

from core.explain.model import positions


def test_labels_are_one_whatever_their_type():
    assert positions([False, True], ("1",)) == [1]
    assert positions(["no", "yes"], ("yes", "no")) == [1, 0]


def test_a_class_that_the_model_does_not_know_is_named():
    with pytest.raises(ValueError, match="knows no class 'maybe'"):
        positions(["no", "yes"], ("maybe",))
