import json
from dataclasses import replace

import pytest

from core.access.principal import LOCAL
from core.cards.service import card_text, edit_card, model_card
from core.errors import BadInputError, ConflictError, NotFoundError, RefusedError
from core.inventory.recording.service import edit_record
from tests.audited import newest
from tests.core.cards.known_version import FACTS
from tests.governed import APPROVER, ENGINEER, OWNER, VALIDATOR, VIEWER, with_model


def write(store, principal=OWNER, **changes):
    given = {"model": "churn", "version": "v2", "changes": {"summary": "It predicts."}, **changes}
    return edit_card(store, principal, **given)


def test_texts_are_written_one_by_one_and_the_audit_holds_what_changed(both):
    store = with_model(both)
    write(store)
    made = write(store, ENGINEER, changes={"summary": None, "license": "other"})
    assert (made.document, made.updated_by, made.row_version) == ({"license": "other"}, "Dana Reyes", 2)
    assert card_text(store, "churn", "v2") == made
    assert card_text(store, "churn", "v1").document == {}
    entry = newest(store, n=1)[0]
    assert (entry.action, entry.object_type, entry.object_id) == ("cards:card:edit", "version", "churn/v2")
    assert json.loads(entry.before) == {"texts": {"license": None, "summary": "It predicts."}}
    assert json.loads(entry.after)["texts"] == {"license": "other", "summary": None}


def test_an_empty_text_takes_one_out(both):
    store = with_model(both)
    write(store)
    assert write(store, changes={"summary": " "}).document == {}
    assert write(store, changes={"license": ""}).row_version == 2


def test_only_those_who_build_and_own_write_cards(both):
    store = with_model(both)
    for principal in (VIEWER, VALIDATOR, APPROVER):
        with pytest.raises(RefusedError):
            write(store, principal)


def test_the_slower_of_two_edits_is_told_and_the_same_click_again_is_one(both):
    store = with_model(both)
    for _ in range(3):
        write(store, row_version=0, idempotency_key="k")
    with pytest.raises(ConflictError, match="changed by Omar Haddad since you opened it"):
        write(store, LOCAL, changes={"summary": "Mine."}, row_version=0)
    assert write(store, changes={"summary": " It predicts. "}).row_version == 1


def test_what_cannot_be_kept_and_what_is_not_there_are_refused(both):
    store = with_model(both)
    with pytest.raises(BadInputError, match="'colour' is not an entry"):
        write(store, changes={"colour": "x"})
    with pytest.raises(NotFoundError, match="no version 'v9'"):
        write(store, version="v9")
    with pytest.raises(NotFoundError, match="no model 'x'"):
        card_text(store, "x", "v1")


def test_a_card_is_put_together_from_facts_words_and_the_record(both):
    store = with_model(both)
    edit_record(store, LOCAL, model="churn", changes={"description": "of the record", "developer": "Dana Reyes"})
    write(store, changes={"summary": "mine"})
    card = model_card(store, replace(FACTS, model="churn", version="v2", tier=4))
    assert (card.texts["summary"], card.texts["developed_by"]) == ("mine", "Dana Reyes")
    assert card.completeness.missing == ("intended_use", "training_data")
