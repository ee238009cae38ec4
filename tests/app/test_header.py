"""The header: five selectors, the URL, the clock."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from streamlit.testing.v1 import AppTest

from app.views import Choices, ModelChoice
from core.states import State
from core.windows import Grain

KEYS = ("model", "version", "window", "reference", "segment")


def script(offered):
    import streamlit as st

    from app import chosen, header

    chosen.remember(header.choose(offered, lambda model: ("carrier=EV",) if model == "made-up" else ()))
    st.session_state["seen_by_page"] = chosen.selection()


@pytest.fixture
def offered() -> Choices:
    model = ModelChoice(
        name="made-up",
        versions=("v2", "v1"),
        grain=Grain.DAY,
        last_unit=date(2013, 12, 30),
        state=State.WARNING,
        state_reason="*x* drifted",
    )
    monthly = replace(model, name="monthly", versions=("m1",), grain=Grain.MONTH, state=State.HEALTHY)
    return Choices(models=(model, monthly), as_of=datetime(2013, 12, 31, 17, 4, tzinfo=UTC), frozen=True)


def url(at: AppTest) -> dict[str, str]:
    return {key: at.query_params[key] for key in KEYS}


def test_the_first_choice_of_everything_is_written_to_the_url(offered):
    at = AppTest.from_function(script, args=(offered,)).run()
    assert not at.exception
    assert url(at) == {
        "model": "made-up",
        "version": "v2",
        "window": "1d",
        "reference": "training",
        "segment": "all",
    }
    assert at.session_state["seen_by_page"].query() == url(at)


def test_a_link_decides_over_the_session(offered):
    at = AppTest.from_function(script, args=(offered,)).run()
    at.query_params["window"] = "28d"
    at.query_params["segment"] = "carrier=EV"
    at.run()
    assert url(at)["window"] == "28d"
    assert at.selectbox(key="segment").value == "carrier=EV"


def test_a_selector_decides_over_the_old_url(offered):
    at = AppTest.from_function(script, args=(offered,)).run()
    at.selectbox(key="reference").set_value("previous").run()
    assert url(at)["reference"] == "previous"
    at.run()
    assert at.selectbox(key="reference").value == "previous"


def test_another_model_lets_stale_values_fall_to_the_first(offered):
    at = AppTest.from_function(script, args=(offered,)).run()
    at.selectbox(key="segment").set_value("carrier=EV").run()
    at.selectbox(key="model").set_value("monthly").run()
    assert not at.exception
    assert url(at) == {
        "model": "monthly",
        "version": "m1",
        "window": "1m",
        "reference": "training",
        "segment": "all",
    }


def test_nonsense_in_the_url_is_replaced(offered):
    at = AppTest.from_function(script, args=(offered,))
    at.query_params["model"] = "<script>"
    at.query_params["window"] = "tomorrow"
    at.run()
    assert not at.exception
    assert url(at)["model"] == "made-up"
    assert url(at)["window"] == "1d"


def test_a_window_of_dates_can_be_linked_to(offered):
    at = AppTest.from_function(script, args=(offered,))
    at.query_params["window"] = "2013-07-01..2013-07-08"
    at.run()
    assert at.selectbox(key="window").value == "2013-07-01..2013-07-08"
    assert url(at)["window"] == "2013-07-01..2013-07-08"


def test_a_frozen_clock_is_shown_as_a_badge_and_a_running_one_as_a_time(offered):
    at = AppTest.from_function(script, args=(offered,)).run()
    assert any("frozen 31 Dec 2013" in shown.value for shown in at.markdown)
    running = AppTest.from_function(script, args=(replace(offered, frozen=False),)).run()
    assert any("as of 17" in shown.value for shown in running.markdown)


def test_the_state_and_its_reason_stand_in_the_header(offered):
    at = AppTest.from_function(script, args=(offered,)).run()
    chip = next(shown for shown in at.markdown if "▲ warning" in shown.value)
    assert "\\*x\\* drifted" in chip.help


def test_without_a_version_there_is_nothing_to_choose(offered):
    empty = replace(offered, models=(replace(offered.models[0], versions=()),))
    at = AppTest.from_function(script, args=(empty,)).run()
    assert not at.exception
    assert not at.selectbox
    assert at.session_state["seen_by_page"] is None


def shown(offered, **model):
    one = replace(offered.models[0], **model)
    at = AppTest.from_function(script, args=(replace(offered, models=(one,)),)).run()
    assert not at.exception
    return [markdown.value for markdown in at.markdown]


def test_the_window_of_numbered_slices_and_of_years_is_told_because_no_calendar_shows_it(offered):
    assert ":gray-badge[slice 40 of 40]" in shown(offered, grain=Grain.BATCH, last_unit=date(1970, 2, 10))
    assert ":gray-badge[2018]" in shown(offered, grain=Grain.YEAR, last_unit=date(2018, 1, 1))


def test_a_window_of_days_needs_no_badge(offered):
    assert not any("gray-badge" in text for text in shown(offered))


def test_slices_are_never_called_batches_or_days(offered):
    at = AppTest.from_function(
        script, args=(replace(offered, models=(replace(offered.models[0], grain=Grain.BATCH),)),)
    ).run()
    assert at.selectbox(key="window").options == ["last slice", "last 5 slices"]


def test_what_stands_beside_the_state_is_drawn_for_the_chosen_model(offered):
    def with_beside(offered):
        import streamlit as st

        from app import header

        header.choose(
            offered, lambda _: (), beside=lambda chosen: st.markdown(f"{chosen.model} {chosen.version} is it")
        )

    at = AppTest.from_function(with_beside, args=(offered,)).run()
    assert not at.exception
    shown_texts = [one.value for one in at.markdown]
    assert shown_texts.index("made-up v2 is it") == 1 + next(
        place for place, text in enumerate(shown_texts) if "▲ warning" in text
    )
