"""Who may approve a release under which rule, who may not and why, and whether the approvals suffice.

Every rule of the control matrix is filled by another person. People may be able to fill several rules, so that the
rules are given out anew at each approval: a maximum matching of rules and people by augmenting paths (Kuhn 1955).
Nobody is turned away because an earlier approval happens to stand under "their" rule.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from core.errors import RefusedError
from core.inventory.controls import QuorumRule

SECOND_LINE = frozenset({"validator", "approver"})
"""Roles that judge the work of others: who developed a version does not judge it in one of these."""

Rules = Sequence[QuorumRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """Somebody who approves, with the roles they hold now."""

    name: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who stands too near to a release: whoever asked for it, and whoever made the version."""

    requesters: frozenset[str]
    developers: Container[str]


def may_fill(voter: Voter, rule: QuorumRule, parties: Parties) -> bool:
    """Whether `voter` may approve under `rule`: by role, not as requester, and as developer not in the second line.

    >>> rule = QuorumRule(rule="approval", roles=frozenset({"owner", "validator"}))
    >>> near = Parties(requesters=frozenset({"dana"}), developers=frozenset({"omar", "vera"}))
    >>> [may_fill(Voter(name=name, roles=frozenset({role})), rule, near)
    ...  for name, role in (("dana", "owner"), ("omar", "owner"), ("vera", "validator"))]
    [False, True, False]
    """
    counted = voter.roles - SECOND_LINE if voter.name in parties.developers else voter.roles
    return voter.name not in parties.requesters and not counted.isdisjoint(rule.roles)


def rules_of(voters: Sequence[Voter], rules: Rules, parties: Parties) -> Mapping[str, str]:
    """Return person → rule for as many of `voters` as can be given a rule of their own; earlier ones first."""
    filled: dict[int, Voter] = {}
    for voter in voters:
        _place(voter, rules, parties, filled, set())
    return {voter.name: rules[index].rule for index, voter in sorted(filled.items())}


def waits_for(voters: Sequence[Voter], rules: Rules, parties: Parties) -> tuple[str, ...]:
    """Return the names of the rules that nobody fills yet; empty when the quorum is met."""
    filled = set(rules_of(voters, rules, parties).values())
    return tuple(rule.rule for rule in rules if rule.rule not in filled)


def why_not(voter: Voter, voters: Sequence[Voter], rules: Rules, parties: Parties) -> RefusedError | None:
    """Return why `voter` cannot approve beside the standing approvals of `voters`; None when they can."""
    if any(known.name == voter.name for known in voters):
        return RefusedError("already_approved_by_you", "You have approved this release already; others have to.")
    if voter.name in parties.requesters:
        return _self_approval()
    if not any(may_fill(voter, rule, parties) for rule in rules):
        return _unfit(voter, rules, parties)
    if voter.name in rules_of([*voters, voter], rules, parties):
        return None
    missing = ", ".join(f"'{name}'" for name in waits_for(voters, rules, parties)) or "nobody"
    return RefusedError("not_allowed", f"The rules that you can fill are filled; this release waits for {missing}.")


def why_too_near(voter: Voter, parties: Parties) -> RefusedError | None:
    """Return why `voter` cannot judge as a validator: they asked for the release or made the version; else None."""
    if voter.name in parties.requesters:
        return _self_approval()
    return _not_independent() if voter.name in parties.developers else None


def _self_approval() -> RefusedError:
    return RefusedError("self_approval", "You asked for this release: somebody else has to approve it.")


def _not_independent() -> RefusedError:
    return RefusedError(
        "not_independent", "You trained or added this version (developer ≠ validator): somebody else has to judge it."
    )


def _unfit(voter: Voter, rules: Rules, parties: Parties) -> RefusedError:
    if voter.name in parties.developers and any(not voter.roles.isdisjoint(rule.roles) for rule in rules):
        return _not_independent()
    needed = "; ".join(f"'{rule.rule}' by {' or '.join(sorted(rule.roles))}" for rule in rules)
    return RefusedError("not_allowed", f"{voter.name} can fill no rule of this release; it needs {needed}.")


def _place(voter: Voter, rules: Rules, parties: Parties, filled: dict[int, Voter], tried: set[int]) -> bool:
    """Give `voter` a rule, moving others to other rules where that makes room; says whether it could be done."""
    for index, rule in enumerate(rules):
        if index in tried or not may_fill(voter, rule, parties):
            continue
        tried.add(index)
        if index not in filled or _place(filled[index], rules, parties, filled, tried):
            filled[index] = voter
            return True
    return False
