import pytest

from core.errors import ConflictError
from core.profile.build_lock import one_build_at_a_time


def test_the_lock_can_be_taken_again_when_it_was_given_back(tmp_path):
    folder = tmp_path / "log"
    for _ in range(2):
        with one_build_at_a_time(folder):
            assert folder.is_dir()


def test_a_build_that_does_not_end_is_said_in_one_sentence(tmp_path):
    with (
        one_build_at_a_time(tmp_path),
        pytest.raises(ConflictError, match="Another build of this model's profiles does not end"),
        one_build_at_a_time(tmp_path, patience=0.01),
    ):
        pass
