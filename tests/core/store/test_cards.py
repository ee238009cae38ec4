from dataclasses import replace

import pytest

from core.errors import ConflictError
from core.store import cards
from tests.governed import NOW, with_model


def test_a_card_is_written_only_as_it_was_read(both):
    store = with_model(both)
    with store.write() as session:
        read = cards.card_text(session, 2)
        cards.put_card_text(session, read, {"summary": "a"}, by="Omar", at=NOW)
        with pytest.raises(ConflictError, match="changed by somebody else"):
            cards.put_card_text(session, replace(read, row_version=5), {"summary": "b"}, by="Ana", at=NOW)
    with store.read() as session:
        written = replace(read, document={"summary": "a"}, updated_by="Omar", row_version=1)
        assert cards.card_text(session, 2) == written
