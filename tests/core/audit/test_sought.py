from core.audit.sought import Sought


def test_the_texts_that_are_looked_for_are_those_that_were_given():
    assert Sought().texts == ()
    assert Sought(person="Ana", object_id="churn", text="", before_seq=3).texts == ("Ana", "churn", "")
