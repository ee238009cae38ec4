"""On whose behalf a page acts: in local mode anybody at this machine chooses, and the rules are the same for each."""

import streamlit as st

from app.reading import opened
from core.access.principal import LOCAL, Principal, Role
from core.access.service import people, resolve_principal

KEY = "persona"
ALONE = (
    "Single-user mode: whoever sits here may act as anybody, so what is decided here proves nothing about who did it. "
    "The rules are those of each person: what they may not do is refused."
)


def name() -> str:
    """Return the name of who acts; ``local`` is the administrator of this machine."""
    return str(st.session_state.get(KEY, LOCAL.name))


def acting(home: str) -> Principal:
    """Return who acts, with the roles that the store gives them now."""
    return resolve_principal(opened(home), name())


def roles_of(person: Principal) -> str:
    """Return the roles of a person as a part of a cache key."""
    return ",".join(sorted(person.roles))


def of_key(name: str, roles: str) -> Principal:
    """Return the person that a cache key holds.

    >>> person = Principal("Ana", frozenset({Role.OWNER, Role.VALIDATOR}))
    >>> of_key(person.name, roles_of(person)) == person
    True
    """
    return Principal(name, frozenset(Role(role) for role in roles.split(",") if role))


def choose(home: str) -> None:
    """Draw the choice of who acts at the foot of the sidebar; nothing while the store knows nobody."""
    known = {person.name: person for person in people(opened(home))}
    if not known:
        return
    if name() not in known:
        st.session_state[KEY] = LOCAL.name
    st.sidebar.selectbox(
        "Acting as",
        [LOCAL.name, *known],
        key=KEY,
        format_func=lambda one: "this machine" if one == LOCAL.name else one,
        persist_state="session",
        help=ALONE,
    )
    roles = ", ".join(sorted(known.get(name(), LOCAL).roles))
    st.sidebar.caption(f"{roles} · single-user mode: anybody here may act as anyone.")
