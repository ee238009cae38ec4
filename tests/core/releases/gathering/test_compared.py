from core.releases.gathering.compared import ComparedVersion


def test_one_side_holds_what_reading_its_rows_needs(facts):
    side: ComparedVersion = facts.challenger
    assert side.roles == ("shadow", "canary")
    assert (len(side.units), side.units[0].n_rows) == (40, 150)
    assert set(side.schema.features) <= set(side.ids)
