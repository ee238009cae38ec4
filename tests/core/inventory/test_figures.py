from dataclasses import replace

from core.inventory.figures import LONGEST_LABEL, lineage_rows
from core.inventory.lineage import STAGES, ReleaseFact, VersionFact, lineage
from tests.core.inventory.test_lineage import LOGS, V1, V2


def points(drawn):
    return next(trace for trace in drawn.data if trace.name == "nodes")


def drawn_of(name="v1"):
    versions = [replace(V1, name=name), V2]
    releases = [ReleaseFact(id=7, version=name, state="LIVE", environment="production")]
    found = lineage("flight-delay", versions, releases, [replace(LOGS[0], version=name), LOGS[1]])
    return found, lineage_rows(found)


def test_every_node_stands_in_the_row_of_its_stage_and_no_two_on_one_place():
    found, drawn = drawn_of()
    marks = points(drawn)
    assert [STAGES[int(-y)] for y in marks.y] == [node.stage for node in found.nodes]
    assert len(set(zip(marks.x, marks.y, strict=True))) == len(found.nodes)
    assert list(marks.customdata) == list(range(len(found.nodes)))
    for axis, values in ((drawn.layout.xaxis, marks.x), (drawn.layout.yaxis, marks.y)):
        low, high = axis.range
        assert all(low < value < high for value in values)


def test_every_edge_is_a_line_between_its_nodes():
    found, drawn = drawn_of()
    marks = points(drawn)
    place = {node.id: (x, y) for node, x, y in zip(found.nodes, marks.x, marks.y, strict=True)}
    lines = [tuple(zip(trace.x, trace.y, strict=True)) for trace in drawn.data if trace.mode == "lines"]
    assert lines == [(place[left], place[right]) for left, right in found.edges]


def test_names_are_drawn_as_they_are_and_long_ones_are_cut():
    _, drawn = drawn_of("<b>" + "x" * 60)
    text, shown = next(
        pair for pair in zip(points(drawn).text, points(drawn).hovertext, strict=True) if "xxx" in pair[0]
    )
    assert text.startswith("training of &lt;b&gt;xxx")
    assert text.endswith("…")
    assert len(text.replace("&lt;", "<").replace("&gt;", ">")) == LONGEST_LABEL
    assert "x" * 60 in shown


def test_a_model_with_one_version_and_nothing_more_can_be_drawn():
    only = VersionFact(
        name="v1",
        schema_revision=1,
        n_features=1,
        artifact_sha256=None,
        reference_sha256=None,
        reference_rows=None,
        added_by="",
        champion=False,
    )
    drawn = lineage_rows(lineage("m", [only], [], []))
    assert len(points(drawn).x) == 4
    assert list(drawn.layout.yaxis.ticktext) == ["dataset", "features", "training", "version"]
