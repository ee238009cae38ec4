"""What governs the sample fleet: records, model cards and validations, staged where they are invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app import releasing
from app.demo_findings import raise_findings
from app.demo_history import Say, at_start
from app.demo_people import ADMINISTRATOR, DEVELOPER, OWNER, VALIDATOR
from core.cards.service import edit_card
from core.inventory.controls import DEMO
from core.inventory.fields import not_editable
from core.inventory.record import read_record
from core.inventory.recording.service import edit_record, set_policy
from core.inventory.service import models
from core.log.plain_yaml import read_text, read_yaml
from core.releases.judging import service as judging
from core.releases.plan import AT_ONCE
from core.releases.states import ReleaseState
from core.reviews.service import record_review
from core.store.database import Store

SAMPLES = Path(__file__).resolve().parent.parent / "sample_data"
SERVED, CHALLENGER = "v1", "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Governed:
    """A model of the fleet: its record, since when it serves, how much is validated, when its owner looked at it."""

    record: str
    live_since: date
    scope: str
    reviewed: tuple[date, ...] = ()


MONTHLY = tuple(date(2013, month, 3) for month in (9, 10, 11, 12))

GOVERNED: Mapping[str, Governed] = {
    "credit-risk": Governed(
        record="credit_risk/record.yaml", live_since=date(2013, 8, 5), scope="full", reviewed=MONTHLY
    ),
    "demand": Governed(record="demand/record.yaml", live_since=date(2013, 8, 5), scope="full", reviewed=MONTHLY[-2:]),
    "ticket-routing": Governed(record="ticket_routing/record.yaml", live_since=date(2013, 8, 5), scope="targeted"),
    "flight-delay": Governed(
        record="flight_delay/record.yaml", live_since=date(2013, 4, 1), scope="targeted", reviewed=MONTHLY[:1]
    ),
    "employment": Governed(record="employment/record.yaml", live_since=date(2014, 1, 1), scope="full"),
    "employment-slices": Governed(record="employment/slices_record.yaml", live_since=date(2014, 1, 1), scope="full"),
}

VALIDATED = "Staged: data, method, results and code were gone through; what was found stands under Findings."
CHALLENGERS: Mapping[str, tuple[str, str]] = {
    "flight-delay": (
        "flight_delay/card_v2.yaml",
        "Staged: trained by the script of version 1 on three months more. The scores of January to June are out of "
        "fold, the artefact reproduces those from July on. It warns more flights at the same threshold: to be watched.",
    ),
    "employment": (
        "employment/card_v2.yaml",
        "Staged: sex and race are not read; the artefact gives the same score whatever stands in both columns. A "
        "little ranking is given up for it. What citizenship and ancestry tell of race is to be watched.",
    ),
}
"""The challengers that wait for a release: the owner's part of the card, and what the validation says."""


WANTED: Mapping[str, str] = {
    "flight-delay": "Staged: half a year of training instead of three months, summer included.",
    "employment": "Staged: sex and race are no longer read, for a little ranking power.",
}
"""Why the developer asks for each release."""

ACCEPTED: Mapping[str, str] = {
    "flight-delay": "Staged: ranking is not worse. The flights of a day are late together, so that half a year leaves "
    "the losses and their calibration open; to be watched. Nobody waits for these scores: latency is no matter.",
    "employment": "Staged: little is undecided, sex and race are no longer read; segments and race are to be watched.",
}
"""Why the validator lets approvers decide although a gate is inconclusive."""


def request_releases(store: Store, say: Say) -> None:
    """Put records, cards and validations into a fleet that is otherwise built, and request its releases."""
    say("records, model cards and validations (staged where invented)")
    set_policy(store, ADMINISTRATOR, DEMO, reason="Staged: nobody waits a day in a demonstration.")
    there = {model.name for model in models(store)}
    for model, governed in ((name, one) for name, one in GOVERNED.items() if name in there):
        then = at_start(store, governed.live_since)
        keep_record(then, model, read_record(SAMPLES / governed.record))
        _validate(then, model, SERVED, governed.scope, VALIDATED)
        for day in governed.reviewed:
            notes = "Staged: checks, findings and use were looked at; the incidents of the weeks before are known."
            record_review(at_start(store, day), OWNER, model=model, kind="owner_review", outcome="passed", notes=notes)
        raise_findings(store, model)
    for model, (card, notes) in CHALLENGERS.items():
        written = read_yaml(read_text(SAMPLES / card), card)
        edit_card(store, DEVELOPER, model=model, version=CHALLENGER, changes=written)
        _validate(store, model, CHALLENGER, GOVERNED[model].scope, notes)
        release = releasing.request(
            store, DEVELOPER, model=model, version=CHALLENGER, plan=AT_ONCE, reason=WANTED[model], say=say
        )
        if release.state is ReleaseState.NEEDS_HUMAN:
            judging.accept(store, VALIDATOR, release.id, reason=ACCEPTED[model])


def keep_record(store: Store, model: str, record: Mapping[str, Any]) -> None:
    """Write a record as its people would: the owner all they may, the validator the rest and the status."""
    own = record.keys() - {"status"} - {field.code for field in not_editable(record.keys(), OWNER.roles)}
    edit_record(store, OWNER, model=model, changes={code: record[code] for code in own})
    rest = {code: value for code, value in record.items() if code not in own}
    edit_record(store, VALIDATOR, model=model, changes=rest)


def _validate(store: Store, model: str, version: str, scope: str, notes: str) -> None:
    record_review(
        store, VALIDATOR, model=model, version=version, kind="validation", scope=scope, outcome="passed", notes=notes
    )
