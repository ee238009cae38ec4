"""Where a rollback leads: the versions that were live before, and whether one still fits what arrives today."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.log.columns import storages
from core.log.schema import ModelSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Reign:
    """A version that became the champion, by which release, and whether that was a rollback."""

    version: str
    release: int | None = None
    by_rollback: bool = False


def earlier_live(reigns: Sequence[Reign], leaving: str) -> tuple[str, ...]:
    """Return the versions that `leaving` may be taken back to, the last champion first.

    A rollback undoes: what was taken back is no target any more. Without a release a model has its first
    version only, and nothing to go back to.

    >>> v1, v2, back = Reign(version="v1"), Reign(version="v2", release=1), Reign(version="v1", by_rollback=True)
    >>> earlier_live([v1, v2], "v2"), earlier_live([v1, v2, back], "v1")
    (('v1',), ())
    """
    standing: list[str] = []
    for reign in reigns:
        if reign.by_rollback and reign.version in standing:
            del standing[standing.index(reign.version) + 1 :]
        else:
            standing = [name for name in standing if name != reign.version] + [reign.version]
    return tuple(name for name in reversed(standing) if name != leaving)


def schema_gaps(target: ModelSchema, arriving: ModelSchema) -> tuple[str, ...]:
    """Return in words what a version with the schema `target` would miss in rows of the schema `arriving`.

    Every feature must arrive, as the same kind and in the same storage (numbers or text); empty when it fits.
    """
    stored, wanted = storages(arriving), storages(target)
    gaps = []
    for name, feature in target.features.items():
        here = arriving.features.get(name)
        if here is None and name not in stored:
            gaps.append(f"'{name}' no longer arrives")
        elif stored.get(name) != wanted[name]:
            gaps.append(f"'{name}' arrives as {stored.get(name, 'nothing')}, {wanted[name]} is needed")
        elif here is not None and here.kind != feature.kind:
            gaps.append(f"'{name}' arrives as {here.kind}, {feature.kind} is needed")
        elif here is not None and here.unit != feature.unit:
            gaps.append(f"'{name}' arrives in {here.unit or 'no unit'}, {feature.unit or 'no unit'} is needed")
    return tuple(gaps)
