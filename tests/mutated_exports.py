"""Exports of the audit chain, each changed somewhere: what the verifier must never call ok."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Files = Mapping[str, bytes]


def mutants(whole: Files, draw: random.Random, n: int) -> Iterator[dict[str, bytes]]:
    """Yield `n` exports that differ from `whole` in at least one byte of one file."""
    while n:
        name = draw.choice(["audit.jsonl", "audit.jsonl", "manifest.json", "anchor.pub"])
        change = draw.choice(CHANGES[name])
        changed = change(whole[name], draw)
        if changed != whole[name]:
            n -= 1
            yield {**whole, name: changed}


def written(folder: Path, mutant: Files, there: Files) -> Files:
    """Write a mutant into a folder that holds `there`: what differs; returns it."""
    for name, content in mutant.items():
        if content != there[name]:
            (folder / name).write_bytes(content)
    return mutant


def flipped(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def inserted(content: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(content) + 1)
    return content[:start] + draw.choice([draw.randbytes(draw.randrange(1, 9)), b" ", b"\n", b"0"]) + content[start:]


def cut(content: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(content))
    return content[:start] + content[start + draw.randrange(1, 200) :]


def shortened(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content))]


def appended(content: bytes, draw: random.Random) -> bytes:
    first = content.splitlines(keepends=True)[0]
    return content + draw.choice([b"\n", b"{}\n", b"[" * 20_000, b"null\n", first, b" ", b"\x00"])


def lines_moved(content: bytes, draw: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    i, j = sorted(draw.sample(range(len(lines)), 2))
    return b"".join(
        draw.choice(
            [
                [*lines[:i], *lines[i + 1 :]],
                [*lines[:i], lines[j], *lines[i:]],
                [*lines[:i], lines[j], *lines[i + 1 : j], lines[i], *lines[j + 1 :]],
                lines[: i or 1],
                lines[i:],
            ]
        )
    )


def spaced(content: bytes, draw: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    i = draw.randrange(len(lines))
    new = draw.choice([b'"seq": ', b'"seq":1,"seq":', b'"SEQ":', b'"seq":0', b'"seq":+'])
    return b"".join([*lines[:i], lines[i].replace(b'"seq":', new), *lines[i + 1 :]])


def entry_edited(content: bytes, draw: random.Random) -> bytes:
    """Change a field of one entry, written as Watchroom writes it, with or without a hash made to fit."""
    from core.audit.offline import FIELDS, canonical, entry_hash

    lines = content.splitlines(keepends=True)
    i = draw.randrange(len(lines))
    entry = json.loads(lines[i])
    entry[draw.choice(FIELDS)] = draw.choice([draw.randrange(40), "x", None, "0" * 64, True, 1.0])
    if draw.random() < 0.5:
        entry["hash"] = entry_hash(entry)
    return b"".join([*lines[:i], canonical(entry) + b"\n", *lines[i + 1 :]])


def manifest_edited(content: bytes, draw: random.Random) -> bytes:
    """Change the manifest, written as Watchroom writes it."""
    from core.audit.offline import manifest_bytes

    stated = json.loads(content)
    fewer = stated["anchors"][:-1]
    target = stated if draw.random() < 0.5 else draw.choice(stated["anchors"])
    name = draw.choice(sorted(target))
    if draw.random() < 0.3:
        del target[name]
    else:
        target[name] = draw.choice([draw.randrange(40), "", "0" * 64, "00" * 64, None, [], {}, True, 21.0, [{}]])
    if draw.random() < 0.2:
        stated["anchors"] = draw.choice([[], fewer, {}, None])
    return manifest_bytes(stated)


ANY = (flipped, inserted, cut, shortened, appended)
CHANGES: Mapping[str, tuple[Callable[[bytes, random.Random], bytes], ...]] = {
    "audit.jsonl": (*ANY, lines_moved, spaced, entry_edited, entry_edited),
    "manifest.json": (*ANY, lines_moved, manifest_edited, manifest_edited, manifest_edited),
    "anchor.pub": ANY,
}
