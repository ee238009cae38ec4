import math

from core.explain.wording import effect, number, probability, quantity


def test_numbers_have_four_digits_and_never_an_exponent():
    assert [number(one) for one in (1e7, 0.00001234, -3.0, math.inf)] == ["10,000,000", "0.00001234", "−3", "∞"]


def test_missing_values_are_said():
    assert (quantity(None), quantity(float("nan"), "USD")) == ("no value", "no value")


def test_effects_of_other_units_are_plain_numbers():
    assert (effect(0.03123, "probability"), effect(0.0, "log-odds")) == ("0.0312", "0.00 log-odds")


def test_the_probability_view_is_the_logistic_function_on_both_sides():
    assert math.isclose(probability(2.0) + probability(-2.0), 1.0)
    assert probability(-800.0) == 0.0
    assert math.isclose(probability(1.0), 1 / (1 + math.exp(-1)))
