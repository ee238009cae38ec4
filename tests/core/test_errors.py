from core.errors import BadInputError, CoreError, NotFoundError, RefusedError


def test_a_missing_thing_is_bad_input_so_that_the_command_line_leaves_with_2():
    assert issubclass(NotFoundError, BadInputError)
    assert issubclass(BadInputError, CoreError)


def test_a_refusal_keeps_its_code_and_its_sentence():
    refused = RefusedError("illegal_move", "A retired model takes no release.")
    why = "A retired model takes no release."
    assert (refused.code, refused.why, str(refused)) == ("illegal_move", why, why)
