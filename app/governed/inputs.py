"""One input for one field of a record or card, and what it holds afterwards."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import streamlit as st

from core.inventory.field_types import FieldType, Typed, is_empty

TEXT_HEIGHT = 96
UNSAID = "not said"


class Named(Typed, Protocol):
    """A field with a name and an explanation."""

    @property
    def label(self) -> str:
        """Return its name on screens."""
        ...

    @property
    def help(self) -> str:
        """Return what stands in it."""
        ...


def ask(field: Named, held: Any, *, key: str, closed: str = "", hint: str = "") -> Any:
    """Draw the input of a field with what it holds; return what it holds now.

    Parameters
    ----------
    closed : why whoever acts may not write it; empty when they may
    hint : what stands in an empty text
    """
    told = f"{field.help}. {closed}" if closed else field.help
    shown: dict[str, Any] = {"label": field.label, "help": told, "disabled": bool(closed), "key": key}
    match field.type:
        case FieldType.LINE:
            return st.text_input(value=held or "", placeholder=hint, **shown)
        case FieldType.TEXT:
            return st.text_area(value=held or "", height=TEXT_HEIGHT, placeholder=hint, **shown)
        case FieldType.LIST:
            entries = st.text_area(value="\n".join(held or ()), height=TEXT_HEIGHT, placeholder="one a line", **shown)
            return [line.strip() for line in entries.splitlines() if line.strip()]
        case FieldType.NUMBER:
            whole = held is None or float(held).is_integer()
            known = None if held is None else int(held) if whole else float(held)
            return st.number_input(value=known, min_value=0 if whole else 0.0, step=1 if whole else 0.01, **shown)
        case FieldType.DATE:
            picked = st.date_input(value=date.fromisoformat(held) if held else None, format="YYYY-MM-DD", **shown)
            return picked.isoformat() if isinstance(picked, date) else None
        case FieldType.YES_NO:
            return _one_of({True: "yes", False: "no"}, held, shown)
        case FieldType.CHOICE:
            return _one_of(
                {word: f"{word.replace('_', ' ')}: {meaning}" for word, meaning in field.choices.items()}, held, shown
            )


def _one_of(words: Mapping[Any, str], held: Any, shown: Mapping[str, Any]) -> Any:
    options = [None, *words]
    return st.selectbox(
        options=options,
        index=options.index(held) if held in words else 0,
        format_func=lambda word: UNSAID if word is None else words[word],
        **shown,
    )


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is different now; what says nothing any more is None, which takes it out.

    >>> changes({"a": "x", "b": ["y"]}, {"a": "", "b": ["y"], "c": None, "d": 0})
    {'a': None, 'd': 0}
    """
    wanted = {code: None if is_empty(value) else value for code, value in now.items()}
    return {code: value for code, value in wanted.items() if value != before.get(code)}
