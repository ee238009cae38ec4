"""What a release is held to: the column of the control matrix for its tier, and times that hold for every tier."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.inventory.controls import Controls, policy
from core.releases.release import Release

ACKNOWLEDGE_WITHIN = timedelta(minutes=15)
"""An executor that says nothing for this long leaves a release UNKNOWN: somebody has to look."""

SHORTEST_EMERGENCY_REASON = 20
"""Characters of a reason for going past a gate that fails."""


def controls_of(release: Release) -> Controls:
    """Return the controls that a release was submitted under: its policy and its tier of that time.

    When the matrix has a new version since, the validity key differs and the release is stale: it is never held
    to other controls without anybody seeing it.
    """
    return policy(release.policy["name"])[release.tier]


def label(named: Mapping[str, Any]) -> str:
    """Return name and version of a policy as the dossier and the validity key show them.

    >>> label({"name": "standard", "version": 1})
    'standard/1'
    """
    return f"{named['name']}/{named['version']}"
