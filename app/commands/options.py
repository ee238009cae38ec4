"""Options that every command takes, and the two ways in which a command speaks: for people or as JSON."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.access.principal import Principal
    from core.store.database import Store

HOME_VARIABLE = "WATCHROOM_HOME"
DEFAULT_HOME = ".watchroom"

Home = Annotated[
    Path | None, typer.Option("--home", help=f"Folder of the store (else ${HOME_VARIABLE}, else {DEFAULT_HOME}/).")
]
As = Annotated[str | None, typer.Option("--as", help="Act as this person (local mode).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Model = Annotated[str, typer.Argument(help="Name of the model.")]


def home_of(home: Path | None) -> Path:
    """Return the store's folder: the option, else the environment variable, else the default."""
    return home or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)


def opened(home: Path | None, as_name: str | None) -> tuple["Store", "Principal"]:
    """Open the store and say who acts."""
    from core.access.service import resolve_principal
    from core.store.database import open_store

    store = open_store(home_of(home))
    return store, resolve_principal(store, as_name)


def say(text: str) -> None:
    """Print a line for a person."""
    typer.echo(text)


def progress(text: str) -> None:
    """Print a line about work under way; standard output stays free for the result."""
    typer.echo(text, err=True)


def answer(document: Mapping[str, Any], lines: Sequence[str], *, as_json: bool) -> None:
    """Print the result once: as one JSON document, or as lines for a person."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False, default=str) + "\n")
        return
    for line in lines:
        say(line)


def table(rows: Sequence[Sequence[object]], header: Sequence[str]) -> list[str]:
    """Return rows as aligned lines of text under a header.

    >>> table([["v1", 3]], ["version", "rows"])
    ['version  rows', 'v1       3']
    """
    cells = [[str(cell) for cell in row] for row in [list(header), *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
