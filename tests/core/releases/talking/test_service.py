import pytest

from core.errors import BadInputError, NotFoundError, RefusedError
from core.releases.talking import service as talking
from core.store import release_talk
from tests.audited import newest
from tests.core.releases.test_attachments import PNG
from tests.release_kit import BEA, OMAR, VERA, VIC, later, now, pending


def comments(store, release):
    with store.read() as session:
        return release_talk.comments(session, release.id)


def test_a_comment_changes_nothing_about_the_release(governed_store):
    release = pending(governed_store)
    made = talking.comment(governed_store, BEA, release.id, text=" Why now?\r\n<b>x</b> ", idempotency_key="k")
    again = talking.comment(governed_store, BEA, release.id, text="Why now?", idempotency_key="k")
    assert again == made
    assert (made.by, made.text) == ("Bea", "Why now?\n<b>x</b>")
    assert now(governed_store, release) == release
    assert comments(governed_store, release) == (made,)
    assert [entry.actor for entry in newest(governed_store) if entry.action == "releases:comment:add"] == ["Bea"]


@pytest.mark.parametrize("text", [" ", "a\x00b", "\u202eevil", "x" * 4_001])
def test_a_comment_that_cannot_be_shown_is_refused(governed_store, text):
    release = pending(governed_store)
    with pytest.raises(BadInputError):
        talking.comment(governed_store, BEA, release.id, text=text)
    with pytest.raises(RefusedError) as refused:
        talking.comment(governed_store, VIC, release.id, text="hello")
    assert refused.value.code == "not_allowed"


def test_a_file_is_kept_by_its_content_and_handed_out_as_it_was(governed_store):
    release = pending(governed_store)
    made = talking.attach(
        governed_store, OMAR, release.id, file="../../figure.png", content=PNG, text="see", idempotency_key="k"
    )
    assert (made.file, made.media_type, made.size) == ("figure.png", "image/png", len(PNG))
    assert talking.attach(governed_store, OMAR, release.id, file="x", content=PNG, idempotency_key="k") == made
    assert talking.attachment(governed_store, VERA, made.id) == (made, PNG)
    words = talking.comment(governed_store, VERA, release.id, text="seen")
    with pytest.raises(NotFoundError, match="has no file"):
        talking.attachment(governed_store, VERA, words.id)
    with pytest.raises(NotFoundError):
        talking.attachment(governed_store, VERA, 99)


def test_a_file_of_another_kind_or_beside_nothing_leaves_nothing_behind(governed_store):
    release = pending(governed_store)
    with pytest.raises(BadInputError, match="PDF and PNG"):
        talking.attach(governed_store, OMAR, release.id, file="x.pdf", content=b"<script>")
    with pytest.raises(NotFoundError):
        talking.attach(governed_store, OMAR, 99, file="x.png", content=PNG)
    assert not (governed_store.home / "attachments").exists()


def test_what_came_since_the_last_visit_is_new(governed_store):
    release = pending(governed_store)
    assert talking.visit(governed_store, VERA, release.id) is None
    hour = later(governed_store, hours=1)
    talking.comment(hour, OMAR, release.id, text="look again")
    before = talking.visit(hour, VERA, release.id)
    assert before == governed_store.clock.now()
    assert [one.text for one in comments(hour, release) if one.at > before] == ["look again"]
    assert talking.visit(later(hour, hours=1), VERA, release.id) == hour.clock.now()
    assert talking.visit(hour, OMAR, release.id) is None
