import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audit.chain import GENESIS, Anchor, AuditEntry, canonical_json, content_hash, fields_of, link, verify
from core.audit.offline import FIELDS
from core.errors import BadInputError

AT = datetime(2026, 1, 1, tzinfo=UTC)


def chain_of(n: int) -> list[AuditEntry]:
    entries, previous = [], GENESIS
    for seq in range(1, n + 1):
        entry = AuditEntry(
            seq=seq,
            event_id=f"event-{seq}",
            at="2026-01-01T00:00:00.000000+00:00",
            actor="ana",
            roles="owner,viewer",
            action="model:model:add",
            object_type="model",
            object_id=f"model {seq}",
            before="{}",
            after=canonical_json({"n": seq}),
            reason="é–\n",
            idempotency_key=None if seq % 2 else f"key-{seq}",
            app_version="0.1.0",
            prev_hash=previous,
        )
        entries.append(link(entry))
        previous = entries[-1].hash
    return entries


def anchor_of(entry: AuditEntry, age: timedelta = timedelta(0)) -> Anchor:
    return Anchor(seq=entry.seq, hash=entry.hash, count=entry.seq, at=(AT - age).isoformat())


CHAIN = chain_of(60)
ANCHOR = anchor_of(CHAIN[-1])
TEXTS = [field for field in FIELDS if field not in ("seq", "idempotency_key")]


# Canonical JSON


def test_canonical_json_of_a_worked_example():
    class Colour(StrEnum):
        RED = "red"

    value = {"z": 1, "a": [0.1, None, True, "é\n"], "b": {"d": date(2013, 7, 1), "c": Colour.RED}, "s": frozenset("ba")}
    assert canonical_json(value) == (
        '{"a":["0.1",null,true,"é\\n"],"b":{"c":"red","d":"2013-07-01"},"s":["a","b"],"z":1}'
    )


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers() | st.none() | st.booleans()))
def test_equal_content_gives_equal_json_whatever_the_order(value):
    turned = dict(reversed(value.items()))
    assert canonical_json(turned) == canonical_json(value)
    assert json.loads(canonical_json(value)) == value


@given(st.floats())
def test_a_float_is_kept_to_its_last_bit(value):
    assert canonical_json({"x": value}) == f'{{"x":"{value!r}"}}'


@pytest.mark.parametrize("value", [{"x": "\ud800"}, {"\udfff": 1}])
def test_text_that_no_file_can_keep_is_refused(value):
    with pytest.raises(BadInputError, match="characters that no file can keep"):
        canonical_json(value)


def test_a_value_of_no_plain_kind_is_a_programming_error():
    with pytest.raises(TypeError, match="cannot hold a object"):
        canonical_json({"x": object()})


def test_the_content_hash_is_sha256_of_the_canonical_json():
    assert content_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


# The chain


def test_the_hash_of_an_entry_worked_by_hand():
    import hashlib

    entry = chain_of(1)[0]
    text = (
        '{"action":"model:model:add","actor":"ana","after":"{\\"n\\":1}","app_version":"0.1.0",'
        '"at":"2026-01-01T00:00:00.000000+00:00","before":"{}","event_id":"event-1","idempotency_key":null,'
        '"object_id":"model 1","object_type":"model","prev_hash":"' + "0" * 64 + '","reason":"é–\\n",'
        '"roles":"owner,viewer","seq":"1"}'
    )
    assert entry.hash == hashlib.sha256(text.encode()).hexdigest()


def test_every_field_but_the_hash_itself_is_hashed():
    assert {*FIELDS, "hash"} == set(fields_of(CHAIN[0]))


def test_text_that_no_file_can_keep_is_refused_in_every_field():
    with pytest.raises(BadInputError):
        link(replace(CHAIN[0], object_id="\ud800"))


def test_an_untouched_chain_verifies_and_tells_the_age_of_its_last_anchor():
    anchors = [anchor_of(CHAIN[9], timedelta(hours=5)), anchor_of(CHAIN[49], timedelta(hours=2))]
    report = verify(CHAIN, anchors, at=AT)
    assert report.as_json() == {"ok": True, "entries": 60, "first_bad": None, "anchor_age_s": 7200.0, "why": ""}


def test_an_empty_chain_verifies():
    assert verify([], at=AT).as_json() == {
        "ok": True,
        "entries": 0,
        "first_bad": None,
        "anchor_age_s": None,
        "why": "",
    }


