from dataclasses import replace

from core.releases.gates.fit import CardStanding
from core.releases.gates.limits import gate_limits
from core.releases.gathering.comparing import Comparison
from core.releases.gathering.document import document_of
from core.releases.gathering.facts import Handed, Importances

LIMITS = gate_limits()


def told(facts, **more):
    parts = {"importances": {"challenger": Importances(why="no file")}, "further": (), "limits": LIMITS} | more
    handed = parts.pop("handed", Handed())
    return document_of(facts, handed, Comparison(pairs=None), **parts)


def test_versions_of_limits_and_policy_stand_in_the_document(facts):
    document = told(facts)
    assert document["limits"]["gates"] == LIMITS.version
    assert document["policy"] == {"name": "standard", "version": 2}
    assert document["window"] == {"start": "2024-03-01", "end": "2024-04-08", "last": "2024-04-07", "units": 38}


def test_what_changed_is_told_feature_by_feature(facts):
    schema = facts.champion.schema
    less = replace(schema, features={name: one for name, one in schema.features.items() if name != "age"})
    changed = told(replace(facts, champion=replace(facts.champion, schema=less)))["changed"]
    assert changed["features"] == {"added": ["age"], "removed": [], "kept": 2}
    assert changed["artifact"]["champion"] is None


def test_the_card_is_frozen_as_it_was(facts):
    card = CardStanding(markdown="# churn", missing=("limits",), completeness=0.5)
    assert told(facts, handed=Handed(card=card))["card"] == {
        "markdown": "# churn",
        "missing": ["limits"],
        "completeness": 0.5,
    }


def test_importance_is_compared_only_where_both_are_known(facts):
    ours, theirs = Importances(points=(("a", 3.0), ("b", 1.0))), Importances(points=(("a", 1.0), ("b", 1.0)))
    changes = told(facts, importances={"champion": ours, "challenger": theirs})["importance"]["changes"]
    assert changes[0] == {"feature": "a", "champion": 0.75, "challenger": 0.5}
    assert told(facts)["importance"]["changes"] == []
    assert told(facts)["importance"]["challenger"]["why"] == "no file"
