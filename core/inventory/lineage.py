"""Where a version comes from and what came of it: data → features → training → version → releases → predictions.

A graph of values in columns, left to right in the order of `STAGES`; whoever shows it turns `link` into a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Stage(StrEnum):
    """What a node is; the columns of the graph from left to right."""

    DATASET = "dataset"
    FEATURES = "features"
    TRAINING = "training"
    VERSION = "version"
    RELEASE = "release"
    PREDICTIONS = "predictions"


STAGES = tuple(Stage)
SHA_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing of the graph.

    Attributes
    ----------
    id : str, unique in the graph
    detail : str
        A second line; empty where there is nothing more to say.
    link : tuple of str
        What to open: the kind of page and its key, such as ``("release", "7")``; empty where there is none.
    """

    id: str
    stage: Stage
    label: str
    detail: str
    link: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Nodes in the order in which they are shown, and edges from id to id."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]

    def of(self, stage: Stage) -> tuple[Node, ...]:
        """Return the nodes of one column, top to bottom."""
        return tuple(node for node in self.nodes if node.stage is stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFact:
    """What is known of a version: its features, artefact, and the reference it was compared with."""

    name: str
    schema_revision: int
    n_features: int
    artifact_sha256: str | None
    reference_sha256: str | None
    reference_rows: int | None
    added_by: str
    champion: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFact:
    """A release of a version."""

    id: int
    version: str
    state: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFact:
    """The predictions of a version in a role: how many rows, over which units."""

    version: str
    role: str
    rows: int
    first: str
    last: str


def lineage(
    model: str,
    versions: Sequence[VersionFact],
    releases: Sequence[ReleaseFact],
    logs: Sequence[LogFact],
    *,
    training_data: str = "",
) -> Lineage:
    """Return the graph of a model.

    What several versions share (a data set of the same content, a schema revision) is one node. Predictions hang on
    the release that let them count where there is one, else on the version itself: shadow rows, and versions that were
    live before releases were kept.

    Parameters
    ----------
    training_data : what the record says of the source of the training data
    """
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str], None] = {}
    for one in versions:
        chain = _before(model, one, training_data)
        nodes |= {node.id: node for node in chain}
        edges |= dict.fromkeys((left.id, right.id) for left, right in pairwise(chain))
    last = {one.name: f"version {one.name}" for one in versions}
    for release in releases:
        node = _release(release)
        nodes[node.id] = node
        edges[f"version {release.version}", node.id] = None
        if release.state == "LIVE":
            last[release.version] = node.id
    for log in logs:
        node = _log(model, log)
        nodes[node.id] = node
        source = last[log.version] if log.role in ("served", "canary") else f"version {log.version}"
        edges[source, node.id] = None
    ordered = sorted(nodes.values(), key=lambda node: STAGES.index(node.stage))
    return Lineage(nodes=tuple(ordered), edges=tuple(edges))


def _before(model: str, version: VersionFact, training_data: str) -> list[Node]:
    digest = version.reference_sha256
    rows = "no reference" if version.reference_rows is None else f"{version.reference_rows:,} rows"
    short = f"SHA-256 {digest[:SHA_SHOWN]}…" if digest else ""
    artifact = version.artifact_sha256
    link = ("version", model, version.name)
    return [
        Node(
            id=f"dataset {digest or version.name}",
            stage=Stage.DATASET,
            label=rows,
            detail="; ".join(part for part in (training_data, short) if part),
            link=link,
        ),
        Node(
            id=f"features {version.schema_revision}",
            stage=Stage.FEATURES,
            label=f"{version.n_features} features",
            detail=f"schema revision {version.schema_revision}",
            link=("schema", model),
        ),
        Node(
            id=f"training {version.name}",
            stage=Stage.TRAINING,
            label=f"training of {version.name}",
            detail=f"by {version.added_by}" if version.added_by else "",
            link=link,
        ),
        Node(
            id=f"version {version.name}",
            stage=Stage.VERSION,
            label=version.name,
            detail=", ".join(
                [*(["live"] if version.champion else []), f"file {artifact[:SHA_SHOWN]}…" if artifact else "no file"]
            ),
            link=link,
        ),
    ]


def _release(release: ReleaseFact) -> Node:
    return Node(
        id=f"release {release.id}",
        stage=Stage.RELEASE,
        label=f"release {release.id}",
        detail=f"{release.state.replace('_', ' ').lower()}, {release.environment}",
        link=("release", str(release.id)),
    )


def _log(model: str, log: LogFact) -> Node:
    return Node(
        id=f"log {log.version} {log.role}",
        stage=Stage.PREDICTIONS,
        label=f"{log.rows:,} {log.role}",
        detail=log.first if log.first == log.last else f"{log.first} to {log.last}",
        link=("log", model, log.version, log.role),
    )
