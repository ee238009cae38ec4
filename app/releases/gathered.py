"""Evidence of a release, put together from the services that know its parts, and settled."""

from collections.abc import Callable, Mapping
from typing import Any

from app.cards.facts import card
from core.access.principal import Principal
from core.cards.render import as_markdown
from core.errors import BadInputError, NotEnoughDataError
from core.fairness.answer import ColumnAnswer, column_answer
from core.fairness.release import Release as GroupsReleased
from core.fairness.service import fairness_release
from core.fairness.suppression import SHOWN
from core.releases.gates.fit import CardStanding
from core.releases.gates.plain import plain_values
from core.releases.gathering.facts import Handed
from core.releases.gathering.service import GatheredEvidence, gather, model_of
from core.releases.release import Release
from core.releases.requesting.service import recheck, settle_evidence
from core.selection import MetricQuery
from core.store.database import Store

Report = Callable[[float, str], None]

SHADOW_ROLES = ("shadow", "canary")
RATES = ("selection_rate", "recall", "false_positive_rate", "accuracy")
"""Rates by group that a dossier shows."""


def gather_evidence(store: Store, principal: Principal, release_id: int, *, report: Report | None = None) -> Release:
    """Gather the evidence of a release that waits for it and send the release where its gates say."""
    found = _gathered(store, principal, release_id, report)
    return settle_evidence(
        store,
        principal,
        release_id,
        round_=found.round,
        document=found.document,
        profiles=found.profiles,
        validity=found.validity,
        gates=found.gates,
    )


def recheck_evidence(store: Store, principal: Principal, release_id: int, *, report: Report | None = None) -> Release:
    """Compute the gates of a release anew while it waits: another outcome makes it stale, the frozen pack stays."""
    found = _gathered(store, principal, release_id, report)
    return recheck(store, principal, release_id, gates=found.gates)


def _gathered(store: Store, principal: Principal, release_id: int, report: Report | None) -> GatheredEvidence:
    if report is not None:
        report(0.05, "reading card and groups")
    handed = handed_for(store, principal, release_id)
    return gather(store, principal, release_id, handed=handed, report=report)


def handed_for(store: Store, principal: Principal, release_id: int) -> Handed:
    """Return the card of the version and what may be shown of protected groups of both versions.

    Reading the groups is an audited read of each version.
    """
    model, release = model_of(store, release_id)
    written = card(store, principal, model=model.name, version=release.version)
    standing = CardStanding(
        markdown=as_markdown(written),
        missing=written.completeness.missing,
        completeness=written.completeness.share,
    )
    if release.champion is None:
        return Handed(card=standing, why_no_fairness="there is no champion to compare with")
    try:
        sides = {
            "champion": _groups(store, principal, MetricQuery(model=model.name, version=release.champion)),
            "challenger": _shadow_groups(store, principal, MetricQuery(model=model.name, version=release.version)),
        }
    except (NotEnoughDataError, BadInputError) as why:
        return Handed(card=standing, why_no_fairness=str(why).rstrip("."))
    return _with_groups(standing, sides)


def _groups(store: Store, principal: Principal, query: MetricQuery) -> dict[str, ColumnAnswer]:
    released = fairness_release(store, principal, query)
    return {name: _answer(released, name) for name in released.columns if released.columns[name].blocks}


def _shadow_groups(store: Store, principal: Principal, query: MetricQuery) -> dict[str, ColumnAnswer]:
    """Return what is released of the challenger's rows in shadow; in canary where there are none."""
    for role in SHADOW_ROLES[:-1]:
        try:
            return _groups(store, principal, MetricQuery(model=query.model, version=query.version, role=role))
        except NotEnoughDataError:
            continue
    return _groups(store, principal, query)


def _answer(released: GroupsReleased, column: str) -> ColumnAnswer:
    places = range(len(released.columns[column].blocks))
    return column_answer(
        released.columns[column],
        tuple(places),
        reference=released.reference_group(column),
        probability=released.probability,
        draws=0,
    )


def _with_groups(standing: CardStanding, sides: Mapping[str, Mapping[str, ColumnAnswer]]) -> Handed:
    both = [name for name in sides["champion"] if name in sides["challenger"]]
    same = [name for name in both if _labels(sides, "champion", name) == _labels(sides, "challenger", name)]
    protected = {
        name: tuple(
            bool(ours == SHOWN and theirs == SHOWN)
            for ours, theirs in zip(sides["champion"][name].mask, sides["challenger"][name].mask, strict=True)
        )
        for name in same
    }
    columns = [{"column": name, "groups": _rows(sides, name, shown)} for name, shown in protected.items()]
    why = "" if protected else "no group of a protected column may be shown of both versions yet"
    return Handed(card=standing, protected=protected, fairness=plain_values({"columns": columns}), why_no_fairness=why)


def _labels(sides: Mapping[str, Mapping[str, ColumnAnswer]], side: str, name: str) -> tuple[str, ...]:
    return tuple(sides[side][name].counts.labels)


def _rows(sides: Mapping[str, Mapping[str, ColumnAnswer]], name: str, shown: tuple[bool, ...]) -> list[dict[str, Any]]:
    return [
        {
            "group": label,
            "withheld": not shown[place],
            **{side: _rates(answers[name], place) if shown[place] else None for side, answers in sides.items()},
        }
        for place, label in enumerate(_labels(sides, "champion", name))
    ]


def _rates(answer: ColumnAnswer, place: int) -> dict[str, Any]:
    """Return the rates of one group that is shown, each with its interval."""
    found: dict[str, Any] = {"n": float(answer.rates.n_rows[place])}
    for name in RATES:
        one = answer.rates.estimates.get(name)
        if one is not None:
            found[name] = [float(one.value[place]), float(one.low[place]), float(one.high[place])]
    return found
