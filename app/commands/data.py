"""ingest, actuals, batch, profile: how data comes in, and goes out again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.options import As, Home, Json, Model, answer, opened, progress, table

Files = Annotated[list[Path], typer.Argument(help="Parquet, CSV or JSON Lines files.")]


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.command("ingest")(ingest)
    program.command("actuals")(actuals)
    program.command("profile")(profile)
    batches = typer.Typer(help="Files that were taken in.", no_args_is_help=True)
    batches.command("list")(batch_list)
    batches.command("revert")(batch_revert)
    program.add_typer(batches, name="batch")


def ingest(
    model: Model,
    version: Annotated[str, typer.Argument(help="Version that scored the rows.")],
    files: Files,
    role: Annotated[str, typer.Option("--role", help="served, shadow, canary or replay.")] = "served",
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> int:
    """Take in prediction files."""
    from app import actions

    store, principal = opened(home, as_name)
    document = actions.ingest(store, principal, model=model, version=version, files=files, role=role)
    return _outcome(document, as_json=as_json)


def actuals(
    model: Model,
    files: Files,
    all_days: Annotated[bool, typer.Option("--all-days", help="Search beyond actual_window.")] = False,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> int:
    """Take in files of actuals (the late labels)."""
    from app import actions

    store, principal = opened(home, as_name)
    document = actions.ingest_actuals(store, principal, model=model, files=files, all_days=all_days)
    return _outcome(document, as_json=as_json)


def _outcome(document: Mapping[str, Any], *, as_json: bool) -> int:
    answer(document, [_line(row) for row in document["files"]], as_json=as_json)
    refused = [row for row in document["files"] if row["refused"]]
    for row in refused:
        progress(" ".join(str(row["reason"]).split()))
    return 2 if refused else 0


def _line(row: Mapping[str, Any]) -> str:
    if row["refused"]:
        return f"{row['file']}: refused"
    if row["duplicate"]:
        return f"{row['file']}: already ingested as batch {row['batch']}"
    parts = [f"{row['accepted']:,} rows accepted"]
    if row["quarantined"]:
        parts.append(f"{row['quarantined']:,} quarantined")
    parts += [
        f"{row[name]:,} {name.replace('_', ' ')}" for name in ("matched", "unmatched", "corrected") if name in row
    ]
    told = f" ({row['reason']})" if row["reason"] else ""
    return f"{row['file']}: batch {row['batch']}, {', '.join(parts)}{told}"


def profile(
    model: Model,
    engine: Annotated[str, typer.Option("--engine", help="inline")] = "inline",
    compact: Annotated[bool, typer.Option("--compact", help="Also rewrite closed days as one file each.")] = False,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Bring the profiles and the states up to date with the log."""
    from app import actions
    from core.errors import BadInputError

    if engine != "inline":
        raise BadInputError(f"The engine '{engine[:40]}' is not available in this version; use inline.")
    store, principal = opened(home, as_name)
    document = actions.profile(store, principal, model=model, compact=compact)
    line = f"{model}: {document['windows']:,} windows, {document['rows']:,} rows, {document['seconds']:.1f} s"
    answer(document, [line], as_json=as_json)


def batch_list(model: Model, home: Home = None, as_name: As = None, as_json: Json = False) -> None:
    """List the files taken in, newest first."""
    from core.log.service import batches

    store, _ = opened(home, as_name)
    rows = [batch.as_json() for batch in batches(store, model)]
    columns = ("batch", "kind", "version", "role", "state", "accepted", "quarantined", "file")
    shown = [["" if row[c] is None else row[c] for c in columns[:-1]] + [Path(row["file"]).name] for row in rows]
    lines = table(shown, columns) if rows else ["No file yet."]
    answer({"model": model, "batches": rows}, lines, as_json=as_json)


def batch_revert(
    batch: Annotated[int, typer.Argument(help="Number of the batch.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit trail.")],
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Take a wrong file back out of the log."""
    from app import actions

    store, principal = opened(home, as_name)
    document = actions.revert_batch(store, principal, batch=batch, reason=reason)
    answer(document, [f"Batch {batch} is out of the log again; its file may be taken in anew."], as_json=as_json)
