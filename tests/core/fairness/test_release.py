from datetime import timedelta

import pytest

from core.access.principal import LOCAL
from core.fairness.service import fairness_release
from core.selection import MetricQuery
from core.windows import Window


@pytest.fixture
def release(grouped):
    return fairness_release(grouped, LOCAL, MetricQuery(model="churn"))


def test_columns_have_blocks_of_their_own_and_tables_are_never_finer(release):
    assert release.lengths == {"sex": 7, "region": 7}
    for table in (*release.tables, *release.controls):
        days = table.blocks[0].days
        assert days >= max(release.lengths.get(name, 1) for name in (table.first, table.second))


def test_every_pair_and_every_control_column_is_released(release):
    assert [(one.first, one.second) for one in release.tables] == [("sex", "region")]
    assert {(one.first, one.second) for one in release.controls} >= {("sex", "plan"), ("region", "plan")}


def test_a_window_without_a_whole_block_is_shown_the_newest_before_its_end(release):
    region = release.columns["region"]
    last = region.blocks[-1]
    window = Window(last.end - timedelta(days=1), last.end)
    assert release.places(region, window) == ()
    assert release.newest(region, window) == (len(region.blocks) - 1,)


def test_before_the_first_block_nothing_is_shown(release):
    region = release.columns["region"]
    early = region.blocks[0].start
    assert release.newest(region, Window(early - timedelta(days=9), early)) == ()


def test_what_everybody_did_in_a_block_holds_what_is_shown(release):
    for name, column in release.columns.items():
        assert (release.everybody[name] >= column.counts.confusion.sum(1)).all()


def test_without_a_choice_there_is_no_reference_group(release):
    assert release.reference_group("sex") is None
