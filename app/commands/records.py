"""audit, doctor: whether the records and the set-up can be trusted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import As, Home, Json, answer, home_of, opened, table

if TYPE_CHECKING:
    from core.audit.chain import ChainReport


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.command("doctor")(doctor)
    audit = typer.Typer(help="The audit chain.", no_args_is_help=True)
    audit.command("verify")(verify)
    audit.command("export")(export)
    program.add_typer(audit, name="audit")


def verify(
    only_new: Annotated[bool, typer.Option("--only-new", help="Look only at what came after the last check.")] = False,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> int:
    """Verify the whole audit chain; exit code 1 when it does not hold."""
    from core.audit.service import verify as verify_chain

    store, _ = opened(home, as_name)
    report = verify_chain(store, only_new=only_new)
    answer(report.as_json(), _told(report), as_json=as_json)
    return 0 if report.ok else 1


def _told(report: "ChainReport") -> list[str]:
    """Return the outcome of a check in lines for a person."""
    if not report.ok:
        runs = ", ".join(f"{first:,} to {last:,}" for first, last in report.intact)
        held = [f"Between anchors still hold by themselves: entries {runs}."] if runs else []
        return [f"The chain does not verify: {report.why}.", *held]
    lines = [f"The chain holds: {report.entries:,} entries."]
    if report.checked_from > 1:
        lines.append(f"Looked at from entry {report.checked_from:,} on; what lies before on {report.checked_before}.")
    if report.anchor_age_s is not None:
        where = "outside the store too" if report.anchored_outside else "only beside the database"
        age = f"{report.anchor_age_s / 60:.0f} min"
        lines.append(f"The last anchor holds entry {report.anchored_to:,}, is {age} old and lies {where}.")
    return [*lines, *([f"{report.why[0].upper()}{report.why[1:]}."] if report.why else [])]


def export(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """Write the chain with a verifier that runs offline."""
    from core.audit.service import export as export_chain

    store, principal = opened(home, as_name)
    written = export_chain(store, principal, folder)
    answer(
        {"folder": str(written)},
        [f"Exported to {written}; check it with: python3 {written}/verify.py"],
        as_json=as_json,
    )


def doctor(
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    home: Home = None,
    as_name: As = None,
    as_json: Json = False,
) -> int:
    """Say what is wrong with the set-up and how to mend it; exit code 1 when something is."""
    from core.doctor.service import examine

    report = examine(home_of(home), strict=strict)
    rows = [[f.severity, f.code, f.what, f.fix] for f in report.findings]
    lines = table(rows, ["severity", "code", "what", "fix"]) if rows else ["Nothing to mend."]
    answer(report.as_json(), lines, as_json=as_json)
    return 0 if report.ok else 1
