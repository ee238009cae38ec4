"""Who took part in building a version, compared so that another way of writing a name is no way around it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Developers:
    """Who built a version: people by their names, and what the record says of its developer in free words.

    ``name in developers`` is the question that separation of duties asks. `written` is free text, so that it counts
    generously: whoever has all their words in it, or all of its words in their name, is meant. Case, accents, order,
    signs and an initial for a first name make no difference. Who is taken for somebody else by it is told so, and
    the record can be made more exact; the other error would let somebody judge their own work.
    """

    names: frozenset[str]
    written: str = ""

    def __contains__(self, name: object) -> bool:
        mine, theirs = _words(str(name)), _words(self.written)
        if mine in {_words(one) for one in self.names}:
            return True
        return bool(mine and theirs) and (_all_among(mine, theirs) or _all_among(theirs, mine))


def developers(document: Mapping[str, Any], *names: str) -> Developers:
    """Return who took part in building a version: the developer of the record, and whoever else is named.

    >>> ["REYES, Dána" in developers({"developer": "Dana Reyes"}), "Dana" in developers({"developer": "D. Reyes"})]
    [True, False]
    """
    written = document.get("developer")
    known = frozenset(name for name in names if name)
    return Developers(names=known, written=written if isinstance(written, str) else "")


def _words(text: str) -> tuple[str, ...]:
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return tuple(sorted(re.findall(r"[^\W_]+", plain.casefold())))


def _all_among(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether each of `some` is one of `others` or its initial, and one at least is written out in both."""
    fits = all(any(_fits(word, other) for other in others) for word in some)
    return fits and any(len(word) > 1 and word in others for word in some)


def _fits(word: str, other: str) -> bool:
    return word == other or (1 in (len(word), len(other)) and word[0] == other[0])
