"""Denied attempts as values: what was asked for, about what, and how often the same may be written down.

An audit chain must not be a way to fill the disk. The same attempt by the same person is written at the first, the
tenth, the hundredth time … within a minute; who is denied many different things in a minute has the first of them
written singly and the others as one.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

MOST_SINGLY = 30
"""Different denied attempts of one person in one minute that are written singly."""

LONGEST_ID = 200
SECONDS = 60
NAMED = (
    ("release_id", "release"),
    ("release", "release"),
    ("finding_id", "finding"),
    ("finding", "finding"),
    ("batch_id", "batch"),
    ("job_id", "job"),
    ("segment", "segment"),
    ("model", "model"),
    ("name", "person"),
)
"""Arguments of services that say what an attempt was about, the narrowest first, and the type of that object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """An attempt that was refused: who asked for what, about which object, and the rule that said no."""

    actor: str
    asked: str
    object_type: str
    object_id: str
    code: str
    why: str = field(compare=False)

    def as_after(self, times: int) -> dict[str, object]:
        """Return what the audit entry holds; `times` counts this attempt in this minute, in this process."""
        return {"asked": self.asked, "code": self.code, "why": self.why, "times": times}


Counts = Counter[tuple[str, int, str, Denial]]
"""How often each attempt was made in each store and minute; kept by whoever counts."""


def asked_for(module: str, function: str) -> str:
    """Return the name of what was asked for.

    >>> asked_for("core.releases.service", "approve"), asked_for("core.inventory.record.service", "edit")
    ('releases.approve', 'inventory.record.edit')
    """
    return f"{module.removeprefix('core.').removesuffix('.service')}.{function}"


def object_of(arguments: Mapping[str, object]) -> tuple[str, str]:
    """Return (type, id) of what a service was asked about; the store where nothing narrower is named.

    >>> object_of({"store": None, "model": "churn", "version": "v2"}), object_of({"batch_id": 7}), object_of({})
    (('version', 'churn/v2'), ('batch', '7'), ('store', 'store'))
    """
    query = arguments.get("query")
    given = {name: getattr(query, name, None) for name in ("model", "version")} | dict(arguments)
    model, version = given.get("model"), given.get("version")
    for name, kind in NAMED:
        value = given.get(name)
        if kind == "model" and isinstance(model, str) and isinstance(version, str):
            return "version", _short(f"{model}/{version}")
        if isinstance(value, str | int):
            return kind, _short(str(value))
    return "store", "store"


def times_to_write(counts: Counts, store: str, denial: Denial, at: datetime) -> tuple[Denial, int]:
    """Count an attempt; returns what to write of it and how often it was made, 0 when nothing is to be written.

    `counts` forgets every minute but the present one.
    """
    minute = int(at.timestamp()) // SECONDS
    for key in [key for key in counts if key[1] != minute]:
        del counts[key]
    key = (store, minute, denial.actor, denial)
    singly = sum(known[0] == store and known[2] == denial.actor for known in counts)
    if key not in counts and singly >= MOST_SINGLY:
        denial = replace(
            denial, asked="many things", object_type="person", object_id=_short(denial.actor), code="many", why=""
        )
        key = (store, minute, denial.actor, denial)
    counts[key] += 1
    return denial, counts[key] if _is_power_of_ten(counts[key]) else 0


def key_of(denial: Denial, times: int, at: datetime) -> str:
    """Return the idempotency key of an entry (at most 64 characters): several processes write it once a minute."""
    told = "\0".join((denial.actor, denial.asked, denial.object_type, denial.object_id, denial.code))
    digest = hashlib.sha256(told.encode()).hexdigest()[:32]
    return f"deny:{int(at.timestamp()) // SECONDS:x}:{times:x}:{digest}"


def printable(text: str) -> str:
    r"""Return a text that every file and database can keep: a lone surrogate and a NUL become their escapes.

    >>> printable("a\ud800"), printable("b\x00")
    ('a\\ud800', 'b\\x00')
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= LONGEST_ID else f"{shown[: LONGEST_ID - 1]}…"


def _is_power_of_ten(n: int) -> bool:
    return str(n).strip("0") == "1"
