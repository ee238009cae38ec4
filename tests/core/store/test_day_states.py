from core.store import day_states
from tests.small_fleet import DAYS, SERVED_START


def test_what_was_written_is_read_back_field_by_field(fleet):
    with fleet.write() as session:
        states = day_states.last_states(session, 1, count=3)
        day_states.put_states(session, 1, states)
        assert day_states.last_states(session, 1, count=3) == states


def test_a_unit_has_one_state_only(fleet):
    with fleet.write() as session:
        last = day_states.last_states(session, 1)[0]
        day_states.put_states(session, 1, [last])
        assert len(day_states.bases(session, 1)) == DAYS


def test_dropped_units_are_gone(fleet):
    with fleet.write() as session:
        day_states.drop_states(session, 1, [SERVED_START])
        assert day_states.state_of(session, 1, SERVED_START) is None
        assert len(day_states.bases(session, 1)) == DAYS - 1


def test_headlines_are_those_of_the_states_without_their_verdicts(fleet):
    with fleet.read() as session:
        states = day_states.last_states(session, 1, count=5)
        headlines = day_states.last_headlines(session, 1, count=5)
    assert [(unit.day, unit.state, unit.headline) for unit in headlines] == [
        (state.day, state.state, state.headline) for state in states
    ]
