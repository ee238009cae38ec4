"""YAML from outside and for outside: plain values only, and one sentence for whatever is wrong with it."""

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

import yaml

from core.errors import BadInputError
from core.log.names import shown

MAX_BYTES = 1_000_000
_WORDS_OF_YAML = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


class _SafeLoader(yaml.SafeLoader):
    """YAML of plain values: no repeated or composite keys, no tags, no aliases (a few lines unfold to gigabytes)."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        problem = None
        if isinstance(event, yaml.AliasEvent):
            problem = "aliases (*name) are not read"
        elif getattr(event, "tag", None) is not None:
            problem = f"tags ({shown(event.tag.replace('tag:yaml.org,2002:', '!!'))}) are not read; write a plain value"
        if problem is not None:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be one plain word", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {shown(key.value)} is there twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_yaml(text: str, where: str) -> Any:
    """Parse YAML text safely.

    Raises
    ------
    BadInputError
        Naming line and column of the first mistake.
    """
    if len(text) > MAX_BYTES:
        raise BadInputError(f"{where} has {len(text):,} characters, more than {MAX_BYTES:,}; is it the right file?")
    try:
        return yaml.load(text, Loader=_SafeLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise BadInputError(f"{where} is not readable YAML{place}: {error.problem or 'it is malformed'}.") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        raise BadInputError(
            f"{where} is not readable YAML: it holds a character or a value that YAML forbids."
        ) from None


def read_text(path: Path) -> str:
    """Return the text of a small UTF-8 file.

    Raises
    ------
    BadInputError
        When it cannot be read, is too large, or is not UTF-8.
    """
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode) and not S_ISDIR(status.st_mode):
            raise BadInputError(
                f"{shown(path.name)} is not a regular file (a pipe or a device); write it to a file first."
            )
        if status.st_size > 4 * MAX_BYTES:
            raise BadInputError(f"{path.name} is larger than {4 * MAX_BYTES:,} bytes; is it the right file?")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInputError(f"{path.name} is not UTF-8 text; save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "the path is not usable"
        raise BadInputError(f"{shown(str(path), 200)} cannot be read: {why}.") from None


class _SafeDumper(yaml.SafeDumper):
    """YAML that escapes what other readers of YAML, and itself, take for the end of a line."""


def _quoted_breaks(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if any(c in text for c in "\r\n\x85\u2028\u2029\ufeff") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_SafeDumper.add_representer(str, _quoted_breaks)


def write_yaml(document: Mapping[str, Any]) -> str:
    """Return a document as YAML text that `read_yaml` reads back as it was."""
    return str(yaml.dump(document, Dumper=_SafeDumper, sort_keys=False, allow_unicode=True))


def quoted(text: str) -> str:
    """Return one text as YAML reads it back: plain when it cannot be taken for something else.

    >>> [quoted(name) for name in ("temp", "no", "a: b", "1")]
    ['temp', '"no"', '"a: b"', '"1"']
    """
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", text) and text.lower() not in _WORDS_OF_YAML:
        return text
    whole = yaml.dump(text, Dumper=_SafeDumper, default_style='"', allow_unicode=True, width=float("inf"))
    return str(whole).rstrip("\n")