def test_a_chain_without_an_anchor_says_what_could_not_be_seen():
    assert verify(CHAIN, at=AT).why == "no anchor: entries cut off from the end could not be seen"


@pytest.mark.parametrize("field", [*FIELDS, "hash"])
def test_a_change_of_any_field_is_found_at_its_exact_seq(field):
    random.seed(field)
    for seq in {1, 60, *random.sample(range(2, 60), 20)}:
        entry = CHAIN[seq - 1]
        old = getattr(entry, field)
        new = old + 1 if isinstance(old, int) else "x" if old is None else old[:-1] + ("0" if old[-1] != "0" else "1")
        changed = [*CHAIN[: seq - 1], replace(entry, **{field: new}), *CHAIN[seq:]]
        report = verify(changed, [ANCHOR], at=AT)
        assert (report.ok, report.first_bad, report.entries) == (False, seq, seq - 1), report


@pytest.mark.parametrize("seq", [1, 2, 30, 59])
def test_a_removed_doubled_inserted_or_exchanged_entry_is_found_where_it_happened(seq):
    removed = [*CHAIN[: seq - 1], *CHAIN[seq:]]
    doubled = [*CHAIN[:seq], CHAIN[seq - 1], *CHAIN[seq:]]
    exchanged = [*CHAIN[: seq - 1], CHAIN[seq], CHAIN[seq - 1], *CHAIN[seq + 1 :]]
    inserted = [*CHAIN[:seq], link(replace(CHAIN[seq], object_id="forged")), *CHAIN[seq:]]
    assert verify(removed, [ANCHOR], at=AT).first_bad == seq
    assert verify(doubled, [ANCHOR], at=AT).first_bad == seq + 1
    assert verify(exchanged, [ANCHOR], at=AT).first_bad == seq
    assert verify(inserted, at=AT).first_bad == seq + 2


def test_an_entry_forged_together_with_its_hash_is_found_at_the_next_one():
    forged = [*CHAIN[:29], link(replace(CHAIN[29], actor="eve")), *CHAIN[30:]]
    assert verify(forged, [ANCHOR], at=AT).first_bad == 31


def test_a_chain_renumbered_after_a_removal_does_not_pass():
    renumbered = [*CHAIN[:9], *(replace(entry, seq=entry.seq - 1) for entry in CHAIN[10:])]
    assert verify(renumbered, at=AT).first_bad == 10


@pytest.mark.parametrize("kept", [0, 1, 30, 59])
def test_a_tail_that_was_cut_off_is_found_by_an_anchor(kept):
    report = verify(CHAIN[:kept], [ANCHOR], at=AT)
    assert (report.ok, report.first_bad, report.entries) == (False, kept + 1, kept)
    assert f"{kept + 1} to 60 are missing" in report.why


@pytest.mark.parametrize("kept", [0, 1, 30, 59])
def test_a_tail_that_was_cut_off_cannot_be_found_without_an_anchor(kept):
    # the guard of the test above: if this one failed, anchors would not be what finds it
    assert verify(CHAIN[:kept], at=AT).ok


def test_a_chain_written_anew_up_to_its_end_is_found_by_an_anchor_and_only_by_it():
    forged, previous = CHAIN[:29], CHAIN[28].hash
    for entry in CHAIN[29:]:
        forged = [*forged, link(replace(entry, actor="eve", prev_hash=previous))]
        previous = forged[-1].hash
    assert verify(forged, at=AT).ok
    assert verify(forged, [anchor_of(CHAIN[28])], at=AT).ok
    assert verify(forged, [anchor_of(CHAIN[28]), anchor_of(CHAIN[39])], at=AT).first_bad == 40


@given(st.integers(0, 58), st.sampled_from(TEXTS), st.data())
def test_no_edited_text_passes(index, field, data):
    old = getattr(CHAIN[index], field)
    new = data.draw(st.text(max_size=90).filter(lambda text: text != old))
    try:
        changed = [*CHAIN[:index], replace(CHAIN[index], **{field: new}), *CHAIN[index + 1 :]]
        assert verify(changed, [ANCHOR], at=AT).first_bad == index + 1
    except UnicodeEncodeError:
        assert any(0xD800 <= ord(sign) <= 0xDFFF for sign in new)
