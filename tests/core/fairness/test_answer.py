import numpy as np
import pytest

from core.access.principal import LOCAL
from core.fairness.answer import column_answer, table_answer
from core.fairness.service import fairness_release
from core.fairness.suppression import SHOWN, WORDS
from core.selection import MetricQuery


@pytest.fixture
def release(grouped):
    return fairness_release(grouped, LOCAL, MetricQuery(model="churn"))


def _answer(release, name, **more):
    column = release.columns[name]
    asked = {"reference": None, "probability": True, "draws": 0} | more
    return column_answer(column, range(len(column.blocks)), **asked)


def test_a_withheld_group_has_no_number_and_the_reason_in_the_place_of_each(release):
    answer = _answer(release, "region")
    hidden = np.flatnonzero(answer.mask != SHOWN)
    assert hidden.size >= 2
    for place in hidden:
        assert answer.reasons[place].startswith(WORDS[int(answer.mask[place])])
        assert answer.rates.n_rows[place] == 0
        for found in answer.rates.estimates.values():
            assert np.isnan(found.value[place])
            assert str(found.reason[place]).startswith("withheld")
            assert "withheld: withheld" not in str(found.reason[place])
    for gap in answer.gaps.values():
        assert not gap.counted[hidden].any()


def test_the_window_of_an_answer_is_that_of_its_blocks(release):
    answer = _answer(release, "sex")
    blocks = release.columns["sex"].blocks
    assert (answer.window.start, answer.window.end) == (blocks[0].start, blocks[-1].end)
    assert answer.n_blocks == len(blocks)


def test_against_a_group_only_where_it_was_chosen_and_exists(release):
    assert _answer(release, "sex").against is None
    assert _answer(release, "sex", reference="nobody").against is None
    assert _answer(release, "sex", reference="M").against is not None


def test_nothing_is_withheld_as_a_whole_where_a_group_is_shown(release):
    assert not _answer(release, "sex").all_withheld


def test_cells_of_a_table_are_withheld_where_a_group_of_a_margin_is(release):
    table = release.tables[0]
    answer = table_answer(table, [0])
    island = table.second_labels.index("island")
    assert not answer.confusion[:, island].any()
    assert answer.rates.labels[island] == f"{table.first_labels[0]} × island"
