import pytest

from core.inventory.developers import developers


@pytest.mark.parametrize(
    "name",
    [
        "Dana Reyes",
        "dana reyes",
        " Dana\u00a0 Reyes ",
        "D\u00e1na REYES",
        "Da\u0301na Reyes",
        "Reyes, Dana",
        "D. Reyes",
        "Dana",
        "dana.reyes@example.org",
        "Kim Lee",
        "KIM lee",
    ],
)
def test_another_way_of_writing_a_name_is_no_way_around_it(name):
    assert name in developers({"developer": "Dana Reyes"}, "Kim Lee", "")


@pytest.mark.parametrize("name", ["Omar Haddad", "Vera Lind", "Dan", "D", "Kim", "Lee Wong", "Dana Smith", "", "local"])
def test_somebody_else_is_somebody_else(name):
    assert name not in developers({"developer": "Dana Reyes"}, "Kim Lee", "")


@pytest.mark.parametrize(
    ("written", "name", "built"),
    [
        ("Dana Reyes and Omar Haddad", "Omar Haddad", True),
        ("Dana Reyes (data science)", "Dana Reyes", True),
        ("dana.reyes", "Dana Reyes", True),
        ("D. Reyes", "Dana Reyes", True),
        ("D", "Dana Reyes", False),
        ("risk-models", "Vera Lind", False),
        ("", "Vera Lind", False),
        (None, "Vera Lind", False),
    ],
)
def test_the_developer_of_the_record_is_free_text(written, name, built):
    assert (name in developers({"developer": written})) is built


def test_who_is_named_by_the_store_is_meant_exactly():
    assert "Ana Prior" not in developers({}, "Ana")
    assert "Ana" in developers({}, "Ana")
