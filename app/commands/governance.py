"""model record, card: what is written about a model and its versions."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import As, Home, Json, Model, answer, opened


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.command("card")(card)


def model_record(
    model: Model,
    file: Annotated[Path | None, typer.Argument(help="The record.yaml; without it the record is printed.")] = None,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Write fields of a model's governance record from a file, or print the record as such a file."""
    from core.inventory.record import read_record, record_text
    from core.inventory.recording.service import edit_record, governed_model

    changes = None if file is None else read_record(file)
    store, principal = opened(home, as_name)
    if changes is None:
        now = governed_model(store, model)
    else:
        now = edit_record(store, principal, model=model, changes=changes, reason=f"from {file.name}" if file else "")
    document = {
        "model": model,
        "record": dict(now.record.document),
        "status": now.record.status,
        "tier": now.tier.in_force,
        "tier_from": now.tier.source,
        "score": now.tier.computed.score if now.tier.computed else None,
        "missing": [*now.missing],
        "row_version": now.record.row_version,
    }
    if changes is None:
        answer(document, [record_text(now.record.document).rstrip("\n")], as_json=as_json)
        return
    lacking = f"; missing: {', '.join(now.missing)}" if now.missing else "; complete"
    line = f"{model}: {now.record.status}, tier {now.tier.in_force} ({now.tier.source}){lacking}."
    answer(document, [line], as_json=as_json)


def card(
    model: Model,
    version: Annotated[str, typer.Argument(help="Name of the version.")],
    as_html: Annotated[bool, typer.Option("--html", help="One HTML file instead of Markdown.")] = False,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Print the model card of a version: YAML header and Markdown, or HTML."""
    from app.cards.facts import card as card_of
    from core.cards import render

    store, principal = opened(home, as_name)
    found = card_of(store, principal, model=model, version=version)
    text = render.as_html(found) if as_html else render.as_markdown(found)
    document = {
        "model": model,
        "version": version,
        "completeness": found.completeness.share,
        "missing": [*found.completeness.missing],
        "html" if as_html else "markdown": text,
    }
    answer(document, [text.rstrip("\n")], as_json=as_json)
