import pytest

from core.errors import CoreError
from core.releases.gathering.packing import pack_profiles, unpack_profiles, without_groups


def test_what_is_packed_comes_out_again_but_for_groups(facts):
    kept = without_groups(facts.counts["challenger.window"], facts.hidden)
    found = unpack_profiles(pack_profiles(facts.counts, facts.hidden))
    assert set(found) == {"champion.window", "challenger.window", "challenger.reference", "challenger.now"}
    assert found["challenger.window"].ints.tolist() == kept.ints.tolist()
    assert found["challenger.window"].floats.tolist() == kept.floats.tolist()
    assert found["challenger.window"].layout.binning.id == kept.layout.binning.id


def test_the_counts_that_were_given_stay_as_they_are(facts):
    counts = facts.counts["challenger.window"]
    before = counts.ints.copy()
    pack_profiles(facts.counts, facts.hidden)
    assert (counts.ints == before).all()
    assert without_groups(counts, ()).ints.sum() < before.sum()


def test_of_a_protected_column_nothing_is_packed_though_it_is_a_feature_or_makes_segments(facts):
    counts = facts.counts["challenger.window"]
    found = unpack_profiles(pack_profiles({"one": counts}, {"income", "plan"}))["one"]
    gone = [name for name, block in counts.layout.ints.items() if name.endswith((":income", ":plan"))]
    assert {"feature:income", "cells:plan"} <= {*gone}
    for name in gone:
        assert counts.layout.ints[name].of(counts.ints).any()
        assert not found.layout.ints[name].of(found.ints).any()
    assert not found.layout.floats["tails:income"].of_floats(found.floats).any()
    segments = counts.layout.binning.segments
    mine = [place for place, one in enumerate(segments) if one.column == "plan"]
    others = [place for place in range(len(segments)) if place not in mine]
    for name in ("segment_totals", "segment_confusion", "cells:age"):
        before, after = (one.layout.ints[name].of(one.ints) for one in (counts, found))
        assert before[mine].any()
        assert not after[mine].any()
        assert (after[others] == before[others]).all()
    assert (found.layout.ints["feature:age"].of(found.ints) == counts.layout.ints["feature:age"].of(counts.ints)).all()


def test_the_same_counts_give_the_same_bytes(facts):
    assert pack_profiles(facts.counts, ()) == pack_profiles(dict(reversed(facts.counts.items())), ())


@pytest.mark.parametrize("spoiled", [b"", b"no zip", b"PK\x03\x04"])
def test_a_damaged_pack_is_refused(spoiled: bytes):
    with pytest.raises(CoreError, match="damaged"):
        unpack_profiles(spoiled)
