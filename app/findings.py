"""Sentences that several pages make from what the checks say."""

import re
from datetime import date

from app import words
from core.states import State
from core.windows import Grain, variation_words

ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
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


def told(why: str, grain: Grain = Grain.DAY) -> str:
    """Return what a check says with its units as people write them, and without the form of a missing number.

    Stored verdicts keep the words of the day on which they were judged: older ones tell of days in every log.

    >>> told("still open since 2013-12-11; this window: not applicable: no actuals yet")
    'still open since 11 Dec 2013; this window: no actuals yet'
    >>> told("still open since 1970-01-08; day-to-day variation unknown", Grain.BATCH)
    'still open since slice 7; slice-to-slice variation unknown'
    """
    dated = ISO_DAY.sub(lambda found: words.unit(date.fromisoformat(found[0]), grain), why)
    return dated.replace(variation_words(Grain.DAY), variation_words(grain)).replace("not applicable: ", "")
