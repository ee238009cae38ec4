import pytest

from core.errors import CoreError
from core.releases.gathering.packing import pack_profiles, unpack_profiles, without_groups


def test_what_is_packed_comes_out_again_but_for_groups(facts):
    kept = without_groups(facts.counts["challenger.window"])
    found = unpack_profiles(pack_profiles(facts.counts))
    assert set(found) == {"champion.window", "challenger.window", "challenger.reference", "challenger.now"}
    assert found["challenger.window"].ints.tolist() == kept.ints.tolist()
    assert found["challenger.window"].floats.tolist() == kept.floats.tolist()
    assert found["challenger.window"].layout.binning.id == kept.layout.binning.id


def test_the_counts_that_were_given_stay_as_they_are(facts):
    counts = facts.counts["challenger.window"]
    before = counts.ints.copy()
    pack_profiles(facts.counts)
    assert (counts.ints == before).all()
    assert without_groups(counts).ints.sum() < before.sum()


def test_the_same_counts_give_the_same_bytes(facts):
    assert pack_profiles(facts.counts) == pack_profiles(dict(reversed(facts.counts.items())))


@pytest.mark.parametrize("spoiled", [b"", b"no zip", b"PK\x03\x04"])
def test_a_damaged_pack_is_refused(spoiled: bytes):
    with pytest.raises(CoreError, match="damaged"):
        unpack_profiles(spoiled)
