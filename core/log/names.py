"""Names that people choose: which are accepted, and how they appear in a message."""

import unicodedata

MAX_NAME = 200
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Characters without a picture that Unicode does not count as formatting."""
_NON_JOINER, _JOINER, _AS_PICTURE = "\u200c", "\u200d", "\ufe0f"


def name_fault(name: str) -> str | None:
    r"""Return why `name` cannot be a column's or model's name, or None when it can.

    Anything readable is accepted (quotes, semicolons, emoji, right-to-left scripts), because
    names never reach a path or a statement. Invisible characters are not: two names that look
    the same must be the same.

    >>> name_fault("Robert'); DROP TABLE students;--") is None
    True
    >>> name_fault("a\x00b")
    'holds an invisible control character'
    """
    if not name.strip():
        return "is empty"
    if len(name) > MAX_NAME:
        return f"has {len(name):,} characters, more than {MAX_NAME}"
    if any(unicodedata.category(c) in {"Cc", "Cs"} or c in _OVERRIDES for c in name):
        return "holds an invisible control character"
    if name != name.strip():
        return "begins or ends with a space"
    unseen = next((c for before, c in zip(" " + name, name, strict=False) if _invisible(c, before)), None)
    return None if unseen is None else f"holds a character that cannot be seen (U+{ord(unseen):04X}); take it out"


def _invisible(character: str, before: str) -> bool:
    """Say whether a character shows nothing where it stands; joiners do show in some scripts and in emoji."""
    emoji = unicodedata.category(before) in {"So", "Sk"} or before == _AS_PICTURE
    if character in (_JOINER, _AS_PICTURE) and emoji:
        return False
    if character in (_JOINER, _NON_JOINER):
        return unicodedata.combining(before) != 9 and unicodedata.bidirectional(before) != "AL"
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"}:
        return character != " "
    return category == "Cf" or character in _BLANK or "\ufe00" <= character <= _AS_PICTURE or character >= "\U000e0000"


def shown(name: object, limit: int = 60) -> str:
    r"""Return a name or a value as it may stand in a message: quoted, printable, cut.

    >>> shown("a\nb")
    "'a\\nb'"
    >>> shown("x" * 100, limit=5)
    "'xxxxx…'"
    """
    text = name if isinstance(name, str) else str(name)
    cut = text if len(text) <= limit else text[:limit] + "…"
    return f"'{printable(cut)}'"


def printable(text: str) -> str:
    r"""Return text with whatever does not show, or changes how the rest shows, written as an escape.

    >>> printable("type \x0f")
    'type \\x0f'
    """
    return "".join(
        c if c.isprintable() and c not in _OVERRIDES else c.encode("unicode_escape", "backslashreplace").decode()
        for c in text
    )


def same_name(name: str) -> str:
    """Return the form under which two names count as the same (NFC)."""
    return unicodedata.normalize("NFC", name)
