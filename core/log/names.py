"""Names that people choose: which are accepted, and how they appear in a message."""

import unicodedata

MAX_NAME = 200
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
    return None


def shown(name: object, limit: int = 60) -> str:
    r"""Return a name or a value as it may stand in a message: quoted, printable, cut.

    >>> shown("a\nb")
    "'a\\nb'"
    >>> shown("x" * 100, limit=5)
    "'xxxxx…'"
    """
    text = name if isinstance(name, str) else str(name)
    cut = text if len(text) <= limit else text[:limit] + "…"
    safe = "".join(
        c if c.isprintable() and c not in _OVERRIDES else c.encode("unicode_escape", "backslashreplace").decode()
        for c in cut
    )
    return f"'{safe}'"


def same_name(name: str) -> str:
    """Return the form under which two names count as the same (NFC)."""
    return unicodedata.normalize("NFC", name)
