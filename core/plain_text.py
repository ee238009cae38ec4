"""Text that people write into records: what is accepted, so that it reads the same everywhere."""

import unicodedata

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters without a picture that Unicode does not count as formatting."""
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text_fault(text: str, *, longest: int, lines: bool = True) -> str | None:
    r"""Return why `text` cannot be kept, or None when it can.

    Anything readable is accepted, markup too: whatever shows it escapes it. Refused is what does not show, or turns
    the reading direction of what follows.

    Parameters
    ----------
    longest : int, characters
    lines : whether it may have more than one line

    >>> text_fault("one\ntwo", longest=20) is None
    True
    >>> text_fault("one\ntwo", longest=20, lines=False)
    'must be one line'
    """
    if len(text) > longest:
        return f"has {len(text):,} characters, more than {longest:,}"
    kept = text.replace("\n", "").replace("\t", "")
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in _TURNING for c in kept):
        return "holds an invisible control character"
    if not lines and kept != text:
        return "must be one line"
    if kept.strip() and not n_shown(kept):
        return "holds nothing that can be seen"
    return None


def n_shown(text: str) -> int:
    r"""Return how many characters of `text` can be seen; what stands between words counts once.

    >>> n_shown("a  b"), n_shown("\u200b" * 30), n_shown("\u3164 ")
    (3, 0, 0)
    """
    seen = "".join(c for c in text if c.isspace() or not _hidden(c))
    return len(" ".join(seen.split()))


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} or character in _BLANK
