"""model record, card, policy: what is written about models, and which controls a store holds them to."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import As, Home, Json, Model, answer, opened


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.command("card")(card)
    program.command("policy")(policy)


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


def policy(
    name: Annotated[str | None, typer.Argument(help="The policy to use from now on; without it all are shown.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")] = "",
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Print the control matrix in force, or use another; releases that are open become stale."""
    from core.inventory.controls import policy as policy_of
    from core.inventory.controls import policy_names
    from core.inventory.recording import service

    store, principal = opened(home, as_name)
    used = service.set_policy(store, principal, name, reason=reason) if name else service.release_policy(store)
    known = [policy_of(one) for one in policy_names()]
    document = {**used.as_json(), "told": used.told, "policies": [{**one.as_json(), "told": one.told} for one in known]}
    lines = [f"{'*' if one.name == used.name else ' '} {one.name}/{one.version}: {one.told}" for one in known]
    answer(document, lines if name is None else [f"The policy is {used.name}: {used.told}."], as_json=as_json)
