"""init, person, model, version, champion."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.governance import model_record
from app.commands.options import As, Home, Json, Model, answer, home_of, opened, progress, table


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.command("init")(init)
    program.command("champion")(champion)
    people = typer.Typer(help="People and their roles.", no_args_is_help=True)
    people.command("add")(person_add)
    program.add_typer(people, name="person")
    models = typer.Typer(help="Models under watch.", no_args_is_help=True)
    models.command("add")(model_add)
    models.command("record")(model_record)
    models.command("list")(model_list)
    models.command("show")(model_show)
    models.command("retire")(model_retire)
    program.add_typer(models, name="model")
    versions = typer.Typer(help="Versions of a model.", no_args_is_help=True)
    versions.command("add")(version_add)
    program.add_typer(versions, name="version")


def init(home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Make an empty store, or bring one of an earlier Watchroom up to date."""
    from app.actions import bring_up_to_date
    from core.access.principal import LOCAL
    from core.home.service import create_store
    from core.store.database import open_store

    folder = home_of(home)
    create_store(LOCAL, folder)
    bring_up_to_date(open_store(folder), LOCAL, say=progress)
    answer({"home": str(folder)}, [f"The store is ready in {folder}."], as_json=as_json)


def person_add(
    name: Annotated[str, typer.Argument(help="Name of the person.")],
    role: Annotated[list[str], typer.Option("--role", help="A role; may be given several times.")],
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Add a person with one or more roles, or change their roles."""
    from core.access.service import add_person

    store, principal = opened(home, as_name)
    person = add_person(store, principal, name, role)
    roles = sorted(person.roles)
    answer({"name": person.name, "roles": roles}, [f"{person.name}: {', '.join(roles)}"], as_json=as_json)


def model_add(
    file: Annotated[Path | None, typer.Argument(help="The model.yaml.")] = None,
    guess: Annotated[Path | None, typer.Option("--guess", help="Write a model.yaml from a log file.")] = None,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Add a model from its model.yaml (a changed file makes a new schema revision)."""
    from core.errors import BadInputError

    if (file is None) == (guess is None):
        raise BadInputError("Give either a model.yaml or --guess FILE, for example: watchroom model add model.yaml.")
    if guess is not None:
        from core.log.guess import guess_schema

        text = guess_schema(guess)
        answer({"model_yaml": text}, [text.rstrip("\n")], as_json=as_json)
        return
    from core.inventory.service import add_model
    from core.log.schema import load_schema

    assert file is not None
    schema = load_schema(file)
    store, principal = opened(home, as_name)
    added = add_model(store, principal, schema)
    document = {"model": added.model.name, "schema": added.schema_revision, "outcome": added.outcome}
    line = f"{added.model.name}: schema revision {added.schema_revision} ({added.outcome})."
    answer(document, [line], as_json=as_json)


def model_list(home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """List the models."""
    from core.inventory.service import models

    store, _ = opened(home, as_name)
    found = models(store)
    rows = [{"model": m.name, "owner": m.owner, "risk_tier": m.risk_tier, "state": m.state.value} for m in found]
    lines = (
        table([list(row.values()) for row in rows], ["model", "owner", "tier", "state"]) if rows else ["No model yet."]
    )
    answer({"models": rows}, lines, as_json=as_json)


def model_show(model: Model, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Show a model: its schema, versions and champion."""
    from core.inventory.service import model_detail

    store, _ = opened(home, as_name)
    detail = model_detail(store, model)
    champion = detail.champion.name if detail.champion else None
    versions = [
        {
            "version": v.name,
            "schema": v.schema_revision,
            "artifact_sha256": v.artifact_sha256,
            "binning": v.binning_id,
            "reference_rows": v.reference_rows,
            "provisional_reference": v.provisional,
        }
        for v in detail.versions
    ]
    document = {
        "model": detail.model.name,
        "owner": detail.model.owner,
        "risk_tier": detail.model.risk_tier,
        "state": detail.model.state.value,
        "champion": champion,
        "schema": detail.schema_revision,
        "schema_document": detail.schema.document(),
        "versions": versions,
    }
    lines = [
        f"{detail.model.name}: owner {detail.model.owner}, risk tier {detail.model.risk_tier}, "
        f"{detail.model.state.value}, champion {champion or 'none yet'}, schema revision {detail.schema_revision}",
        *table(
            [[v["version"], v["schema"], v["reference_rows"] or "no reference"] for v in versions],
            ["version", "schema", "reference rows"],
        ),
    ]
    answer(document, lines, as_json=as_json)


def model_retire(model: Model, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Stop watching a model; its records stay."""
    from core.inventory.service import retire_model

    store, principal = opened(home, as_name)
    retired = retire_model(store, principal, model)
    answer({"model": retired.name, "state": retired.state.value}, [f"{retired.name} is retired."], as_json=as_json)


def version_add(
    model: Model,
    version: Annotated[str, typer.Argument(help="Name of the version.")],
    artifact: Annotated[Path | None, typer.Option("--artifact", help="The model file, kept by its sha256.")] = None,
    reference: Annotated[Path | None, typer.Option("--reference", help="Log file of the reference sample.")] = None,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Add a version, with the sample that it is compared with."""
    from app import actions

    store, principal = opened(home, as_name)
    document = actions.add_version(
        store, principal, model=model, version=version, artifact=artifact, reference=reference
    )
    rows = document["reference_rows"]
    told = f"{rows:,} reference rows" if rows else "no reference yet"
    answer(document, [f"{model} {version}: schema {document['schema']}, {told}."], as_json=as_json)


def champion(model: Model, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """Say which version is live."""
    from core.inventory.service import model_detail

    store, _ = opened(home, as_name)
    detail = model_detail(store, model)
    live = detail.champion
    since = detail.model.champion_since
    document = {
        "model": model,
        "version": live.name if live else None,
        "since": since.isoformat() if since else None,
        "release": detail.model.champion_release_id,
    }
    answer(document, [f"{model}: {live.name if live else 'no version yet'}"], as_json=as_json)
