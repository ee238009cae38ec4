from datetime import UTC, datetime

import pytest

from core.access.principal import LOCAL, WORKER, Principal, Role
from core.errors import BadInputError, RefusedError
from core.home.service import create_store, freeze_clock
from core.store import anchors
from core.store.database import DATABASE, HEAD, open_store
from tests.audited import newest

AT = datetime(2014, 1, 1, 5, tzinfo=UTC)


def test_a_new_store_begins_its_chain_with_its_own_making_however_often_it_is_made(tmp_path):
    create_store(LOCAL, tmp_path / "home")
    store = create_store(LOCAL, tmp_path / "home")
    (entry,) = newest(store)
    assert (entry.seq, entry.action, entry.actor, entry.after) == (
        1,
        "store:store:init",
        "local",
        f'{{"anchor_key":"{anchors.make_key(store.home)}","revision":"{HEAD}"}}',
    )


def test_who_is_no_administrator_makes_no_store(tmp_path):
    with pytest.raises(RefusedError):
        create_store(WORKER, tmp_path / "home")
    assert not (tmp_path / "home" / DATABASE).exists()


def test_a_frozen_clock_stands_for_everybody_who_opens_the_store_until_it_runs_again(store, admin):
    frozen = freeze_clock(store, admin, AT)
    assert frozen.clock.now() == open_store(store.home).clock.now() == AT
    running = freeze_clock(frozen, admin, None)
    assert running.clock.frozen_at is None
    assert open_store(store.home).clock.frozen_at is None
    last, first = newest(store)
    assert (first.action, first.after) == ("store:clock:freeze", '{"frozen_at":"2014-01-01T05:00:00+00:00"}')
    assert (last.before, last.after) == ('{"frozen_at":"2014-01-01T05:00:00+00:00"}', '{"frozen_at":null}')


def test_freezing_at_the_same_instant_again_changes_nothing(store, admin):
    freeze_clock(store, admin, AT)
    freeze_clock(store, admin, AT)
    assert len(newest(store)) == 1


def test_an_instant_without_a_zone_is_refused(store, admin):
    with pytest.raises(BadInputError, match="needs a zone"):
        freeze_clock(store, admin, AT.replace(tzinfo=None))
    assert newest(store) == ()


def test_only_an_administrator_sets_the_clock(store):
    with pytest.raises(RefusedError):
        freeze_clock(store, Principal("ana", frozenset({Role.OWNER})), AT)
    assert open_store(store.home).clock.frozen_at is None


def test_a_key_that_is_none_is_a_sentence(tmp_path):
    create_store(LOCAL, tmp_path / "home")
    (tmp_path / "home" / anchors.KEY).write_text("no key")
    with pytest.raises(BadInputError, match=r"anchor\.key cannot be used"):
        create_store(LOCAL, tmp_path / "home")
