"""Sentences that several pages make from what the checks say."""

from core.states import State

ALARMING = (State.CRITICAL, State.WARNING)


def reason(why: str, cause: str) -> str:
    """Return what the checks say as a sentence; the name of a feature keeps its first letter."""
    return f"{why}." if cause and why.startswith(cause) else sentence(why)


def sentence(text: str) -> str:
    """Return `text` with a capital letter and a full stop; identifiers keep their first letter."""
    if not text:
        return ""
    first_word = text.split(" ", 1)[0]
    capital = text if "_" in first_word or not first_word.isalpha() else text[0].upper() + text[1:]
    return capital if capital.endswith((".", "!", "?")) else f"{capital}."
