from dataclasses import replace

from app.overview.findings import change_sentence, decided_word, sentences, title, total_sentence, worth_sentence
from app.overview.views import Amount, Attention
from core.states import State
from tests.app.overview.conftest import NONE, STORY


def test_three_sentences_say_worth_change_and_what_needs_attention(told):
    worth, change, attention = sentences(told())
    assert worth == (
        "In October 2013 flight-delay was worth $212 K more than if no flight had been warned (between $180 K and "
        "$240 K): assumed values, over the 97.4 % of its flights whose outcome is known."
    )
    assert change == "That is 8 % less than in September 2013 ($230 K)."
    assert attention == "Nothing needs attention."


def test_no_sentence_claims_a_cause(told):
    for one in (told(), told(attention=Attention(state=State.WARNING, check="roc_auc_change", family="performance"))):
        assert "because" not in " ".join(sentences(one)).lower()


def test_a_loss_is_said_as_less_and_a_range_that_holds_zero_as_chance(told):
    loss = told(versus=Amount(value=-5_000.0, low=-9_000.0, high=-1_000.0, n=9, why=""))
    assert "was worth $5.00 K less than" in worth_sentence(loss)
    assert "(between $1.00 K and $9.00 K less)" in worth_sentence(loss)
    unclear = told(versus=Amount(value=500.0, low=-900.0, high=1_900.0, n=9, why=""))
    assert "which chance alone could explain" in worth_sentence(unclear)
    same = replace(STORY.change, low=-20_000.0, high=5_000.0)
    assert "the difference may be chance" in change_sentence(told(change=same))


def test_days_left_out_and_a_period_that_is_still_arriving_are_said(told):
    left = worth_sentence(told(n_left_out=2))
    assert left.endswith("2 days of 31 are left out: too few outcomes known yet.")
    assert worth_sentence(told(provisional=True)).startswith("So far, in October 2013")
    means = replace(STORY.change, per_unit=True, now=7_000.0, before=8_000.0, difference=-1_000.0, relative=-0.125)
    assert change_sentence(told(change=means)) == "A day, that is 12 % less than in September 2013 ($8.00 K a day)."


def test_after_a_loss_the_change_is_an_amount_and_not_a_percentage(told):
    after = replace(STORY.change, before=-10_000.0, difference=222_000.0, low=2e5, high=2.4e5, relative=22.2)
    assert change_sentence(told(change=after)) == "That is $222 K more than in September 2013 (−$10.0 K)."


def test_a_model_without_a_value_model_says_who_can_add_it(told):
    worth, change, _ = sentences(told(worth=None, net=NONE, versus=NONE, change=None, series=None))
    assert "Its owner, ops-ml, can say what each outcome is worth" in worth
    assert change == "That is 1,000 more than in September 2013 (8,000)."
    classes = worth_sentence(told(worth=None, task="multiclass"))
    assert "Ask its owner, ops-ml" in classes


def test_findings_are_told_in_plain_words_with_what_follows(told):
    found = Attention(
        state=State.CRITICAL, check="feature_drift", family="drift", feature="temp", since="4 Nov 2013", others=2
    )
    sentence = sentences(told(attention=found))[2]
    assert sentence == (
        "It needs attention: values of temp have moved away from what the model was trained on since 4 Nov 2013, and 2 "
        "further findings. Its owner checks whether it has to be trained again."
    )
    unknown = Attention(state=State.WARNING, check="brand_new", family="quality")
    assert "the data it receives has faults" in sentences(told(attention=unknown))[2]
    silent = Attention(state=State.NOT_APPLICABLE, reason="no version yet")
    assert sentences(told(attention=silent))[2] == "Whether it runs as it should is not known: no version yet."


def test_an_empty_log_is_told_with_its_reason(told):
    nothing = told(window=None, reason="no closed day with predictions yet", worth=None)
    assert worth_sentence(nothing) == "Nothing can be told yet of flight-delay: no closed day with predictions yet."


def test_amounts_of_different_currencies_and_sources_are_never_added(told, view):
    euros = told(model="b", worth=replace(STORY.worth, currency="EUR", source="measured"))
    staged = told(model="c", staged=True)
    sentence = total_sentence(view(told(), euros, staged))
    assert "$212 K more (assumed values, 1 model)" in sentence
    assert "EUR 212 K more (measured values, 1 model)" in sentence
    assert "$212 K more (staged values, 1 model)" in sentence
    assert total_sentence(view(told(provisional=True))) == "No model has a settled value in this period."


def test_the_title_counts_the_models_that_need_attention(told, view):
    bad = told(attention=Attention(state=State.CRITICAL, check="error_rate", family="service"))
    silent = told(attention=Attention(state=State.NOT_APPLICABLE, reason="x"))
    assert title(view(bad, told())) == "1 of 2 models needs attention: flight-delay"
    assert title(view(told())) == "The only model runs as it should"
    assert title(view(silent)) == "Nothing can be said yet about 1 model"
    assert title(view(told(), silent)) == "No model needs attention; nothing can be said about 1 of 2"


def test_decisions_are_called_by_the_models_own_words(told):
    assert decided_word(told()) == "flights warned"
    plain = {**STORY.words, "positive_decision": "positive"}
    assert decided_word(told(task="regression", words=plain)) == "flights forecast"
    forecasts = {**plain, "row": "forecast", "rows": "forecasts"}
    assert decided_word(told(task="regression", words=forecasts)) == "forecasts made"
    assert decided_word(told(task="multiclass", words=plain)) == "flights sorted"
