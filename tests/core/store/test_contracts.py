from core.store import contracts


def test_the_newest_revision_is_in_force(fleet):
    with fleet.write() as session:
        revision, document = contracts.latest_contract(session, 1)
        assert revision == 1
        changed = {**document, "version": "9"}
        added = contracts.add_contract(session, version_id=1, document=changed, accepted_by="ana", at=fleet.clock.now())
        assert added == 2
        assert contracts.latest_contract(session, 1) == (2, changed)
        assert contracts.latest_contract(session, 99) is None


def test_an_accepted_contract_says_who_accepted_it_and_when(fleet):
    with fleet.read() as session:
        found = contracts.accepted_contract(session, 1)
        assert (found.revision, found.accepted_by) == (1, "local")
        assert found.accepted_at.tzinfo is not None
        assert found.contract.rules
        assert contracts.accepted_contract(session, 99) is None
